"""Relatives of somebody else in a circle, from before that was refused: looked for at night."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.pathways.models import Task
from cordee.people import jobs, services
from cordee.people.models import CircleMember
from tests.factories.directory import OrganizationFactory
from tests.factories.people import MemberFactory, PersonFactory, RelativeFactory, joins_circle
from tests.support import NOW, Browser, arranging, coordinator_of, facts, run_jobs, traces

pytestmark = pytest.mark.django_db
KIND = "check_relatives"


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def person(desk):
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    return person


def as_before(person, relative):
    """A relative in a circle, as the machine’s door let them in: nothing held it."""
    with gesture(actor=SYSTEM, verb="people.merge", now=NOW):  # as a merge, undone, may leave them
        return CircleMember.objects.create(
            person=person, relative=relative, role="relative", since=NOW
        )


def look():
    jobs.end_strangers()
    run_jobs()


def test_a_relative_of_somebody_else_leaves_and_the_desk_looks(desk, person):
    theirs = as_before(person, RelativeFactory(name="Odile Faure"))
    hers = MemberFactory(
        person=person, practitioner=None, relative=RelativeFactory(person=person), role="relative"
    )
    look()
    theirs.refresh_from_db()
    hers.refresh_from_db()
    assert theirs.until is not None
    assert hers.until is None
    (left,) = facts("people.left_circle")
    assert left["data"]["member_id"] == str(theirs.pk)
    assert ("act", "people.leave", "system") in {
        (one["kind"], one["verb"], one["role"]) for one in traces()
    }
    task = Task.objects.open().get(kind=KIND)
    assert (task.organization_id, task.person_id) == (desk.pk, person.pk)
    page = looks_at(desk, reverse("pathways:open", args=[task.pk]))
    assert page.redirect_chain[-1][0] == reverse("web:person", args=[person.pk])
    assert "Odile Faure" not in page.text


def looks_at(desk, address):
    return Browser().as_(coordinator_of(desk)).get(address, follow=True)


def test_until_then_the_page_of_the_person_opens_and_does_not_name_them(desk, person):
    """The second lock hides them there: the page said nothing at all."""
    as_before(person, RelativeFactory(name="Odile Faure"))
    page = looks_at(desk, reverse("web:person", args=[person.pk]))
    assert page.status_code == 200
    assert "un proche d’une autre personne" in page.text
    assert "Odile Faure" not in page.text


def test_it_is_done_once(person):
    as_before(person, RelativeFactory())
    look()
    Task.objects.open().get(kind=KIND)
    look()
    assert len(facts("people.stranger_left")) == 1


def test_one_taken_away_who_stayed_leaves_too(person):
    relative = RelativeFactory(person=person)
    stay = MemberFactory(person=person, practitioner=None, relative=relative, role="relative")
    with arranging():
        type(relative).objects.filter(pk=relative.pk).update(ended_at=NOW)
    look()
    assert not CircleMember.objects.current().filter(pk=stay.pk).exists()


def test_those_of_her_own_stay(person):
    MemberFactory(
        person=person, practitioner=None, relative=RelativeFactory(person=person), role="relative"
    )
    look()
    assert not Task.objects.filter(kind=KIND).exists()
    assert facts("people.left_circle") == []


def dies(person):
    with arranging():
        person.refresh_from_db()
    services.declare_death(
        actor=SYSTEM, person=person, deceased_on=timezone.localdate(NOW), now=NOW
    )
    run_jobs()


def test_her_death_asks_for_nothing_more(person):
    as_before(person, RelativeFactory())
    look()
    assert Task.objects.open().filter(kind=KIND).exists()
    dies(person)
    assert not Task.objects.open().filter(kind=KIND).exists()


def test_nothing_is_asked_about_who_is_dead(person):
    as_before(person, RelativeFactory())
    dies(person)
    look()
    assert facts("people.stranger_left")
    assert not Task.objects.filter(kind=KIND).exists()
