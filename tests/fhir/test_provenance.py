"""Provenance: what was done for somebody, by whom, and through which door it came in."""

import pytest

from cordee.access.actor import Role
from cordee.people import services
from cordee.people.rules.sharing import Audience, Category, Choice
from tests.factories.directory import AccountFactory
from tests.fhir.door import Machine
from tests.fhir.stage import set_stage
from tests.support import NOW, actor, stranger

pytestmark = pytest.mark.django_db


def written(machine, person):
    body = {
        "resourceType": "RelatedPerson",
        "patient": {"reference": f"Patient/{person.pk}"},
        "name": [{"text": "Jeanne Martin"}],
    }
    assert machine.post("RelatedPerson", body).status_code == 201


def test_what_a_partner_writes_is_told_with_its_author_and_its_door():
    stage = set_stage()
    written(stage.machine, stage.person)
    found = stage.machine.search("Provenance", target=f"Patient/{stage.person.pk}").json()
    (told,) = [one["resource"] for one in found["entry"]]
    assert told["target"] == [{"reference": f"Patient/{stage.person.pk}"}]
    assert told["activity"]["coding"][0]["code"] == "people.relative_changed"
    assert told["agent"][0]["who"]["display"] == stage.account.name
    assert told["extension"][0]["valueCoding"]["code"] == "fhir"
    assert stage.machine.get(f"Provenance/{told['id']}").json() == told
    assert stage.machine.found("Provenance", patient=str(stage.person.pk), origin="form") == []
    assert stage.machine.found("Provenance", _id=told["id"], recorded="ge2026") == [told["id"]]


def test_lines_of_who_hides_do_not_exist():
    stage = set_stage()
    written(stage.machine, stage.person)
    (line,) = stage.machine.found("Provenance", patient=str(stage.person.pk))
    machine = Machine(stranger())
    assert machine.get(f"Provenance/{line}").status_code == 404
    assert machine.found("Provenance", patient=str(stage.person.pk)) == []


def test_a_choice_of_sharing_is_told_to_the_person_alone():
    stage = set_stage()
    services.choose_sharing(
        actor=stage.actor,
        person=stage.person,
        chosen=services.Chosen(Choice.OPPOSED, Category.CARE, Audience.HEALTH),
        told=services.Told(),
        now=NOW,
    )
    assert stage.machine.found("Provenance", activity="people.sharing_changed") == []
    person = actor(
        Role.PERSON, account_id=AccountFactory().pk, person_ids=frozenset({stage.person.pk})
    )
    assert len(Machine(person).found("Provenance", activity="people.sharing_changed")) == 1
