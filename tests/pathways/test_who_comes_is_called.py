"""Who gets a place from reserve, and to whom nothing can be written, is told by the desk."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker import services as broker
from cordee.broker.models import Invitation
from cordee.messaging import services as messaging
from cordee.messaging.models import Channel, DeliveryReceipt, Message
from cordee.pathways import jobs
from cordee.pathways import services as pathways
from cordee.pathways.models import Task
from tests.broker.test_holds import UNTIED
from tests.factories.broker import nurse
from tests.factories.directory import AccountFactory
from tests.pathways.test_conductor import qualify, waiting
from tests.pathways.test_life import self_of
from tests.support import Browser, arranging, facts, run_jobs, speaking_as, texts_leave

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


@pytest.fixture
def linked(won, orienteuse):
    """Her number is tied at last, and a link is written to her."""
    practice = won[1].practitioner.practice
    with arranging():
        practice.tie_confirmed_at, practice.tie_how = timezone.now(), "call"
        practice.tie_confirmed_by = AccountFactory()
        practice.save()
    broker.send_link(actor=orienteuse, invitation=won[1], now=timezone.now())
    run_jobs()
    return Message.objects.get(template="broker.winner_link")


def a_minute_passes():
    jobs.look_at_who_is_to_be_called()
    run_jobs()


def test_a_link_that_leaves_at_last_closes_it_by_itself(linked, request_):
    a_minute_passes()
    assert "tell_winner" in waiting(request_)  # nothing has left yet
    texts_leave(timezone.now())
    a_minute_passes()
    assert "tell_winner" not in waiting(request_)


def test_a_link_that_is_lost_after_it_left_opens_it_again(linked, request_):
    texts_leave(timezone.now())
    a_minute_passes()
    assert "tell_winner" not in waiting(request_)
    lost = DeliveryReceipt(carrier_id=str(linked.reference), fate="failed", reason="UNDELIV")
    messaging.record_receipt(actor=SYSTEM, channel=Channel.SMS, receipt=lost, now=timezone.now())
    run_jobs()
    a_minute_passes()
    assert "tell_winner" in waiting(request_)


def read_by(winner):
    """She opens her page from her own account."""
    account = speaking_as(winner.practitioner)
    page = Browser().as_(account).get(reverse("broker:won", args=[winner.pk]))
    assert page.status_code == 200


def test_her_own_reading_closes_it(won, request_):
    read_by(won[1])
    a_minute_passes()
    assert "tell_winner" not in waiting(request_)


def test_a_text_lost_after_she_read_asks_nobody_to_call(linked, won, request_, orienteuse):
    texts_leave(timezone.now())
    read_by(won[1])
    a_minute_passes()
    assert "tell_winner" not in waiting(request_)
    lost = DeliveryReceipt(carrier_id=str(linked.reference), fate="failed", reason="UNDELIV")
    messaging.record_receipt(actor=SYSTEM, channel=Channel.SMS, receipt=lost, now=timezone.now())
    run_jobs()
    assert "tell_winner" not in waiting(request_)
    assert len(facts("broker.winner_untold")) == 1


def test_what_somebody_else_reads_closes_nothing(won, client, orienteuse, request_):
    client.as_(orienteuse).get(reverse("broker:search", args=[won[0].pk]))
    a_minute_passes()
    assert "tell_winner" in waiting(request_)
