"""A place held for who said yes, and those in reserve behind: each has her minutes and her word."""

from datetime import timedelta

import pytest

from cordee.access.actor import SYSTEM
from cordee.broker import jobs, rules, services
from cordee.messaging import services as messaging
from cordee.messaging.models import Message
from cordee.people.models import CircleMember
from tests.broker.test_answers import LATER, asked, at, desk_of, texted, yes
from tests.factories.broker import SolicitationFactory, nurse
from tests.factories.people import ProcessingFactory
from tests.pathways.test_heard_again import last
from tests.support import NOW, arranging, facts, queued, speaking_as

pytestmark = pytest.mark.django_db
__all__ = ["at"]
HOLD = timedelta(minutes=15)
UNTIED = {"tie_confirmed_at": None, "tie_confirmed_by": None, "tie_how": ""}


def look(invitation, now):
    search = invitation.solicitation
    services.advance(actor=SYSTEM, solicitation=search, now=now)
    search.refresh_from_db()
    invitation.refresh_from_db()
    return search


def words_to(phone):
    told = Message.objects.filter(to=phone).order_by("pk")
    return list(told.values_list("template", flat=True))


def says_yes_on_the_phone(who, search, now=LATER):
    call = services.CallMade(who, "yes")
    return services.record_call(actor=desk_of(search), solicitation=search, call=call, now=now)


# --- near the deadline ---------------------------------------------------------------------------


@pytest.fixture
def almost_over():
    return SolicitationFactory(deadline_at=LATER + timedelta(minutes=2))


def test_a_hold_lasts_its_minutes_whatever_the_deadline(at, almost_over):
    held = texted(asked(almost_over), "yes")
    after = LATER + timedelta(minutes=10)
    search = look(held, after)
    assert (search.state, search.held_until, held.answer) == ("held", LATER + HOLD, "held")
    assert yes(held, after).answer == "accepted"


def test_who_waits_in_reserve_at_the_deadline_has_the_place_in_turn(at, almost_over):
    first = texted(asked(almost_over), "yes")
    second = texted(asked(almost_over), "yes")
    look(first, LATER + HOLD)
    second.refresh_from_db()
    assert (first.answer, second.answer) == ("lapsed", "held")
    assert words_to(second.phone) == ["broker.stand_by", "broker.place_held"]
    assert yes(second, LATER + HOLD + timedelta(minutes=5)).answer == "accepted"


def test_after_the_last_hold_the_deadline_gives_the_need_back(at, almost_over):
    held = texted(asked(almost_over), "yes")
    search = look(held, LATER + HOLD)
    assert (search.state, search.end_reason, held.answer) == ("exhausted", "deadline", "lapsed")
    assert words_to(held.phone) == ["broker.place_held", "broker.hold_lapsed"]


def test_a_delay_made_nearer_leaves_her_minutes_to_who_holds_the_place(at):
    held = texted(asked(), "yes")
    search = services.set_urgency(
        actor=SYSTEM,
        solicitation=held.solicitation,
        urgency=rules.Urgency.TONIGHT,
        deadline_at=LATER + timedelta(minutes=5),
        now=LATER,
    )
    assert search.deadline_at == LATER + HOLD
    assert look(held, LATER + timedelta(minutes=6)).state == "held"
    assert yes(held, LATER + timedelta(minutes=14)).answer == "accepted"
    search.refresh_from_db()
    assert search.state == "filled"


def test_who_waits_in_reserve_is_told_when_nobody_is_needed_any_more(at, almost_over):
    first = texted(asked(almost_over), "yes")
    second = texted(asked(almost_over), "yes")
    with arranging():
        almost_over.person.deceased_on = NOW.date()
        almost_over.person.save()
    search = look(first, LATER + HOLD)
    second.refresh_from_db()
    assert (search.state, second.answer) == ("exhausted", "not_needed")
    assert words_to(second.phone)[-1] == "broker.not_needed"


# --- a firm yes in reserve -----------------------------------------------------------------------


def test_a_yes_on_the_phone_in_reserve_wins_when_the_hold_lapses(at):
    held = texted(asked(), "yes")
    search, other = held.solicitation, nurse()
    assert says_yes_on_the_phone(other, search).answer == "standby"
    search = look(held, LATER + HOLD)
    won = search.invitations.get(practitioner=other)
    assert (search.state, won.answer, held.answer) == ("filled", "accepted", "lapsed")
    assert len(facts("broker.solicitation_filled")) == 1
    assert CircleMember.objects.current().filter(practitioner=other).exists()
    assert words_to(other.practice.mobile) == ["broker.winner_link"]


def test_a_yes_by_link_in_reserve_wins_when_the_hold_lapses(at):
    held = texted(asked(), "yes")
    other = asked(held.solicitation)
    assert yes(other).answer == "standby"
    search = look(held, LATER + HOLD)
    other.refresh_from_db()
    assert (search.state, other.answer) == ("filled", "accepted")
    assert words_to(other.phone) == ["broker.stand_by", "broker.place_held"]


def test_who_wins_from_reserve_and_cannot_be_written_to_is_left_to_the_desk(at):
    held = texted(asked(), "yes")
    search, other = held.solicitation, nurse(**UNTIED)
    says_yes_on_the_phone(other, search)
    search = look(held, LATER + HOLD)
    assert (search.state, words_to(other.practice.mobile)) == ("filled", [])
    (untold,) = facts("broker.winner_untold")
    assert untold["data"]["practitioner_id"] == str(other.pk)


def test_where_texts_are_not_permitted_who_wins_from_reserve_is_left_to_the_desk(at):
    held = texted(asked(), "yes")
    search, other = held.solicitation, asked(held.solicitation)
    yes(other)
    ProcessingFactory(person=search.person, purpose="texts", will="refused")
    assert look(held, LATER + HOLD).state == "filled"
    assert "broker.place_held" not in words_to(other.phone)
    assert len(facts("broker.winner_untold")) == 1


@pytest.mark.parametrize("on_the_phone", [True, False])
def test_who_wins_from_reserve_by_a_text_that_never_arrives_is_left_to_the_desk(at, on_the_phone):
    held = texted(asked(), "yes")
    search = held.solicitation
    if on_the_phone:
        won = says_yes_on_the_phone(nurse(), search)
    else:
        won = asked(search)
        yes(won)
    look(held, LATER + HOLD)
    assert facts("broker.winner_untold") == []
    text = Message.objects.filter(origin=f"broker/invitation/{won.pk}").latest("pk")
    messaging.give_up(actor=SYSTEM, message=sending(text), reason="smpp.11", now=LATER + HOLD)
    jobs.on_failure(fact=last("messaging.delivery_failed"))
    (untold,) = facts("broker.winner_untold")
    assert untold["data"]["practitioner_id"] == str(won.practitioner_id)


def sending(message):
    """It is with the carrier, which has not answered yet."""
    with arranging():
        message.state, message.sending_since, message.next_attempt_at = "sending", LATER, None
        message.save()
    return message


def test_a_yes_by_text_made_firm_by_the_link_wins_in_its_turn(at):
    held = texted(asked(), "yes")
    other = texted(asked(held.solicitation), "yes")
    assert yes(other).answer == "standby"
    look(held, LATER + HOLD)
    other.refresh_from_db()
    assert other.answer == "accepted"


def test_a_yes_by_text_in_reserve_is_held_and_no_more(at):
    held = texted(asked(), "yes")
    other = texted(asked(held.solicitation), "yes")
    search = look(held, LATER + HOLD)
    other.refresh_from_db()
    assert (search.state, other.answer) == ("held", "held")


def test_a_firm_yes_taken_back_is_not_firm_when_a_text_says_yes_again(at):
    held = texted(asked(), "yes")
    other = asked(held.solicitation)
    yes(other)
    services.decline(actor=speaking_as(other.practitioner), invitation=other, now=LATER)
    other.refresh_from_db()
    texted(other, "yes")
    search = look(held, LATER + HOLD)
    other.refresh_from_db()
    assert (search.state, other.answer) == ("held", "held")


def test_when_who_holds_the_place_says_no_the_firm_yes_behind_has_it(at):
    held = texted(asked(), "yes")
    search, other = held.solicitation, nurse()
    third = asked(search)
    says_yes_on_the_phone(other, search)
    texted(held, "no")
    assert yes(third).answer == "standby"  # nobody slips in before her
    assert any(moment <= LATER for *_, moment in queued("cordee.broker.jobs.close_wave"))
    search = look(held, LATER)
    third.refresh_from_db()
    assert search.invitations.get(practitioner=other).answer == "accepted"
    assert (search.state, third.answer) == ("filled", "too_late")
