"""Who sent a request to another desk reads where it stands, and nothing more."""

from dataclasses import replace

import pytest

from cordee.access.actor import Purpose, Role
from cordee.access.models import Trace
from cordee.fhir.shape import troubles
from cordee.intake.models import CareRequest
from cordee.intake.rules import State, public_line
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.intake import CareRequestFactory
from tests.fhir.door import Machine
from tests.fhir.stage import set_stage
from tests.fhir.test_care import sent
from tests.support import NOW, arranging, coordinator_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage():
    return set_stage()


@pytest.fixture
def sender(db):
    """A hospital, which sees nobody of the desk."""
    structure = OrganizationFactory(kind="hospital", name="Hôpital des Vallées")
    speaks = coordinator_of(structure, account_id=AccountFactory().pk)
    return replace(speaks, role=Role.HOSPITAL, name="Paul")


@pytest.fixture
def hospital(sender):
    """Its software."""
    return Machine(sender)


@pytest.fixture
def asked(stage, hospital):
    """The address of the request that it sent."""
    body = sent("ServiceRequest", stage, subject={"display": "Madame Grandidier"})
    body |= {"performer": [{"reference": f"Organization/{stage.desk.pk}"}]}
    answer = hospital.post("ServiceRequest", body)
    assert answer.status_code == 201, answer.content
    return answer["Location"].partition("/fhir/")[2]


def moved(**columns):
    """The desk goes on with the request."""
    with arranging():
        CareRequest.objects.update(**columns)


def test_who_sent_a_request_reads_where_it_stands_and_not_a_word_of_it(stage, hospital, asked):
    moved(person=stage.person, need="Pansement de la jambe", access_notes="Code 1234")
    answer = hospital.get(asked)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told.keys() == {
        *("resourceType", "id", "meta", "extension", "status", "intent", "subject"),
    }
    assert told["status"] == "active"
    (why,) = told["extension"]
    assert why["valueCodeableConcept"] == {"text": public_line(State.RECEIVED).sentence}
    text = answer.content.decode()
    assert not any(
        one in text for one in ("Grandidier", "Pansement", "1234", str(stage.person.pk), "dressing")
    )
    assert [one.code for one in troubles(told) if one.severity == "error"] == []
    assert Trace.objects.filter(kind="read", subject_id=told["id"]).exists()


def test_its_version_changes_when_its_state_does(stage, hospital, asked):
    first = hospital.get(asked)
    assert hospital.get(asked, if_none_match=first["ETag"]).status_code == 304
    moved(held_at=NOW)  # for the 15: nobody outside is told
    assert hospital.get(asked)["ETag"] == first["ETag"]
    assert hospital.get(asked).json()["status"] == "active"
    moved(held_at=None, state="refused", end_reason="outside_territory", ended_at=NOW)
    ended = hospital.get(asked)
    assert ended["ETag"] != first["ETag"]
    assert ended.json()["status"] == "revoked"
    why = ended.json()["extension"][0]["valueCodeableConcept"]
    assert "n’a pas abouti" in why["text"]
    assert "coding" not in why


def test_what_was_handed_on_is_told_as_it_stands_where_it_went(stage, hospital, asked):
    row = CareRequest.objects.get()
    other = OrganizationFactory(kind="sio")
    moved(state="handed_on", end_reason="outside_territory", ended_at=NOW, handed_to=other)
    copy = CareRequestFactory(organization=other, handed_from=row, person=stage.person)
    assert hospital.get(asked).json()["status"] == "active"
    with arranging():
        CareRequest.objects.filter(pk=copy.pk).update(
            state="cancelled", end_reason="asked", ended_at=NOW
        )
    told = hospital.get(asked).json()
    assert (told["status"], told["id"]) == ("revoked", str(row.pk))
    assert hospital.get(f"ServiceRequest/{copy.pk}").status_code == 404


def test_nobody_else_reads_it_and_who_sent_it_does_nothing_more(stage, hospital, asked):
    stranger = Machine(coordinator_of(OrganizationFactory(), account_id=AccountFactory().pk))
    assert stranger.get(asked).status_code == 404
    assert hospital.get(f"{asked}/_history").status_code == 404
    assert hospital.get(f"{asked}/_history/1").status_code == 404
    assert hospital.found("ServiceRequest", _count=20) == []
    told = hospital.get(asked).json() | {"status": "revoked"}
    assert hospital.put(asked, told).status_code == 404
    assert CareRequest.objects.get().state == "received"
    assert stage.machine.get(asked).json()["code"]  # the desk reads it whole


def test_an_emergency_access_opens_nothing_of_it(sender, hospital, asked):
    assert hospital.get(asked).status_code == 200
    assert Machine(replace(sender, purpose=Purpose.EMERGENCY)).get(asked).status_code == 404


def test_it_goes_on_being_told_whoever_wrote_it_since(stage, hospital, asked):
    read = stage.machine.get(asked).json()
    cancelled = stage.machine.put(asked, read | {"status": "revoked"})
    assert cancelled.status_code == 200, cancelled.content
    assert hospital.get(asked).json()["status"] == "revoked"
