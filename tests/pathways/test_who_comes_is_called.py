"""Who gets a place from reserve, and to whom nothing can be written, is told by the desk."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker import services as broker
from cordee.broker.models import Invitation
from cordee.pathways import services as pathways
from cordee.pathways.models import Task
from tests.broker.test_holds import UNTIED
from tests.factories.broker import nurse
from tests.factories.directory import AccountFactory
from tests.pathways.test_conductor import qualify, waiting
from tests.pathways.test_life import self_of
from tests.support import arranging, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def won(request_, orienteuse, now):
    """One held the place by text and let it go; another had said yes on the phone meanwhile."""
    nurse()
    search = qualify(request_, orienteuse, now)
    holder = search.invitations.get()
    broker.hold(actor=self_of(holder), invitation=holder, now=now)
    call = broker.CallMade(nurse(**UNTIED), "yes")
    broker.record_call(actor=orienteuse, solicitation=search, call=call, now=now)
    broker.advance(actor=SYSTEM, solicitation=search, now=now + timedelta(hours=3))
    run_jobs()
    request_.refresh_from_db()
    search.refresh_from_db()
    return search, Invitation.objects.get(answer="accepted")


def test_the_desk_is_asked_to_call_and_reads_the_search(client, won, request_, orienteuse):
    search, winner = won
    assert (request_.state, request_.practitioner_id) == ("found", winner.practitioner_id)
    assert "tell_winner" in waiting(request_)
    task = Task.objects.open().get(kind="tell_winner")
    address = reverse("pathways:open", args=[task.pk])
    page = client.as_(orienteuse).get(address, follow=True)
    assert page.redirect_chain[-1][0] == reverse("broker:search", args=[search.pk])
    assert str(winner.practitioner) in page.text


def test_the_date_that_was_said_closes_it(won, request_, orienteuse, now):
    visit = now + timedelta(hours=20)
    broker.confirm_care(actor=orienteuse, invitation=won[1], first_visit_at=visit, now=now)
    run_jobs()
    assert "tell_winner" not in waiting(request_)


def test_a_withdrawal_closes_it(won, request_, orienteuse, now):
    broker.withdraw(actor=orienteuse, invitation=won[1], now=now)
    run_jobs()
    assert "tell_winner" not in waiting(request_)


def test_it_is_ticked_off_by_hand_once_called_and_stays_so(won, request_, orienteuse, now):
    task = Task.objects.open().get(kind="tell_winner")
    pathways.settle(actor=orienteuse, task=task, now=now)
    search = won[0]
    broker.flag_late(actor=SYSTEM, solicitation=search, now=search.confirm_by)
    run_jobs()
    assert "tell_winner" not in waiting(request_)


def test_a_link_that_leaves_at_last_closes_it_at_the_next_thing_heard(won, request_, orienteuse):
    search, winner = won
    practice = winner.practitioner.practice
    with arranging():
        practice.tie_confirmed_at, practice.tie_how = timezone.now(), "call"
        practice.tie_confirmed_by = AccountFactory()
        practice.save()
    broker.send_link(actor=orienteuse, invitation=winner, now=timezone.now())
    broker.flag_late(actor=SYSTEM, solicitation=search, now=search.confirm_by)
    run_jobs()
    assert "tell_winner" not in waiting(request_)
