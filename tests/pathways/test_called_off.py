"""Whoever was to come and is expected no more hears of it before setting off, by text or a call."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM, Role
from cordee.broker import rules
from cordee.broker import services as broker
from cordee.broker.models import Invitation
from cordee.intake import services as intake
from cordee.messaging import services as messaging
from cordee.messaging.models import Channel, DeliveryReceipt, Message
from cordee.pathways import services as pathways
from cordee.pathways.models import Task
from tests.factories.broker import nurse
from tests.factories.directory import AccountFactory, MembershipFactory, PracticeSiteFactory
from tests.factories.people import ProcessingFactory
from tests.pathways.test_conductor import qualify
from tests.pathways.test_life import confirmed, dies, found, texts_to
from tests.pathways.test_shut_out import refuses_coordination
from tests.support import NOW, Browser, actor, arranging, run_jobs, stranger, texts_leave

pytestmark = pytest.mark.django_db
KIND = "call_off"
EVENING = NOW + timedelta(hours=2, minutes=30)  # five to ten in the evening, texts wait for seven
MORNING = NOW.replace(hour=7, minute=0) + timedelta(days=1)


def calls_to_make():
    return list(Task.objects.open().filter(kind=KIND))


@pytest.fixture
def phoned(request_, orienteuse, now):
    """A nurse said yes on the telephone: no text ever reached her about it."""
    who = nurse(tie_confirmed_at=None, tie_confirmed_by=None, tie_how="")
    PracticeSiteFactory(practitioner=who, phone="+33492000000")
    search = qualify(request_, orienteuse, now)
    call = broker.CallMade(who, "yes")
    broker.record_call(actor=orienteuse, solicitation=search, call=call, now=now)
    run_jobs()
    request_.refresh_from_db()
    search.refresh_from_db()
    assert (request_.state, search.state) == ("found", "filled")
    return search, search.invitations.get()


@pytest.fixture
def written(request_, orienteuse, now):
    """A nurse said yes by the link that was texted to her, and when she comes."""
    nurse()
    return confirmed(request_, orienteuse, now)


def cancels(speaking, request, reason="solved"):
    """The desk cancels on the page of the request."""
    address = reverse("intake:act", args=[request.pk, "annuler"])
    assert speaking.post(address, {"reason": reason}).status_code == 302
    run_jobs()


def stops(orienteuse, search, at):
    """The desk stops the search on its page, at some hour."""
    speaking = Browser().as_(orienteuse)
    speaking.now = at
    address = reverse("broker:stop", args=[search.pk])
    assert speaking.post(address, {"reason": "found_elsewhere"}).status_code == 302
    run_jobs()
    search.refresh_from_db()
    assert search.state == "cancelled"


def comes_at(search, visit):
    with arranging():
        search.keep(first_visit_at=visit)


# --- nothing can be written to her ---------------------------------------------------------------


@pytest.mark.parametrize("reason", ["solved", "asked", "mistake"])
def test_who_said_yes_on_the_phone_is_called_when_the_desk_cancels(
    phoned, request_, orienteuse, reason
):
    speaking = Browser().as_(orienteuse)
    cancels(speaking, request_, reason)
    (task,) = calls_to_make()
    assert (task.organization_id, task.assignee_id) == (request_.organization_id, None)
    page = speaking.get(reverse("pathways:open", args=[task.pk]), follow=True)
    assert page.redirect_chain[-1][0] == reverse("broker:called_off", args=[phoned[0].pk])
    assert str(phoned[1].practitioner) in page.text
    assert "04 92 00 00 00" in page.text.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_worklist_says_what_to_do_and_it_is_ticked_off_there(phoned, request_, orienteuse):
    speaking = Browser().as_(orienteuse)
    cancels(speaking, request_)
    (task,) = calls_to_make()
    assert "n’est plus attendue" in speaking.get(reverse("pathways:worklist")).text
    speaking.post(reverse("pathways:settle", args=[task.pk]))
    run_jobs()
    assert calls_to_make() == []


def test_whoever_the_person_dismisses_is_called_too(phoned, orienteuse):
    speaking = Browser().as_(orienteuse)
    speaking.post(reverse("broker:dismiss", args=[phoned[1].pk]))
    run_jobs()
    (task,) = calls_to_make()
    page = speaking.get(reverse("pathways:open", args=[task.pk]), follow=True)
    assert str(phoned[1].practitioner) in page.text


def test_the_desk_that_found_her_calls_her_when_it_hands_the_request_on(
    phoned, request_, orienteuse
):
    other = MembershipFactory(organization__kind="sio").organization
    to = intake.HandOn(organization=other, reason="territory", spoken_with="Nadia")
    intake.hand_on(actor=orienteuse, request=request_, to=to, now=timezone.now())
    run_jobs()
    (task,) = calls_to_make()
    assert task.organization_id == request_.organization_id


def test_a_death_calls_her_off(phoned, request_, orienteuse):
    dies(request_, orienteuse, timezone.now())
    run_jobs()
    assert len(calls_to_make()) == 1


def test_where_the_person_refuses_texts_the_desk_calls(written, request_, orienteuse):
    search, invitation = written
    ProcessingFactory(person=request_.person, purpose="texts", will="refused")
    cancels(Browser().as_(orienteuse), request_)
    assert "broker.not_needed" not in texts_to(invitation)
    assert len(calls_to_make()) == 1


def test_who_said_stop_is_called(written, request_, orienteuse):
    heard = messaging.Heard(written[1].phone, "STOP")
    messaging.receive_text(actor=SYSTEM, heard=heard, now=timezone.now())
    cancels(Browser().as_(orienteuse), request_)
    assert len(calls_to_make()) == 1


def is_lost(message, at):
    texts_leave(at)
    lost = DeliveryReceipt(carrier_id=str(message.reference), fate="failed", reason="UNDELIV")
    messaging.record_receipt(actor=SYSTEM, channel=Channel.SMS, receipt=lost, now=at)
    run_jobs()


def test_a_word_that_never_arrives_is_said_by_the_desk_once(written, orienteuse):
    search, invitation = written
    stops(orienteuse, search, NOW)
    told = Message.objects.get(template="broker.not_needed")
    assert calls_to_make() == []
    is_lost(told, NOW)
    (task,) = calls_to_make()
    pathways.settle(actor=orienteuse, task=task, now=timezone.now())
    messaging.resend(actor=orienteuse, message=Message.objects.get(pk=told.pk), now=NOW)
    is_lost(Message.objects.get(pk=told.pk), NOW)
    assert calls_to_make() == []


# --- the word waits for the morning --------------------------------------------------------------


@pytest.mark.parametrize(
    "visit",
    [EVENING + timedelta(minutes=30), MORNING, MORNING + timedelta(minutes=45), NOW],
    ids=["tonight", "as quiet hours end", "on the road by then", "comes already"],
)
def test_who_would_read_it_too_late_is_called_now_and_not_woken(written, orienteuse, visit):
    search, _ = written
    comes_at(search, visit)
    stops(orienteuse, search, EVENING)
    assert len(calls_to_make()) == 1
    told = Message.objects.get(template="broker.not_needed")
    assert told.next_attempt_at == MORNING


def test_who_gave_no_date_yet_may_come_tonight(request_, orienteuse, now):
    nurse()
    search, _ = found(request_, orienteuse, now)
    with arranging():
        search.keep(begins_at=EVENING)
    stops(orienteuse, search, EVENING)
    assert len(calls_to_make()) == 1


@pytest.mark.parametrize(
    ("visit", "at"),
    [(MORNING + timedelta(hours=7), EVENING), (NOW + timedelta(hours=1), NOW)],
    ids=["comes in the afternoon", "reads it at once"],
)
def test_who_reads_it_in_time_is_not_called(written, orienteuse, visit, at):
    search, invitation = written
    comes_at(search, visit)
    stops(orienteuse, search, at)
    assert texts_to(invitation)[-1] == "broker.not_needed"
    assert calls_to_make() == []


def test_how_long_before_a_visit_one_sets_off_is_a_setting_of_the_house(written, orienteuse):
    search, _ = written
    comes_at(search, MORNING + timedelta(hours=7))
    urgency = rules.Urgency(search.urgency)
    settings = replace(rules.DEFAULTS[urgency], sets_off=8 * 60)
    chief = actor(Role.ADMINISTRATOR, account_id=AccountFactory().pk)
    broker.change_settings(actor=chief, urgency=urgency.value, settings=settings, now=NOW)
    stops(orienteuse, search, EVENING)
    assert len(calls_to_make()) == 1


def test_who_was_not_to_come_is_not_called(request_, orienteuse, now):
    nurse(tie_confirmed_at=None, tie_confirmed_by=None, tie_how="")
    nurse()
    search = qualify(request_, orienteuse, now)
    ProcessingFactory(person=request_.person, purpose="texts", will="refused")
    cancels(Browser().as_(orienteuse), request_)
    search.refresh_from_db()
    assert search.state == "cancelled"
    assert not Task.objects.filter(kind=KIND).exists()


# --- who is shown what ---------------------------------------------------------------------------


def test_whom_the_desk_may_follow_no_more_is_not_named(phoned, request_, orienteuse, now):
    refuses_coordination(request_.person, orienteuse, now)
    run_jobs()
    (task,) = calls_to_make()
    assert task.person_id is None
    speaking = Browser().as_(orienteuse)
    shown = speaking.get(reverse("pathways:open", args=[task.pk]), follow=True).text
    assert str(phoned[1].practitioner) in shown
    for words in (request_.person.birth_name, "Injection", "Saint-Bonnet"):
        assert words.casefold() not in shown.casefold()


def test_whom_the_desk_still_follows_is_named(phoned, request_, orienteuse):
    speaking = Browser().as_(orienteuse)
    cancels(speaking, request_)
    shown = speaking.get(reverse("broker:called_off", args=[phoned[0].pk])).text
    assert request_.person.birth_name.casefold() in shown.casefold()


def test_nobody_else_is_shown_it_nor_of_who_still_comes(phoned, request_, orienteuse):
    speaking = Browser().as_(orienteuse)
    address = reverse("broker:called_off", args=[phoned[0].pk])
    assert speaking.get(address).status_code == 404
    cancels(speaking, request_)
    assert speaking.get(address).status_code == 200
    assert Browser().as_(stranger()).get(address).status_code == 404


def test_who_says_yes_again_is_not_called_off(phoned, request_, orienteuse):
    search, invitation = phoned
    stops(orienteuse, search, NOW)
    (task,) = calls_to_make()
    request_.refresh_from_db()
    nurse()
    intake.ask_search(actor=orienteuse, request=request_, now=timezone.now())
    run_jobs()
    call = broker.CallMade(invitation.practitioner, "yes")
    again = Invitation.objects.filter(solicitation__state="open").first().solicitation
    broker.record_call(actor=orienteuse, solicitation=again, call=call, now=timezone.now())
    run_jobs()
    request_.refresh_from_db()
    assert request_.practitioner_id == invitation.practitioner_id
    assert calls_to_make() == []
    address = reverse("broker:called_off", args=[search.pk])
    assert Browser().as_(orienteuse).get(address).status_code == 404
