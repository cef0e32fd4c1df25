"""What a bundle may cost: as many calls as it has entries, and no more than one may ask at once."""

import pytest

from cordee.fhir.bundles import entries, transaction
from cordee.fhir.bundles.links import places_in
from cordee.partners import flow
from tests.factories.partners import SystemFactory, asks
from tests.fhir.door import Machine, codes
from tests.fhir.test_bundles import bundle, entry, families, patient, statuses
from tests.support import Browser

pytestmark = pytest.mark.django_db


def test_each_entry_of_a_batch_counts_for_the_rate_of_its_client(settings):
    flow.forget()
    per_minute = 12 * settings.CORDEE.processes  # four at once: the batch itself, and three entries
    system = SystemFactory(scopes="system/Patient.rs", per_minute=per_minute)
    token = Browser().post("/fhir/oauth/token", asks(system)).json()["access_token"]
    sent = bundle("batch", *[entry("GET", "Patient?_summary=count") for _ in range(5)])
    answer = Machine().post("", sent, authorization=f"Bearer {token}")
    flow.forget()
    assert statuses(answer) == ["200 OK"] * 3 + ["429 Too Many Requests"] * 2


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_bundle_reads_two_hundred_times_at_most(machine, kind):
    sent = bundle(kind, *[entry("GET", "Patient?_summary=count") for _ in range(201)])
    answer = machine.post("", sent)
    assert (answer.status_code, codes(answer)) == (400, ["bundle.too_many_reads"])


def test_once_its_answers_are_too_long_a_batch_does_no_more(machine, monkeypatch):
    monkeypatch.setattr("cordee.fhir.bundles.receiving.MOST_BYTES", 10)
    sent = bundle("batch", entry("GET", "Patient"), entry("POST", "Patient", patient("Blanc")))
    answer = machine.post("", sent)
    assert [one[:3] for one in statuses(answer)] == ["200", "413"]
    said = answer.json()["entry"][1]["response"]["outcome"]["issue"]
    assert [one["code"] for one in said] == ["too-costly"]
    assert "Blanc" not in families()


def test_once_its_answers_are_too_long_a_transaction_leaves_nothing(machine, monkeypatch):
    sent = [entry("POST", "Patient", patient(one)) for one in ("Blanc", "Noir")]
    sent = bundle("transaction", *sent)
    monkeypatch.setattr(transaction, "MOST_BYTES", 10)
    answer = machine.post("", sent, prefer="return=representation")
    assert (answer.status_code, codes(answer)) == (413, ["bundle.too_long"])
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[0]"]
    assert families() == set()
    assert statuses(machine.post("", sent, prefer="return=minimal")) == ["201 Created"] * 2


def test_each_entry_of_a_transaction_is_read_once_for_what_it_speaks_of(monkeypatch):
    read = []
    places = lambda value, urls: read.append(value) or places_in(value, urls)  # noqa: E731
    monkeypatch.setattr(entries, "places_in", places)
    urls = [f"urn:uuid:00000000-0000-4000-8000-{at:012}" for at in range(12)]
    sent = [
        entry("POST", "Patient", {"tags": urls[at + 1 : at + 2]}, url)
        for at, url in enumerate(urls)
    ]
    asked = entries.entries_of({"entry": sent}, "")
    ordered = transaction._in_order(asked, {})
    assert [one.rank for one in ordered] == list(range(11, -1, -1))
    assert ordered[0].linked({}) == {"tags": []}
    assert len(read) == 12
