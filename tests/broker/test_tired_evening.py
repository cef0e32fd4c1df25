"""19:25, tired, by text: slips, second thoughts, and a carrier that does not play fair."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.broker import services
from cordee.kernel.errors import DomainError
from cordee.messaging import services as messaging
from cordee.messaging.models import Channel, DeliveryReceipt, Message
from cordee.messaging.services import Heard
from tests.broker import test_answers
from tests.broker.test_answers import LATER, at, texted, yes
from tests.broker.test_late_yes import words_to
from tests.factories.broker import SolicitationFactory
from tests.support import (
    NOW,
    arranging,
    facts,
    orienteuse_of,
    run_jobs,
    simultaneously,
    speaking_as,
    texts_leave,
)

pytestmark = pytest.mark.django_db
__all__ = ["at"]


def asked(search=None):
    """A nurse asked for a need that the conductor does not follow."""
    return test_answers.asked(search or SolicitationFactory(origin=f"essai/{uuid4()}"))


def writes(invitation, words, now=LATER):
    """What her phone says, or a forger in her name."""
    messaging.receive_text(actor=SYSTEM, heard=Heard(invitation.phone, words), now=now)
    run_jobs(until=now)
    invitation.refresh_from_db()
    invitation.solicitation.refresh_from_db()
    return invitation


def test_yes_no_yes_by_text_holds_the_place_once_and_the_link_does_the_rest(at):
    """Forged in turn, they would keep the place from everybody, for as long as one likes."""
    first, other = asked(), None
    other = asked(first.solicitation)
    for word, answer, state in (
        ("oui", "held", "held"),
        ("non", "declined", "open"),
        ("oui", "declined", "open"),
        ("oui", "declined", "open"),
    ):
        writes(first, f"{word} {first.code}")
        assert (first.answer, first.solicitation.state) == (answer, state)
    assert words_to(first) == ["broker.place_held", "broker.by_the_link"]
    assert len(facts("broker.place_held")) == 1
    assert writes(other, f"oui {other.code}").answer == "held"
    assert yes(other).answer == "accepted"


def test_after_a_no_by_text_her_link_still_takes_the_place(at):
    first = asked()
    for word in ("oui", "non", "oui"):
        writes(first, f"{word} {first.code}")
    assert yes(first).answer == "accepted"


def test_two_codes_in_one_text_are_two_answers(at):
    first = asked()
    second = test_answers.InvitationFactory(
        practitioner=first.practitioner,
        phone=first.phone,
        solicitation=SolicitationFactory(origin=f"essai/{uuid4()}"),
    )
    writes(first, f"OUI {first.code} {second.code}")
    second.refresh_from_db()
    assert (first.answer, second.answer) == ("held", "held")
    writes(first, f"non {first.code} oui {second.code}")
    second.refresh_from_db()
    assert (first.answer, second.answer) == ("declined", "held")


def test_she_dies_between_the_yes_and_the_link(at):
    held = texted(asked(), "yes")
    search = held.solicitation
    with arranging():
        type(search.person).objects.filter(pk=search.person_id).update(deceased_on=NOW.date())
    held.refresh_from_db()
    assert yes(held).answer != "accepted"
    services.advance(actor=SYSTEM, solicitation=search, now=LATER + timedelta(hours=1))
    assert facts("broker.solicitation_filled") == []
    held.refresh_from_db()
    search.refresh_from_db()
    assert (held.answer, search.state) == ("lapsed", "exhausted")


@pytest.mark.django_db(transaction=True)
def test_she_withdraws_while_her_visit_is_being_written():
    winner = yes(asked())
    visit = LATER + timedelta(hours=20)
    her = speaking_as(winner.practitioner)

    def confirm():
        try:
            services.confirm_care(actor=her, invitation=winner, first_visit_at=visit, now=LATER)
        except DomainError as refusal:
            return refusal.code

    def withdraw():
        services.withdraw(actor=her, invitation=winner, now=LATER)

    answers = simultaneously(confirm, withdraw)
    assert answers[0] in (None, "broker.not_yours")
    winner.refresh_from_db()
    winner.solicitation.refresh_from_db()
    assert (winner.answer, winner.solicitation.state) == ("withdrawn", "reopened")
    assert len(facts("broker.withdrawn")) == 1


def receipt(fate, message):
    messaging.record_receipt(
        actor=SYSTEM,
        channel=Channel.SMS,
        receipt=DeliveryReceipt(carrier_id=str(message.reference), fate=fate, reason="x"),
        now=LATER,
    )
    run_jobs(until=LATER)


def test_a_question_that_arrives_after_it_was_said_lost_is_waited_for_again(at):
    search = SolicitationFactory(origin=f"essai/{uuid4()}")
    test_answers.nurse()
    services.advance(actor=SYSTEM, solicitation=search, now=NOW)
    texts_leave(NOW)
    question, message = search.invitations.get(), Message.objects.get(template="broker.ask")
    receipt("failed", message)
    question.refresh_from_db()
    assert question.undelivered_at is not None
    receipt("delivered", message)
    question.refresh_from_db()
    assert question.undelivered_at is None
    receipt("failed", message)  # once more, out of order: it arrived
    question.refresh_from_db()
    assert question.undelivered_at is None


def test_a_question_that_the_desk_sends_again_is_waited_for_from_then_on(at):
    """The last who may answer: given up, the need would go back while she reads the question."""
    search = SolicitationFactory(origin=f"essai/{uuid4()}")
    test_answers.nurse(), test_answers.nurse()
    services.advance(actor=SYSTEM, solicitation=search, now=NOW)
    texts_leave(NOW)
    lost, other = search.invitations.order_by("pk")
    message = Message.objects.get(template="broker.ask", to=lost.phone)
    receipt("failed", message)
    lost.refresh_from_db()
    assert lost.undelivered_at is not None

    message.refresh_from_db()
    desk = orienteuse_of(search.organization)
    messaging.resend(actor=desk, message=message, now=LATER)
    run_jobs(until=LATER)
    lost.refresh_from_db()
    assert lost.undelivered_at is None
    assert writes(other, f"non {other.code}").solicitation.state == "open"
    assert writes(lost, f"oui {lost.code}").answer == "held"


def test_a_question_sent_again_that_fails_again_is_waited_for_no_more(at):
    search = SolicitationFactory(origin=f"essai/{uuid4()}")
    test_answers.nurse(), test_answers.nurse()
    services.advance(actor=SYSTEM, solicitation=search, now=NOW)
    texts_leave(NOW)
    lost, other = search.invitations.order_by("pk")
    message = Message.objects.get(template="broker.ask", to=lost.phone)
    receipt("failed", message)
    message.refresh_from_db()
    messaging.resend(actor=orienteuse_of(search.organization), message=message, now=LATER)
    run_jobs(until=LATER)
    messaging.claim(actor=SYSTEM, channel=Channel.SMS, now=LATER)
    message.refresh_from_db()
    messaging.give_up(actor=SYSTEM, message=message, reason="x", now=LATER)
    run_jobs(until=LATER)
    lost.refresh_from_db()
    assert lost.undelivered_at is not None
    assert writes(other, f"non {other.code}").solicitation.state == "exhausted"


def test_stop_in_the_middle_of_a_search_and_the_others_go_on(at):
    first = asked()
    other = asked(first.solicitation)
    writes(first, "STOP")
    assert writes(first, f"oui {first.code}").solicitation.state in ("held", "open")
    assert yes(other).answer in ("accepted", "standby")


def test_who_says_yes_after_her_stop_is_told_so_and_asked_nothing_more(at):
    """An answer to her own text is no solicitation; questions stay stopped."""
    first = asked()
    writes(first, "STOP")
    first.practitioner.practice.refresh_from_db()
    assert first.practitioner.practice.stopped_at
    assert writes(first, f"oui {first.code}", LATER + timedelta(minutes=1)).answer == "held"
    assert sent_to(first) == ["messaging.stopped", "broker.place_held"]

    question = {"to": first.phone, "actor": SYSTEM, "now": LATER + timedelta(minutes=2)}
    context = {"organization_id": first.solicitation.organization_id}
    messaging.send_text(
        **question,
        template="broker.confirm_visit",
        origin="",
        context=context | {"code": first.code},
    )
    assert sent_to(first) == ["messaging.stopped", "broker.place_held"]


def test_who_says_stop_after_her_yes_is_told_nothing_more(at):
    first = asked()
    other = asked(first.solicitation)
    yes(other)
    writes(first, f"oui {first.code}")
    writes(first, "STOP", LATER + timedelta(minutes=1))
    answer = {"to": first.phone, "actor": SYSTEM, "now": LATER + timedelta(minutes=2)}
    context = {"organization_id": first.solicitation.organization_id, "code": first.code}
    messaging.send_text(**answer, template="broker.stand_by", origin="", context=context)
    assert Message.objects.filter(template="broker.stand_by").latest("pk").state == "failed"


@pytest.fixture
def phone_writes(client, settings):
    """What a phone says reaches us by the carrier’s own door."""
    settings.CORDEE = replace(settings.CORDEE, sms_gateway="http", sms_http_token="jeton")  # noqa: S106

    def write(invitation, words, now):
        client.now = now
        said = {"from": invitation.phone.removeprefix("+"), "text": words, "id": uuid4().hex}
        door = {"content_type": "application/json", "headers": {"Authorization": "Bearer jeton"}}
        assert client.post(reverse("messaging:carrier"), said, **door).status_code == 204
        run_jobs(until=now)

    return write


@pytest.mark.parametrize(
    ("waited", "leaves"),
    [
        (timedelta(hours=24), ["broker.place_held"]),
        (timedelta(hours=24, microseconds=1), []),
        (timedelta(days=3), []),
    ],
)
def test_an_answer_that_the_carrier_held_for_a_day_does_not_leave_after_her_stop(
    at, phone_writes, waited, leaves
):
    """A day late, it is one more text that she did not ask for: the desk is told, and calls."""
    first = asked()
    phone_writes(first, "STOP", LATER)
    assert texts_leave(LATER) == ["messaging.stopped"]
    wrote = LATER + timedelta(minutes=1)
    phone_writes(first, f"oui {first.code}", wrote)
    assert sent_to(first) == ["messaging.stopped", "broker.place_held"]

    assert texts_leave(wrote + waited) == leaves
    answer = Message.objects.get(template="broker.place_held")
    assert (answer.state, answer.reason) == (
        ("sent", "") if leaves else ("failed", "messaging.stopped")
    )
    told = [one["data"]["reason"] for one in facts("messaging.delivery_failed")]
    assert told == ([] if leaves else ["messaging.stopped"])


def sent_to(invitation):
    """What left, or waits to leave, for her phone."""
    told = Message.objects.filter(to=invitation.phone).exclude(state="failed").order_by("pk")
    return list(told.values_list("template", flat=True))
