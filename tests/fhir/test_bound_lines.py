"""An application opened for one person reads who wrote and who looked, as the rights of who opened
it allow, and of nobody else."""

from dataclasses import replace

import pytest

from cordee.access import trace
from cordee.access.models import Trace
from cordee.access.sight import seen_by
from cordee.directory.models import Organization
from cordee.people import services
from cordee.people.services import RelativeSaid
from tests.factories.directory import PractitionerFactory
from tests.factories.partners import AppFactory
from tests.factories.people import PersonAccountFactory, PersonFactory, joins_circle
from tests.partners.dance import TOKEN, allows, coordinator, exchange, herself
from tests.support import NOW, Browser, speaking_as

pytestmark = pytest.mark.django_db
SCOPE = "patient/Provenance.rs patient/AuditEvent.rs launch/patient"


def opened_for(client, who, person):
    """The machine of an application that somebody opened for one person."""
    app = AppFactory()
    decided = {"personne": str(person.pk)}
    code = allows(client.as_(who), app, scope=SCOPE, decided=decided)["code"]
    token = Browser().post(TOKEN, exchange(app, code)).json()["access_token"]
    return Browser(headers={"Authorization": f"Bearer {token}"})


def found(machine, type_name):
    answer = machine.get(f"/fhir/{type_name}")
    assert answer.status_code == 200, answer.content
    return [one["resource"] for one in answer.json().get("entry", [])]


def relative_of(who, person):
    said = RelativeSaid(name="Jeanne Martin")
    services.note_relative(actor=who, person=person, said=said, now=NOW)


def test_who_coordinates_reads_what_was_done_for_that_person_alone(client):
    who, person = coordinator()
    desk = Organization.objects.get(pk=who.organization_id)
    other = PersonFactory(territory=person.territory)
    joins_circle(other, organization=desk, since=NOW.replace(month=1))
    relative_of(who, person)
    relative_of(who, other)
    machine = opened_for(client, who, person)
    lines = found(machine, "Provenance")
    assert [one["activity"]["coding"][0]["code"] for one in lines] == ["people.relative_changed"]
    assert {one["target"][-1]["reference"] for one in lines} == {f"Patient/{person.pk}"}
    assert machine.get(f"/fhir/Provenance/{lines[0]['id']}").status_code == 200
    assert found(machine, "AuditEvent") == []  # who looked is told to her, not to a professional


def test_a_person_reads_who_wrote_and_who_looked_and_not_at_whom_else(client):
    who, person = herself()
    space = PersonAccountFactory(account_id=who.account_id, since=NOW.replace(month=1))
    nurse = speaking_as(PractitionerFactory(last_name="Faure"))
    trace.listed(nurse, "people.person", [person.pk, space.person_id])
    trace.read(nurse, space.person)
    machine = opened_for(client, who, person)
    told = found(machine, "AuditEvent")
    looked = [one for one in told if one["agent"][0]["who"].get("display") == "Camille Faure"]
    assert len(looked) == 1
    assert [one["what"]["reference"] for one in looked[0]["entity"]] == [f"Patient/{person.pk}"]
    assert str(space.person_id) not in str(told)
    assert found(machine, "Provenance") == []


def test_the_second_lock_alone_shows_who_looked_at_that_person(client):
    who, person = herself()
    space = PersonAccountFactory(account_id=who.account_id, since=NOW.replace(month=1))
    nurse = speaking_as(PractitionerFactory(last_name="Faure"))
    trace.listed(nurse, "people.person", [person.pk, space.person_id])
    trace.read(nurse, space.person)
    trace.read(who, space.person)
    known = replace(who, person_ids=frozenset({person.pk, space.person_id}))
    bound = replace(known, only_person=person.pk)
    with seen_by(known):
        assert Trace.objects.filter(account_id=nurse.account_id).count() == 2
    with seen_by(bound):
        assert [one.persons for one in Trace.objects.all()] == [[person.pk, space.person_id]]
