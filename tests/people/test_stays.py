"""Entering hospital and leaving it, as one stay: by the gestures, by merges, from old facts."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from cordee.access.actor import SYSTEM, Role
from cordee.directory.models import Organization
from cordee.kernel.errors import DomainError
from cordee.people import services
from cordee.people.models import HospitalStay, Person
from cordee.people.rules.traits import Destination
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import PersonFactory, StayFactory, joins_circle
from tests.liaison.scene import set_around
from tests.support import (
    NOW,
    actor,
    arranging,
    coordinator_of,
    facts,
    orienteuse_of,
    simultaneously,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def enters(person, when=NOW, by=SYSTEM, where=None):
    services.admit_person(actor=by, person=person, organization=where, now=when)


def leaves(person, when=NOW, by=SYSTEM, goes=Destination.HOME, now=None):
    services.discharge_person(
        actor=by, person=person, destination=goes, left_at=when, now=now or when
    )


def stays(person):
    rows = HospitalStay.objects.filter(person=person).order_by("left_at", "pk")
    return [(one.entered_at, one.left_at, one.destination) for one in rows]


def test_the_two_buttons_write_one_stay(client):
    around = set_around()
    page, person = client.as_(around.coordinator), around.person
    assert page.post(f"/personnes/{person.pk}/hospitalisation").status_code == 302
    assert stays(person) == [(NOW, None, "")]
    sent = {"left_on": NOW.strftime("%d/%m/%Y"), "destination": "rehabilitation"}
    assert page.post(f"/personnes/{person.pk}/sortie-hopital", sent).status_code == 302
    assert stays(person) == [(NOW, NOW, "rehabilitation")]
    (row,) = HospitalStay.objects.all()
    assert row.version == 2


def test_what_is_refused_writes_no_stay():
    person = PersonFactory()
    with pytest.raises(DomainError):
        leaves(person, NOW + DAY, now=NOW)
    assert stays(person) == []


def test_said_again_it_is_one_stay_and_a_new_version_only_for_what_is_new():
    person = PersonFactory()
    enters(person)
    enters(person)  # the same moment: a form sent twice
    assert HospitalStay.objects.get().version == 1
    leaves(person, NOW + DAY)
    leaves(person, NOW + DAY)
    assert HospitalStay.objects.get().version == 2
    assert len(facts("people.person_discharged", person.pk)) == 2


def test_a_leaving_told_alone_is_a_stay_without_a_beginning():
    person = PersonFactory()
    leaves(person)
    assert stays(person) == [(None, NOW, "home")]


def test_a_leaving_told_late_does_not_end_the_stay_she_came_back_for():
    person = PersonFactory()
    enters(person, NOW - 9 * DAY)
    enters(person, NOW)
    leaves(person, NOW - 3 * DAY, now=NOW)
    assert stays(person) == [(NOW - 9 * DAY, NOW - 3 * DAY, "home"), (NOW, None, "")]


def test_a_team_of_a_hospital_says_where_she_is():
    hospital, desk = OrganizationFactory(kind="hospital"), OrganizationFactory()
    person, other = PersonFactory(), PersonFactory()
    for one in (person, other):
        joins_circle(one, organization=hospital)
        joins_circle(one, organization=desk)
    enters(person, by=actor(Role.HOSPITAL, hospital))
    enters(other, by=coordinator_of(desk))
    leaves(other, by=actor(Role.HOSPITAL, hospital))
    assert {one.organization_id for one in HospitalStay.objects.all()} == {hospital.pk}
    enters(person, by=coordinator_of(desk), where=desk, when=NOW + DAY)
    assert HospitalStay.objects.get(person=person).organization == desk
    told = [one["data"]["organization_id"] for one in facts("people.person_admitted", person.pk)]
    assert told == [str(hospital.pk), str(desk.pk)]


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_who_say_it_at_once_write_one_stay():
    person = PersonFactory()
    simultaneously(lambda: enters(person), lambda: enters(person, NOW + timedelta(hours=1)))
    (row,) = HospitalStay.objects.all()
    assert (row.entered_at, row.left_at) == (NOW, None)


# --- merges --------------------------------------------------------------------------------------


@pytest.fixture
def claire():
    desk = OrganizationFactory()
    return orienteuse_of(desk, account_id=AccountFactory().pk)


def two_records(claire):
    pair = PersonFactory(), PersonFactory()
    for one in pair:
        joins_circle(one, organization=Organization.objects.get(pk=claire.organization_id))
    return pair


def brought_together(claire, one, other):
    pair = services.propose_pair(actor=claire, person=one, other=other, now=NOW)
    return services.merge_persons(actor=claire, candidate=pair, from_absorbed=frozenset(), now=NOW)


def test_stays_follow_a_merge_and_its_undoing(claire):
    elder, younger = two_records(claire)
    StayFactory(person=elder, entered_at=NOW - 9 * DAY, left_at=NOW - 5 * DAY)
    StayFactory(person=younger)
    merge = brought_together(claire, elder, younger)
    assert len(stays(merge.survivor)) == 2
    services.undo_merge(actor=claire, merge=merge, now=NOW + DAY)
    assert (len(stays(elder)), len(stays(younger))) == (1, 1)


@pytest.mark.parametrize("first", ["kept", "absorbed"])
def test_in_hospital_by_both_records_she_is_there_once(claire, first):
    elder, younger = two_records(claire)
    hospital = OrganizationFactory(kind="hospital")
    early, late = (elder, younger) if first == "kept" else (younger, elder)
    StayFactory(person=early, entered_at=NOW - 2 * DAY)
    StayFactory(person=late, entered_at=NOW - DAY, organization=hospital)
    before = stays(elder), stays(younger)
    merge = brought_together(claire, elder, younger)
    assert stays(merge.survivor) == [(NOW - 2 * DAY, None, "")]
    assert HospitalStay.objects.get(person=merge.survivor).organization == hospital
    services.undo_merge(actor=claire, merge=merge, now=NOW + DAY)
    assert (stays(elder), stays(younger)) == before


def test_an_entry_told_of_the_absorbed_record_is_of_the_kept_one(claire):
    elder, younger = two_records(claire)
    merge = brought_together(claire, elder, younger)
    enters(Person.objects.get(pk=merge.survivor_id), NOW + DAY)
    leaves(Person.objects.get(pk=merge.absorbed_id), NOW + 2 * DAY)
    assert stays(merge.survivor) == [(NOW + DAY, NOW + 2 * DAY, "home")]


# --- what was told before stays were kept --------------------------------------------------------


def test_the_facts_that_are_there_tell_the_same_stays(claire):
    hospital = OrganizationFactory(kind="hospital")
    one, other = PersonFactory(), PersonFactory()
    double, nobody = two_records(claire)
    for person in (one, other):
        joins_circle(person, organization=hospital)
    enters(one, NOW - 9 * DAY, by=actor(Role.HOSPITAL, hospital))
    enters(one, NOW - DAY)
    leaves(one, NOW - 5 * DAY, now=NOW)
    leaves(other, NOW, by=actor(Role.HOSPITAL, hospital), goes=Destination.OTHER)
    enters(double, NOW)
    brought_together(claire, nobody, double)
    kept = everything()
    assert len(kept) == 4
    with arranging():
        HospitalStay.objects.all().delete()
    fill = import_module("cordee.people.migrations.0024_stays_that_facts_tell").fill
    for _ in range(2):  # run again, it tells nothing twice
        fill(apps, type("Editor", (), {"connection": connection}))
        assert everything() == kept


def everything():
    columns = ("person_id", "organization_id", "entered_at", "said_again_at", "left_at")
    return sorted(map(str, HospitalStay.objects.values_list(*columns, "destination")))
