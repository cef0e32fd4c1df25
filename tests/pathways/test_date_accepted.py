"""The desk accepts a later date: whoever comes knows it, by text or because somebody calls."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker import services as broker
from cordee.intake import services as intake
from cordee.messaging import services as messaging
from cordee.messaging.models import Channel, DeliveryReceipt, Message
from cordee.pathways import services as pathways
from cordee.pathways.models import Task
from tests.broker.test_holds import UNTIED
from tests.factories.broker import nurse
from tests.pathways.test_conductor import qualify, waiting
from tests.pathways.test_confirmed_again import comes
from tests.pathways.test_life import found, self_of, tell, texts_to
from tests.pathways.test_who_comes_is_called import a_minute_passes
from tests.support import Browser, arranging, run_jobs, speaking_as, texts_leave

pytestmark = pytest.mark.django_db
KIND = "tell_visit"
REAL_NOW = timezone.now


@pytest.fixture
def clock_of_the_base(monkeypatch):
    """What is read is dated by the database: its clock is that of the house."""
    monkeypatch.setattr(timezone, "now", REAL_NOW)


@pytest.fixture
def tonight(request_, now):
    with arranging():
        request_.delay, request_.due_at = "tonight", now + timedelta(hours=1)
        request_.save()
    return request_


@pytest.fixture
def later(now):
    return (now + timedelta(days=20)).replace(second=0, microsecond=0)


@pytest.fixture
def phoned(tonight, orienteuse, now, later):
    """A nurse said yes on the telephone; from her account she gives a date, later than asked."""
    who = nurse(**UNTIED)
    search = qualify(tonight, orienteuse, now)
    call = broker.CallMade(who, "yes")
    broker.record_call(actor=orienteuse, solicitation=search, call=call, now=now)
    run_jobs()
    comes(search.invitations.get(), later)
    assert "decide_later_offer" in waiting(tonight)
    return search.invitations.get()


@pytest.fixture
def texted(tonight, orienteuse, now, later):
    """The same of a nurse who answered by the link that was texted to her."""
    nurse()
    _, invitation = found(tonight, orienteuse, now)
    comes(invitation, later)
    return invitation


def speaking(actor):
    browser = Browser().as_(actor)
    browser.now = timezone.now()
    return browser


def accepts(orienteuse, invitation, visit):
    """The desk writes a date on the page of the search."""
    said = {"first_visit_at": f"{timezone.localtime(visit):%Y-%m-%dT%H:%M}"}
    address = reverse("broker:first_visit", args=[invitation.pk])
    assert speaking(orienteuse).post(address, said).status_code == 302
    run_jobs()


def test_who_said_yes_on_the_phone_is_called(phoned, tonight, orienteuse, later):
    accepts(orienteuse, phoned, later)
    assert KIND in waiting(tonight)
    task = Task.objects.open().get(kind=KIND)
    page = speaking(orienteuse).get(reverse("pathways:open", args=[task.pk]), follow=True)
    assert page.redirect_chain[-1][0] == reverse("broker:search", args=[phoned.solicitation_id])
    assert str(phoned.practitioner) in page.text
    pathways.settle(actor=orienteuse, task=task, now=timezone.now())
    run_jobs()
    assert KIND not in waiting(tonight)


def test_the_call_is_still_owed_once_the_request_is_closed(phoned, tonight, orienteuse, later):
    accepts(orienteuse, phoned, later)
    tell(tonight, orienteuse)
    tonight.refresh_from_db()
    intake.close(actor=orienteuse, request=tonight, now=timezone.now())
    run_jobs()
    tonight.refresh_from_db()
    assert (tonight.state, KIND in waiting(tonight)) == ("closed", True)


@pytest.mark.usefixtures("clock_of_the_base")
def test_what_she_reads_since_closes_it(phoned, tonight, orienteuse, later):
    place = reverse("broker:won", args=[phoned.pk])
    her, again = (speaking_as(phoned.practitioner, session_key=one) for one in ("one", "other"))
    assert speaking(her).get(place).status_code == 200  # before the desk has answered
    accepts(orienteuse, phoned, later)
    a_minute_passes()
    assert KIND in waiting(tonight)
    assert "Première visite" in speaking(again).get(place).text
    a_minute_passes()
    assert KIND not in waiting(tonight)


@pytest.mark.usefixtures("clock_of_the_base")
def test_so_does_the_page_that_she_had_open_and_loads_again(phoned, tonight, orienteuse, later):
    """Within a quarter of an hour, and from the same session."""
    place = reverse("broker:won", args=[phoned.pk])
    her = speaking_as(phoned.practitioner, session_key="one")
    speaking(her).get(place)
    accepts(orienteuse, phoned, later)
    a_minute_passes()
    assert KIND in waiting(tonight)
    assert "Première visite" in speaking(her).get(place).text
    a_minute_passes()
    assert KIND not in waiting(tonight)


@pytest.mark.usefixtures("clock_of_the_base")
def test_the_list_of_prescriptions_which_says_no_date_does_not(phoned, tonight, orienteuse, later):
    her = speaking(speaking_as(phoned.practitioner, session_key="one"))
    accepts(orienteuse, phoned, later)
    assert her.get(reverse("web:own_documents", args=[phoned.pk])).status_code == 200
    a_minute_passes()
    assert KIND in waiting(tonight)


def test_her_withdrawal_closes_it(phoned, tonight, orienteuse, later):
    accepts(orienteuse, phoned, later)
    phoned.refresh_from_db()
    broker.withdraw(actor=self_of(phoned), invitation=phoned, now=timezone.now())
    run_jobs()
    assert KIND not in waiting(tonight)


@pytest.mark.parametrize("minutes", [0, 1, 45])
def test_another_minute_of_the_day_that_she_offered_is_her_date(
    phoned, tonight, orienteuse, later, minutes
):
    """The page of the search gives the date that she offered, and another minute is still it."""
    at = later.replace(hour=9, minute=10)
    comes(phoned, at)
    search = reverse("broker:search", args=[phoned.solicitation_id])
    shown = f'value="{timezone.localtime(at):%Y-%m-%dT%H:%M}"'
    assert shown in speaking(orienteuse).get(search).text
    accepts(orienteuse, phoned, at + timedelta(minutes=minutes))
    phoned.solicitation.refresh_from_db()
    assert phoned.solicitation.first_visit_at == at
    assert KIND in waiting(tonight)


def test_a_texted_one_is_told_that_another_minute_suits(texted, tonight, orienteuse, later):
    at = later.replace(hour=9, minute=10)
    comes(texted, at)
    accepts(orienteuse, texted, at + timedelta(minutes=20))
    assert texts_to(texted)[-1] == "broker.visit_accepted"


def test_another_date_than_hers_is_told_by_a_call(phoned, tonight, orienteuse, later):
    """Written after a call, or not: nothing else says it to whoever comes."""
    accepts(orienteuse, phoned, later - timedelta(days=1))
    assert KIND in waiting(tonight)


def test_no_text_says_that_another_date_suits(texted, tonight, orienteuse, later):
    accepts(orienteuse, texted, later - timedelta(days=1))
    assert "broker.visit_accepted" not in texts_to(texted)
    assert KIND in waiting(tonight)


def test_an_earlier_date_that_she_gives_herself_is_told_to_nobody(phoned, tonight, orienteuse, now):
    comes(phoned, timezone.now() + timedelta(minutes=20))
    phoned.solicitation.refresh_from_db()
    assert (phoned.solicitation.state, KIND in waiting(tonight)) == ("confirmed", False)


def test_who_is_texted_is_called_only_if_it_is_lost(texted, tonight, orienteuse, later):
    accepts(orienteuse, texted, later)
    assert texts_to(texted)[-1] == "broker.visit_accepted"
    assert KIND not in waiting(tonight)
    texts_leave(timezone.now() + timedelta(hours=16))
    told = Message.objects.get(template="broker.visit_accepted")
    lost = DeliveryReceipt(carrier_id=str(told.reference), fate="failed", reason="UNDELIV")
    messaging.record_receipt(actor=SYSTEM, channel=Channel.SMS, receipt=lost, now=timezone.now())
    run_jobs()
    assert KIND in waiting(tonight)
