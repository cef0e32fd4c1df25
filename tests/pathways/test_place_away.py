"""Who was found declares a leave over the visit that they were to make: the desk looks at it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.broker import services as broker
from cordee.broker.selectors import places_of
from cordee.directory.models import Absence
from cordee.pathways import services as pathways
from cordee.pathways.models import Task
from tests.factories.broker import nurse
from tests.pathways.test_conductor import waiting
from tests.pathways.test_life import closed, confirmed, found
from tests.support import Browser, run_jobs, speaking_as

pytestmark = pytest.mark.django_db
KIND = "place_away"
DAY = timedelta(days=1)


def speaking(actor):
    browser = Browser().as_(actor)
    browser.now = timezone.now()
    return browser


def is_away(invitation, kind="holiday", begins=0, ends=7):
    """She says it on her own page, in days from now."""
    today = timezone.localdate()
    days = {"first": today + begins * DAY, "last": today + ends * DAY}
    said = {"kind": kind} | {name: f"{day:%d/%m/%Y}" for name, day in days.items()}
    her = speaking(speaking_as(invitation.practitioner))
    address = reverse("directory:absent", args=[invitation.practitioner.practice.pk])
    assert her.post(address, said).status_code == 303
    run_jobs()
    assert Absence.objects.filter(kind=kind).exists()


@pytest.mark.parametrize("come_to", [found, confirmed, closed])
def test_the_desk_looks_at_a_visit_that_falls_within_a_leave(request_, orienteuse, now, come_to):
    nurse()
    search, invitation = come_to(request_, orienteuse, now)
    is_away(invitation)
    assert KIND in waiting(request_)
    task = Task.objects.open().visible_to(orienteuse).get(kind=KIND)
    page = speaking(orienteuse).get(reverse("pathways:open", args=[task.pk]), follow=True)
    assert page.redirect_chain[-1][0] == reverse("broker:search", args=[search.pk])
    assert "a déclaré une absence" in page.text


def test_a_leave_taken_back_asks_for_nothing_more(request_, orienteuse, now):
    nurse()
    _, invitation = confirmed(request_, orienteuse, now)
    is_away(invitation)
    her = speaking(speaking_as(invitation.practitioner))
    her.post(reverse("directory:back_to_work", args=[Absence.objects.get().pk]))
    run_jobs()
    assert KIND not in waiting(request_)


def test_nor_does_another_date_or_a_withdrawal(request_, orienteuse, now):
    nurse()
    search, invitation = confirmed(request_, orienteuse, now)
    is_away(invitation)
    broker.withdraw(actor=orienteuse, invitation=invitation, now=timezone.now())
    run_jobs()
    assert KIND not in waiting(request_)


def edits_her_hours(invitation):
    """Another declaration of hers, which says nothing of her leave."""
    her = speaking(speaking_as(invitation.practitioner))
    address = reverse("directory:absent", args=[invitation.practitioner.practice.pk])
    day = timezone.localdate() + 60 * DAY
    said = {"kind": "training", "first": f"{day:%d/%m/%Y}", "last": f"{day:%d/%m/%Y}"}
    assert her.post(address, said).status_code == 303
    run_jobs()


def settled(request, orienteuse):
    """The desk called: she comes all the same."""
    task = Task.objects.open().get(kind=KIND)
    pathways.settle(actor=orienteuse, task=task, now=timezone.now())
    run_jobs()
    assert KIND not in waiting(request)


def test_what_the_desk_settled_is_not_asked_again_of_the_same_leave(request_, orienteuse, now):
    nurse()
    _, invitation = confirmed(request_, orienteuse, now)
    is_away(invitation)
    settled(request_, orienteuse)
    edits_her_hours(invitation)
    assert KIND not in waiting(request_)
    is_away(invitation, begins=-1)  # another leave over the same day
    assert KIND in waiting(request_)


def moved_to(orienteuse, invitation, visit):
    said = {"first_visit_at": f"{timezone.localtime(visit):%Y-%m-%dT%H:%M}"}
    address = reverse("broker:first_visit", args=[invitation.pk])
    assert speaking(orienteuse).post(address, said).status_code == 302
    run_jobs()


def test_a_visit_moved_onto_a_leave_is_looked_at(request_, orienteuse, now):
    nurse()
    _, invitation = confirmed(request_, orienteuse, now)
    is_away(invitation, begins=3)
    assert KIND not in waiting(request_)
    moved_to(orienteuse, invitation, timezone.now() + 5 * DAY)
    assert KIND in waiting(request_)
    settled(request_, orienteuse)
    moved_to(orienteuse, invitation, timezone.now() + 6 * DAY)
    assert KIND in waiting(request_)
    moved_to(orienteuse, invitation, timezone.now() + 2 * DAY)
    assert KIND not in waiting(request_)


def test_a_declaration_walks_only_the_visits_that_are_to_come(request_, orienteuse, now):
    nurse()
    search, invitation = confirmed(request_, orienteuse, now)
    assert places_of(invitation.practitioner_id, timezone.now()) == [search]
    day_after = search.first_visit_at + DAY
    assert places_of(invitation.practitioner_id, day_after) == []


@pytest.mark.parametrize("leave", [{"begins": 3}, {"kind": "pause"}])
def test_a_leave_that_begins_after_it_or_a_pause_asks_for_nothing(request_, orienteuse, now, leave):
    nurse()
    _, invitation = confirmed(request_, orienteuse, now)
    is_away(invitation, **leave)
    assert KIND not in waiting(request_)
