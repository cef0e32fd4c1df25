"""A writing says no more of what is there than its scopes let it read, and each look is a line."""

from types import SimpleNamespace

import pytest

from cordee.access.models import Trace
from tests.fhir.door import codes

pytestmark = pytest.mark.django_db
PATCH = "application/json-patch+json"
SENT = {
    "resourceType": "Patient",
    "identifier": [{"system": "urn:partner:patient", "value": "odile-1"}],
    "name": [{"use": "official", "family": "Blanc", "given": ["Odile"]}],
    "birthDate": "1938-02-11",
}
HERS = "identifier=urn:partner:patient|odile-1"


@pytest.fixture
def narrowed(monkeypatch):
    """Scopes that let some interactions through, and no other."""

    def narrow(letters):
        scopes = SimpleNamespace(
            allow=lambda type_name, one: one in letters, parts=lambda type_name, one: ()
        )
        monkeypatch.setattr("cordee.fhir.caller.Everything", lambda: scopes)

    return narrow


@pytest.fixture
def known(stage):
    """A person whom the partner sent before."""
    return stage.machine.post("Patient", SENT).json()["id"]


def looks(pk):
    return Trace.objects.filter(kind="read", verb="people.person.read", subject_id=pk).count()


def refusals():
    return Trace.objects.filter(kind="refused", verb="fhir.patient", reason="scope").count()


def test_who_may_not_search_finds_nobody_by_a_condition(stage, known, narrowed):
    narrowed("crud")
    born = [{"op": "replace", "path": "/birthDate", "value": "1940-01-01"}]
    answers = [
        stage.machine.post("Patient", SENT, if_none_exist=HERS),
        stage.machine.put(f"Patient?{HERS}", SENT),
        stage.machine.send("PATCH", f"Patient?{HERS}", born, content_type=PATCH),
    ]
    assert [one.status_code for one in answers] == [403] * 3
    assert refusals() == 3  # what is refused inside a transaction leaves its line too


def test_what_is_found_instead_of_created_is_a_look_and_is_shown_to_who_reads(
    stage, known, narrowed
):
    found = stage.machine.post("Patient", SENT, if_none_exist=HERS)
    assert (found.status_code, found.json()["id"], looks(known)) == (200, known, 1)
    narrowed("cs")
    blind = stage.machine.post("Patient", SENT, if_none_exist=HERS)
    assert (blind.status_code, blind.content, looks(known)) == (200, b"", 2)
    assert f"Patient/{known}/" in blind["Location"]
    assert blind["ETag"]


def test_who_may_not_read_is_not_given_what_they_wrote(stage, narrowed):
    narrowed("cu")
    made = stage.machine.post("Patient", SENT)
    assert (made.status_code, made.content) == (201, b"")
    pk = made["Location"].partition("Patient/")[2].partition("/")[0]
    again = stage.machine.put(f"Patient/{pk}", SENT | {"id": pk, "birthDate": "1938-02-12"})
    assert (again.status_code, again.content) == (200, b"")


def test_a_patch_tells_nothing_to_who_may_not_read_and_is_a_look(stage, known, narrowed):
    guess = [{"op": "test", "path": "/birthDate", "value": "1900-01-01"}]
    wrong = stage.machine.send("PATCH", f"Patient/{known}", guess, content_type=PATCH)
    assert (wrong.status_code, looks(known)) == (422, 1)
    narrowed("cu")
    blind = stage.machine.send("PATCH", f"Patient/{known}", guess, content_type=PATCH)
    assert (blind.status_code, codes(blind), looks(known)) == (403, ["caller.scope"], 1)


def test_what_is_refused_under_a_condition_leaves_its_line(stage, narrowed):
    narrowed("us")
    answer = stage.machine.put(f"Patient?{HERS}", SENT)  # nobody: it would be created
    assert (answer.status_code, refusals()) == (403, 0)
    line = Trace.objects.get(kind="refused", verb="fhir.patient")
    assert line.reason == "caller.scope"
