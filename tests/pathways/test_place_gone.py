"""Somebody who was to come is in the national directory no more: the desk is told, once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cordee.broker import selectors as searches
from cordee.broker import services as broker
from cordee.broker.selectors import searches as reading
from cordee.directory.models import Practitioner
from cordee.intake import services as intake
from cordee.kernel.facts import listeners_of
from cordee.pathways import jobs
from cordee.pathways import services as pathways
from cordee.pathways.models import Task
from cordee.people.rules.sharing import Category
from tests.directory.test_extractions import bring, extraction
from tests.factories.broker import nurse
from tests.factories.intake import CareRequestFactory
from tests.pathways.test_conductor import qualify, waiting
from tests.pathways.test_life import closed, confirmed, found
from tests.pathways.test_shut_out import opposes
from tests.support import arranging, run_jobs

pytestmark = pytest.mark.django_db
KIND = "place_gone"


def leaves_the_directory(now, *staying):
    """An extraction that knows these, and nobody else who was there."""
    header, *lines = extraction(200)
    numbers = {one: one.split("|")[1] for one in lines}
    known = set(Practitioner.objects.values_list("rpps", flat=True))
    new = [one for one in lines if numbers[one] not in known][: len(staying) + 1]
    kept = [
        line.replace(numbers[line], one.rpps) for one, line in zip(staying, new[1:], strict=True)
    ]
    bring([header, new[0], *kept], now=now, accept_gone=True)
    run_jobs()


@pytest.mark.parametrize("come_to", [found, confirmed, closed])
def test_each_desk_is_told_that_who_comes_left_the_directory(
    client, request_, orienteuse, now, come_to
):
    nurse()
    search, invitation = come_to(request_, orienteuse, now)

    leaves_the_directory(timezone.now())

    invitation.practitioner.refresh_from_db()
    assert invitation.practitioner.closed_on is not None
    assert KIND in waiting(request_)
    task = Task.objects.open().visible_to(orienteuse).get(kind=KIND)
    assert task.organization_id == request_.organization_id
    page = client.as_(orienteuse).get(reverse("pathways:open", args=[task.pk]), follow=True)
    assert page.redirect_chain[-1][0] == reverse("broker:search", args=[search.pk])
    assert page.text.index("Son lien n’ouvre plus rien.") < page.text.index("<dt>Soins")
    assert reverse("broker:withdrawal", args=[invitation.pk]) in page.text


def test_heard_again_it_is_not_asked_again_even_once_settled(request_, orienteuse, now):
    nurse()
    found(request_, orienteuse, now)
    at = timezone.now()
    leaves_the_directory(at)
    jobs.look_at_places(since=at.isoformat(), after="")
    run_jobs()
    task = Task.objects.get(kind=KIND)
    pathways.settle(actor=orienteuse, task=task, now=timezone.now())
    jobs.look_at_places(since=at.isoformat(), after="")
    run_jobs()
    assert [one.state for one in Task.objects.filter(kind=KIND)] == ["done"]


def test_a_withdrawal_written_down_settles_it(request_, orienteuse, now):
    nurse()
    _, invitation = found(request_, orienteuse, now)
    leaves_the_directory(timezone.now())
    assert KIND in waiting(request_)

    broker.withdraw(actor=orienteuse, invitation=invitation, now=timezone.now())
    run_jobs()

    assert KIND not in waiting(request_)


def test_an_end_of_the_request_settles_it(request_, orienteuse, now):
    nurse()
    found(request_, orienteuse, now)
    leaves_the_directory(timezone.now())
    intake.cancel(actor=orienteuse, request=request_, reason="asked", now=timezone.now())
    run_jobs()
    assert KIND not in waiting(request_)


def test_nobody_is_told_of_a_visit_that_is_past(request_, orienteuse, now):
    visited = nurse()
    search, _ = confirmed(request_, orienteuse, now)
    with arranging():
        search.keep(first_visit_at=timezone.now() - timedelta(days=2))
    leaves_the_directory(timezone.now())
    visited.refresh_from_db()
    assert visited.closed_on is not None
    assert not Task.objects.filter(kind=KIND).exists()


def test_nobody_is_told_of_who_stays_nor_of_who_only_was_asked(request_, orienteuse, now):
    stays = nurse()
    found(request_, orienteuse, now)
    asked = nurse()
    waits = CareRequestFactory(
        organization=request_.organization, kind="injection", delay="planned"
    )
    with arranging():
        waits.wishes.create(practitioner=stays, choice="exclude")
    search = qualify(waits, orienteuse, now)
    assert asked.pk in search.invitations.values_list("practitioner", flat=True)
    leaves_the_directory(timezone.now(), stays)
    for one in (stays, asked):
        one.refresh_from_db()
    assert (stays.closed_on is None, asked.closed_on is None) == (True, False)
    assert not Task.objects.filter(kind=KIND).exists()


def test_care_opposed_to_coordination_does_not_hide_who_comes_no_more(
    client, request_, orienteuse, now
):
    nurse()
    search, _ = closed(request_, orienteuse, now)
    opposes(Category.CARE)(request_.person, orienteuse, now)
    run_jobs()
    leaves_the_directory(timezone.now())
    task = Task.objects.open().visible_to(orienteuse).get(kind=KIND)
    page = client.as_(orienteuse).get(reverse("pathways:open", args=[task.pk]), follow=True)
    assert page.redirect_chain[-1] == (reverse("broker:search", args=[search.pk]), 302)


def test_many_are_looked_at_some_at_a_time(monkeypatch, desk, orienteuse, now):
    monkeypatch.setattr(reading, "SOME", 2)
    requests = []
    for _ in range(3):
        nurse()
        one = CareRequestFactory(organization=desk, kind="injection", delay="planned")
        found(one, orienteuse, now)
        requests.append(one)
    leaves_the_directory(timezone.now())
    assert all(KIND in waiting(one) for one in requests)


def test_reading_whose_places_are_concerned_costs_one_query(request_, orienteuse, now):
    nurse()
    found(request_, orienteuse, now)
    at = timezone.now()
    leaves_the_directory(at)
    with CaptureQueriesContext(connection) as queries:
        assert len(searches.held_by_closed(at, timezone.now())) == 1
    assert len(queries) == 1


def test_the_conductor_hears_the_extraction():
    assert "cordee.pathways.jobs.on_extraction" in listeners_of("directory.extraction_applied")
