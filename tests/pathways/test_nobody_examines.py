"""An emergency access in a house without a DPO nor a coordinator: it is told all the same."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from cordee.access.actor import Role
from cordee.messaging.models import Message
from cordee.pathways.models import Task
from cordee.web import condition
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.people import PersonFactory
from tests.pathways.test_conductor import opened_for
from tests.support import coordinator_of, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return PersonFactory(birth_name="Lefèvre")


@pytest.fixture
def since(now):
    return now.date() - timedelta(days=30)


@pytest.fixture
def administrator(since):
    return MembershipFactory(role="administrator", since=since)


def sign():
    return next(one for one in condition.signs(timezone.now()) if one.code == "emergencies")


def test_the_administrators_and_the_contact_of_the_dpo_are_written_to(
    person, administrator, now, settings
):
    settings.CORDEE = replace(settings.CORDEE, dpo_contact="Mme Vial <dpo@exemple.fr>, 0492000000")
    opened_for(person, now)
    run_jobs()
    written = Message.objects.filter(template="pathways.nobody_examines")
    assert {one.to for one in written} == {administrator.account.email, "dpo@exemple.fr"}
    for one in written:
        assert person.birth_name.lower() not in (one.subject + one.text).lower()
    waiting = Task.objects.open().filter(organization=administrator.organization)
    assert {(one.kind, one.role) for one in waiting} == {
        ("review_emergency", Role.DPO.value),
        ("tell_emergency", Role.DPO.value),
    }


def test_a_single_number_without_a_coordinator_is_nobody(person, administrator, now):
    OrganizationFactory(kind="sio", territory=person.territory)
    opened_for(person, now)
    run_jobs()
    assert Message.objects.filter(template="pathways.nobody_examines").exists()


def test_those_where_the_reader_works_are_written_to_first(person, administrator, since, now):
    grant = opened_for(person, now)
    ward = OrganizationFactory(kind="hospital")
    MembershipFactory(account_id=grant.account_id, organization=ward, since=since)
    near = MembershipFactory(role="administrator", organization=ward, since=since)
    run_jobs()
    [written] = Message.objects.filter(template="pathways.nobody_examines")
    assert written.to == near.account.email


def test_nobody_is_written_to_when_somebody_examines(person, administrator, since, now):
    MembershipFactory(role="dpo", since=since)
    opened_for(person, now)
    run_jobs()
    assert not Message.objects.exists()
    assert sign().works


def test_the_condition_of_the_house_says_it_until_somebody_is_named(client, person, since, now):
    opened_for(person, now)
    run_jobs()
    assert not sign().works
    client.as_(coordinator_of(OrganizationFactory()))
    assert "sans personne (1)" in client.get("/etat").text
    MembershipFactory(role="dpo", since=since)
    assert sign().works


def test_a_coordinator_who_has_the_review_to_do_is_somebody(person, since, now):
    sio = OrganizationFactory(kind="sio", territory=person.territory)
    MembershipFactory(role="coordinator", organization=sio, since=since)
    opened_for(person, now)
    run_jobs()
    assert sign().works
