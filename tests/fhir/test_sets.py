"""What a transaction adds by the hundred is written in sets, and nobody sees the difference."""

import base64

import pytest

from cordee.access.models import Trace
from cordee.fhir.bundles import transaction
from cordee.fhir.models import KeptBody
from cordee.kernel.models import FactHeader
from cordee.liaison.models import Note, NoteDraft
from cordee.people.models import Person
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import codes
from tests.fhir.stage import set_stage
from tests.fhir.test_bundles import bundle, entry, patient
from tests.people.test_no_shadow import asked

pytestmark = pytest.mark.django_db
URL = "urn:uuid:7f2a1c9e-0d3b-4a51-9b11-3a5f6f7a0001"


def note(rank, subject, **more):
    """A note as a partner sends it, with what Cordée has no word for."""
    text = base64.b64encode(f"Passage {rank}, tout va bien.".encode()).decode()
    sent = {
        "resourceType": "DocumentReference",
        "identifier": [{"system": "urn:essai:note", "value": str(rank)}],
        "status": "current",
        "subject": {"reference": subject},
        "content": [{"attachment": {"contentType": "text/plain", "data": text}}],
        "context": {"facilityType": {"text": "Domicile"}},
    }
    return sent | more


def notes(count, subject):
    return [entry("POST", "DocumentReference", note(rank, subject)) for rank in range(count)]


def history(count):
    """Somebody, and notes about her."""
    one = entry("POST", "Patient", patient("Zylberstein")) | {"fullUrl": URL}
    return bundle("transaction", one, *notes(count, URL))


def told(machine, answer):
    """What is read of each note a transaction made, but for what differs each time."""
    assert answer.status_code == 200, answer.content
    found = []
    for one in answer.json()["entry"][1:]:
        assert one["response"]["status"] == "201 Created"
        address, _, version = one["response"]["location"].partition("/_history/")
        read = machine.get(address.partition("/fhir/")[2])
        assert read["ETag"] == one["response"]["etag"] == f'W/"{version}"'
        resource = read.json()
        del resource["id"], resource["subject"], resource["meta"]["lastUpdated"]
        found.append(resource)
    return found


def test_notes_of_a_set_are_told_as_notes_that_came_one_by_one(monkeypatch):
    stage = set_stage()
    together = told(stage.machine, stage.machine.post("", history(6)))
    facts = FactHeader.objects.filter(kind="liaison.note_written").count()
    monkeypatch.setattr(transaction, "written_together", lambda *_: None)
    alone = told(stage.machine, stage.machine.post("", history(6)))
    assert together == alone
    assert together[0]["context"] == {"facilityType": {"text": "Domicile"}}
    assert facts == 6
    assert FactHeader.objects.filter(kind="liaison.note_written").count() == 12


def test_forty_notes_ask_no_more_statements_than_eight():
    stage = set_stage()
    subject = f"Patient/{stage.person.pk}"
    told = []
    stage.machine.post("", bundle("transaction", *notes(8, subject)))
    for count in (9, 40):
        sent = [
            entry("POST", "DocumentReference", note(f"{count}-{rank}", subject))
            for rank in range(count)
        ]
        statements, answer = asked(
            lambda: stage.machine.post("", bundle("transaction", *sent))  # noqa: B023
        )
        assert answer.status_code == 200, answer.content
        told.append(len(statements))
    assert told[0] == told[1]


def test_one_bad_note_among_hundreds_leaves_nothing_and_is_named():
    stage = set_stage()
    sent = history(300)
    sent["entry"][217]["resource"]["status"] = "superseded"
    answer = stage.machine.post("", sent)
    assert (answer.status_code, codes(answer)) == (422, ["document_reference.not_a_note"])
    (where,) = answer.json()["issue"][0]["expression"]
    assert where == "Bundle.entry[217].resource.status"
    assert not Person.objects.filter(birth_name="Zylberstein").exists()
    assert not Note.objects.exists()
    assert not KeptBody.objects.exists()
    assert not FactHeader.objects.filter(kind="liaison.note_written").exists()


def test_the_same_notes_sent_again_are_the_same_notes():
    stage = set_stage()
    sent = bundle("transaction", *notes(5, f"Patient/{stage.person.pk}"))
    first, again = stage.machine.post("", sent), stage.machine.post("", sent)
    made = [
        [one["response"]["location"].partition("/_history/")[0] for one in answer.json()["entry"]]
        for answer in (first, again)
    ]
    assert made[0] == made[1]
    assert Note.objects.count() == 5


def test_notes_about_somebody_who_hides_are_refused_as_of_nobody():
    stage, hidden = set_stage(), PersonFactory()
    joins_circle(hidden, organization=OrganizationFactory())
    answer = stage.machine.post("", bundle("transaction", *notes(5, f"Patient/{hidden.pk}")))
    assert (answer.status_code, codes(answer)) == (422, ["incoming.nowhere"])
    assert not Note.objects.exists()


def test_a_set_is_one_gesture_of_the_trace_and_leaves_the_drafts_of_others():
    stage = set_stage()
    before = Trace.objects.filter(verb__startswith="liaison.write").count()
    stage.machine.post("", bundle("transaction", *notes(5, f"Patient/{stage.person.pk}")))
    lines = Trace.objects.filter(verb__startswith="liaison.write").order_by("pk")[before:]
    assert [(one.verb, list(one.persons)) for one in lines] == [
        ("liaison.write_many", [stage.person.pk])
    ]
    assert not NoteDraft.objects.exists()
