"""A label that a partner put holds whoever writes over it: it says who reads what is kept."""

import pytest

from cordee.access.versions import states_of
from cordee.fhir.models import KeptBody
from cordee.fhir.rules.sensitivity import ACT_CODE
from tests.factories.directory import AccountFactory
from tests.fhir.door import Machine, codes
from tests.fhir.test_care import sent
from tests.support import coordinator_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(stage):
    """Another coordinator of the desk, to whom nobody agreed that more be told."""
    return Machine(coordinator_of(stage.desk, account_id=AccountFactory().pk))


def label(code):
    return {"system": ACT_CODE, "code": code}


def marked(code, where="security"):
    return {"meta": {where: [label(code)]}}


WIDOW = [{"url": "urn:partner:situation", "valueString": "veuve"}]
"""What no element of the house tells."""


def brought(stage, kind, **labelled):
    """What a partner sends of the person, with a label. Gives its address, and what is kept."""
    resource = sent(kind, stage)
    resource["extension"] = [*resource.get("extension", []), *WIDOW]
    answer = stage.machine.post(kind, resource | labelled)
    assert answer.status_code == 201, answer.content
    pk = answer.json()["id"]
    return f"{kind}/{pk}", KeptBody.objects.filter(resource_id=pk)


def written_over(machine, address, **said):
    """What a partner may read of it, written over with a tag of its own."""
    read = machine.get(address).json()
    assert "veuve" not in str(read)
    return machine.put(address, read | {"meta": {"tag": [{"code": "lot-2"}]}} | said)


@pytest.mark.parametrize("where", ["security", "tag"])
@pytest.mark.parametrize("kind", ["Patient", "RelatedPerson", "ServiceRequest"])
def test_who_was_not_told_it_takes_no_label_off(stage, colleague, kind, where):
    address, kept = brought(stage, kind, **marked("ETH", where))
    answer = written_over(colleague, address)
    assert answer.status_code == 200, answer.content
    assert (kept.get().category, "veuve" in kept.get().sent) == ("mental_health", True)
    assert "veuve" not in colleague.get(address).content.decode()
    theirs = stage.machine.get(address).json()
    assert "veuve" in str(theirs)
    assert label("ETH") in theirs["meta"][where]


def test_a_label_of_a_part_that_gives_way_to_another_still_holds(stage, colleague):
    inside = {"resourceType": "Basic", "id": "b", "code": {"text": "x"}}
    link = {"extension": [{"url": "urn:partner:b", "valueReference": {"reference": "#b"}}]}
    own = link | {"contained": [inside | marked("SDV", "tag")], "photo": [{"title": "veuve"}]}
    address, kept = brought(stage, "RelatedPerson", **own)
    other = written_over(colleague, address, contained=[inside], **link)
    assert other.status_code == 200, other.content
    assert (kept.get().category, "veuve" in kept.get().sent) == ("social", True)
    assert label("SDV") in stage.machine.get(address).json()["meta"]["security"]


def test_who_was_told_it_takes_it_off_by_saying_which_version_they_read(stage):
    address, kept = brought(stage, "Patient", **marked("ETH"))
    plain = stage.machine.get(address).json() | {"meta": {"tag": [{"code": "lot-8"}]}}
    assert stage.machine.put(address, plain).status_code == 200
    assert kept.get().category == "mental_health"
    answer = stage.machine.put(address, plain, if_match=stage.machine.get(address)["ETag"])
    assert answer.status_code == 200, answer.content
    assert kept.get().category == "care"


def test_another_label_over_what_one_was_told_is_refused_and_by_the_version_is_not(stage):
    address, kept = brought(stage, "Patient", **marked("ETH"))
    other = stage.machine.get(address).json() | marked("SDV")
    answer = stage.machine.put(address, other)
    assert (answer.status_code, codes(answer)) == (422, ["body.categories"])
    answer = stage.machine.put(address, other, if_match=stage.machine.get(address)["ETag"])
    assert (answer.status_code, kept.get().category) == (200, "social")


@pytest.mark.parametrize("said", [marked("SDV"), {"photo": [{"title": "à elle"}]} | marked("SDV")])
def test_another_label_over_what_one_was_not_told_is_kept_apart_and_tells_nothing(
    stage, colleague, said
):
    address, kept = brought(stage, "RelatedPerson", **marked("ETH"))
    before = kept.get()
    phone = {"telecom": [{"system": "phone", "value": "0639980099"}]}
    answer = written_over(colleague, address, **said, **phone)
    assert answer.status_code == 200, answer.content
    after = kept.get()
    assert (after.category, after.sent) == ("mental_health", before.sent)
    assert after.author_id == before.author_id
    told = stage.machine.get(address).json()
    assert "veuve" in str(told)
    assert "+33639980099" in str(told["telecom"]).replace(" ", "")
    history = [stage.machine, colleague]
    assert all(one.get(f"{address}/_history").status_code == 200 for one in history)
    assert "à elle" not in stage.machine.get(f"{address}/_history").content.decode()
    assert "veuve" not in colleague.get(f"{address}/_history").content.decode()
    (theirs, *_) = states_of(KeptBody, [after.pk])[after.pk][::-1]
    assert (theirs["category"], '"SDV"' in str(theirs)) == ("social", True)
    assert written_over(colleague, address, **phone).status_code == 200


def test_lists_too_long_to_tell_what_changed_do_not_tell_what_hides(stage, colleague):
    phone = {"system": "phone", "value": "06 39 98 00 12"}
    mine, theirs = (
        [phone, *({"system": "other", "value": f"{who}{one}"} for one in range(600))]
        for who in ("a", "b")
    )
    address, kept = brought(stage, "Patient", **marked("ETH"), telecom=mine)
    before = kept.get()
    answer = written_over(colleague, address, telecom=theirs)
    assert answer.status_code == 200, answer.content
    assert (kept.get().category, kept.get().sent) == ("mental_health", before.sent)


def test_two_labels_of_ones_own_are_refused_whatever_hides(stage, colleague):
    two = {"meta": {"security": [label("ETH"), label("SDV")]}}
    hidden, _ = brought(stage, "Patient", **marked("ETH"))
    for address in (hidden, f"Patient/{stage.person.pk}"):
        answer = written_over(colleague, address, **two)
        assert (answer.status_code, codes(answer)) == (422, ["body.categories"])


# --- what a label does not narrow, as docs/fhir.md says -----------------------------------------


@pytest.mark.parametrize("code", ["PSY", "HIV"])
def test_a_labelled_request_is_received_and_read_by_who_answers(stage, colleague, code):
    address, kept = brought(stage, "ServiceRequest", **marked(code))
    read = colleague.get(address).content.decode()
    assert "Suites d’une chute" in read
    assert ("veuve" in read) == (kept.get().category == "care") == (code == "HIV")
