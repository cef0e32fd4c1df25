"""CareTeam: the circle of somebody, as a partner reads it."""

from datetime import timedelta

import pytest

from tests.factories.directory import PractitionerFactory
from tests.factories.people import RelativeFactory, joins_circle
from tests.fhir.door import Machine
from tests.fhir.stage import set_stage
from tests.support import NOW, arranging, orienteuse_of, stranger

pytestmark = pytest.mark.django_db


def test_a_circle_is_found_by_the_person_and_by_who_is_in_it_once():
    stage = set_stage()
    nurse = PractitionerFactory()
    joins_circle(stage.person, practitioner=nurse, until=NOW)
    joins_circle(stage.person, practitioner=nurse, since=NOW)
    circle = [str(stage.person.pk)]
    assert stage.machine.found("CareTeam", patient=circle[0]) == circle
    assert stage.machine.found("CareTeam", participant=f"Practitioner/{nurse.pk}") == circle
    assert stage.machine.found("CareTeam", participant=f"Organization/{nurse.pk}") == []
    assert stage.machine.found("CareTeam", participant=str(PractitionerFactory().pk)) == []
    assert stage.machine.found("CareTeam", status="active") == circle
    chained = {"participant:Practitioner.identifier": nurse.rpps}
    assert stage.machine.found("CareTeam", **chained) == circle


def test_the_circle_is_another_version_when_somebody_leaves_it():
    stage = set_stage()
    stay = joins_circle(stage.person, practitioner=PractitionerFactory())
    address = f"CareTeam/{stage.person.pk}"
    before = stage.machine.get(address)
    assert stage.machine.get(address, if_none_match=before["ETag"]).status_code == 304
    with arranging():
        stay.until = NOW + timedelta(days=1)
        stay.save()
    after = stage.machine.get(address, if_none_match=before["ETag"])
    assert (after.status_code, after["ETag"] != before["ETag"]) == (200, True)


def test_who_is_in_the_circle_comes_along_with_it():
    stage = set_stage()
    nurse, daughter = PractitionerFactory(), RelativeFactory(person=stage.person)
    joins_circle(stage.person, practitioner=nurse)
    found = stage.machine.search(
        "CareTeam", patient=str(stage.person.pk), _include="CareTeam:participant"
    ).json()
    brought = {one["resource"]["id"] for one in found["entry"]}
    assert {str(nurse.pk), str(stage.desk.pk)} <= brought
    assert str(daughter.pk) not in brought


def test_the_least_view_shows_no_circle():
    stage = set_stage()
    with arranging():
        stage.person.circle.all().delete()
    joins_circle(stage.person, practitioner=PractitionerFactory())
    desk = Machine(orienteuse_of(stage.desk, account_id=stage.account.pk))
    assert desk.get(f"Patient/{stage.person.pk}").status_code == 200
    assert desk.get(f"CareTeam/{stage.person.pk}").status_code == 404
    assert Machine(stranger()).found("CareTeam", patient=str(stage.person.pk)) == []
