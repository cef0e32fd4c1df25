"""Yes, no, later, by text, by link, by call: one winner, and nothing else moves."""

from datetime import timedelta

import pytest

from cordee.access.actor import SYSTEM, Actor, Origin, Purpose, Role
from cordee.broker import jobs, services
from cordee.broker.models import Invitation, Solicitation
from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.facts import StoredFact
from cordee.messaging.models import Message, MessageTemplate
from cordee.people.models import CircleMember
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurse
from tests.factories.directory import AccountFactory
from tests.factories.people import MemberFactory
from tests.support import (
    NOW,
    arranging,
    facts,
    orienteuse_of,
    queued,
    simultaneously,
    speaking_as,
    stranger,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def asked(solicitation=None, **more):
    """A nurse of the zone who was asked."""
    who = nurse()
    more.setdefault("phone", who.practice.mobile)
    solicitation = solicitation or SolicitationFactory()
    return InvitationFactory(solicitation=solicitation, practitioner=who, **more)


def desk_of(solicitation):
    """An orienteuse of the desk that searches, whose service is in the circle of the person."""
    member = {"person": solicitation.person, "organization": solicitation.organization}
    if not CircleMember.objects.filter(**member).exists():
        MemberFactory(**member, practitioner=None, role="orientation")
    return orienteuse_of(solicitation.organization, account_id=AccountFactory().pk)


def guest(invitation, **more) -> Actor:
    values = {"role": Role.GUEST, "practitioner_id": invitation.practitioner_id,
              "purpose": Purpose.CARE, "origin": Origin.LINK}  # fmt: skip
    return Actor(**values | more)


def yes(invitation, now=LATER):
    actor = speaking_as(invitation.practitioner)
    return services.accept(actor=actor, invitation=invitation, now=now)


def texted(invitation, word, code=None, clear=True, now=LATER):
    """What messaging tells when a text came from the invited phone."""
    answers = [f"{word}:{invitation.code if code is None else code}"] if clear else []
    data = {"practitioner_id": str(invitation.practitioner_id), "clear": clear, "stop": False,
            "answers": answers, "codes": [invitation.code]}  # fmt: skip
    fact = StoredFact(1, "messaging.text_received", None, now, now, "text", "", {}, data)
    jobs.on_text(fact=fact)
    invitation.refresh_from_db()
    invitation.solicitation.refresh_from_db()
    return invitation


@pytest.fixture
def at(monkeypatch):
    """Set the clock that jobs read."""

    def set_clock(moment):
        monkeypatch.setattr(jobs.timezone, "now", lambda: moment)

    set_clock(LATER)
    return set_clock


# --- the yes -------------------------------------------------------------------------------------


def test_a_yes_fills_the_search_opens_the_circle_and_thanks_the_others():
    winner = asked()
    other = asked(winner.solicitation)
    assert yes(winner).answer == "accepted"
    winner.solicitation.refresh_from_db()
    assert winner.solicitation.state == Solicitation.State.FILLED
    assert winner.solicitation.confirm_by == LATER + timedelta(minutes=120)
    (told,) = Message.objects.filter(template="broker.already_taken")
    assert told.to == other.phone
    assert CircleMember.objects.current().filter(practitioner=winner.practitioner).exists()
    (fact,) = facts("broker.solicitation_filled")
    assert fact["data"]["practitioner_id"] == str(winner.practitioner_id)
    assert queued("cordee.broker.jobs.check_confirmation")[0][3] == winner.solicitation.confirm_by


def test_a_second_yes_is_too_late_and_changes_nothing():
    winner = asked()
    other = asked(winner.solicitation)
    yes(winner)
    assert yes(other).answer == "too_late"
    assert len(facts("broker.solicitation_filled")) == 1
    assert not CircleMember.objects.filter(practitioner=other.practitioner).exists()


def test_saying_yes_twice_is_saying_it_once():
    winner = asked()
    yes(winner)
    yes(winner)
    assert len(facts("broker.solicitation_filled")) == 1


@pytest.mark.parametrize("end", ["cancelled", "deadline", "death"])
def test_a_yes_that_comes_after_the_end_is_no_longer_needed_and_changes_nothing(end):
    invitation = asked()
    solicitation, now = invitation.solicitation, LATER
    if end == "cancelled":
        services.cancel(actor=SYSTEM, solicitation=solicitation, reason="moved", now=NOW)
    elif end == "deadline":
        now = solicitation.deadline_at
    else:
        with arranging():
            solicitation.person.deceased_on = NOW.date()
            solicitation.person.save()
    assert yes(invitation, now).answer == "not_needed"
    assert facts("broker.solicitation_filled") == []
    assert not CircleMember.objects.filter(practitioner=invitation.practitioner).exists()


def test_only_who_was_asked_may_answer():
    invitation = asked()
    for actor in (speaking_as(nurse()), stranger()):
        with pytest.raises(Forbidden):
            services.accept(actor=actor, invitation=invitation, now=NOW)


def test_a_link_says_nothing_before_the_identity_is_confirmed():
    invitation = asked()
    with pytest.raises(Forbidden):
        services.accept(actor=guest(invitation), invitation=invitation, now=NOW)
    services.confirm_identity(actor=guest(invitation), invitation=invitation, now=NOW)
    invitation.refresh_from_db()
    accepted = services.accept(actor=guest(invitation), invitation=invitation, now=NOW)
    assert accepted.answer == "accepted"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(6))
def test_eight_simultaneous_yes_leave_one_winner(round_):
    solicitation = SolicitationFactory()
    invitations = [asked(solicitation) for _ in range(8)]
    answers = simultaneously(*[lambda one=one: yes(one).answer for one in invitations])
    assert sorted(answers) == ["accepted", *["too_late"] * 7]
    assert len(facts("broker.solicitation_filled")) == 1
    in_circle = CircleMember.objects.current().filter(person=solicitation.person)
    assert in_circle.exclude(practitioner=None).count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_race_after_race_there_is_one_winner_and_no_answer_is_lost():
    """The bench runs two hundred of them."""
    for _ in range(25):
        solicitation = SolicitationFactory()
        invitations = [asked(solicitation) for _ in range(8)]
        simultaneously(*[lambda one=one: yes(one).answer for one in invitations])
        kept = solicitation.invitations.order_by("pk").values_list("answer", flat=True)
        assert sorted(kept) == ["accepted", *["too_late"] * 7]
        solicitation.refresh_from_db()
        assert solicitation.state == Solicitation.State.FILLED
    assert len(facts("broker.solicitation_filled")) == 25


@pytest.mark.django_db(transaction=True)
def test_a_call_a_link_and_a_text_race_for_one_place(at):
    solicitation = SolicitationFactory()
    by_call, by_link, by_text = (asked(solicitation) for _ in range(3))
    desk = desk_of(solicitation)
    call = services.CallMade(by_call.practitioner, "yes")
    simultaneously(
        lambda: services.record_call(actor=desk, solicitation=solicitation, call=call, now=LATER),
        lambda: yes(by_link),
        lambda: texted(by_text, "yes"),
    )
    taken = solicitation.invitations.filter(answer__in=["accepted", "held"])
    assert taken.count() == 1


# --- by text -------------------------------------------------------------------------------------


def test_a_yes_by_text_holds_the_place_and_opens_nothing(at):
    invitation = texted(asked(), "yes")
    assert invitation.answer == "held"
    assert invitation.solicitation.state == Solicitation.State.HELD
    assert invitation.solicitation.held_until == LATER + timedelta(minutes=15)
    assert not CircleMember.objects.filter(practitioner=invitation.practitioner).exists()
    assert Message.objects.filter(template="broker.place_held").count() == 1


def kept_words(code):
    """Words of administration, kept before we looked at it, with a link that nobody gives."""
    with arranging():
        MessageTemplate.objects.create(code=code, channel="sms", body="{service} {code} {lien}")


def test_words_that_cannot_be_written_undo_no_yes_by_text(at):
    kept_words("broker.place_held")
    invitation = texted(asked(), "yes")
    assert invitation.answer == "held"
    (told,) = Message.objects.filter(template="broker.place_held")
    assert "ouvrez le lien recu" in told.text


def test_words_that_cannot_be_written_undo_no_yes_by_link():
    kept_words("broker.already_taken")
    winner = asked()
    asked(winner.solicitation)
    assert yes(winner).answer == "accepted"
    assert Message.objects.filter(template="broker.already_taken").count() == 1


def test_the_same_text_heard_twice_holds_once(at):
    invitation = asked()
    texted(invitation, "yes")
    texted(invitation, "yes")
    assert len(facts("broker.place_held")) == 1


def test_a_second_yes_waits_in_reserve_and_gets_the_place_when_the_hold_lapses(at):
    first = texted(asked(), "yes")
    second = texted(asked(first.solicitation), "yes")
    assert second.answer == "standby"
    end = first.solicitation.held_until
    services.advance(actor=SYSTEM, solicitation=first.solicitation, now=end)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.answer, second.answer) == ("lapsed", "held")
    assert Message.objects.filter(template="broker.hold_lapsed", to=first.phone).count() == 1


def test_a_forged_sender_cannot_hold_the_place_again_and_again(at):
    invitation = texted(asked(), "yes")
    end = invitation.solicitation.held_until
    services.advance(actor=SYSTEM, solicitation=invitation.solicitation, now=end)
    at(end)
    assert texted(invitation, "yes").answer == "lapsed"
    assert invitation.solicitation.state != Solicitation.State.HELD


def test_the_link_confirms_what_the_text_held(at):
    invitation = texted(asked(), "yes")
    assert yes(invitation).answer == "accepted"
    invitation.solicitation.refresh_from_db()
    assert invitation.solicitation.state == Solicitation.State.FILLED


def test_the_link_still_wins_after_the_hold_lapsed_if_the_place_is_free(at):
    invitation = texted(asked(), "yes")
    after = invitation.solicitation.held_until + timedelta(minutes=1)
    assert yes(invitation, after).answer == "accepted"


def test_the_orienteuses_call_confirms_what_the_text_held(at):
    invitation = texted(asked(), "yes")
    call = services.CallMade(invitation.practitioner, "yes")
    desk = desk_of(invitation.solicitation)
    services.record_call(actor=desk, solicitation=invitation.solicitation, call=call, now=LATER)
    invitation.refresh_from_db()
    assert invitation.answer == "accepted"


def test_a_code_is_valid_only_from_the_phone_it_was_sent_to(at):
    invitation = asked()
    somebody_else = asked()
    texted(somebody_else, "yes", code=invitation.code)
    invitation.refresh_from_db()
    assert invitation.answer == "waiting"


def test_a_changed_number_no_longer_answers_for_an_old_question(at):
    invitation = asked()
    with arranging():
        practice = invitation.practitioner.practice
        practice.mobile = "+33611223344"
        practice.save()
    assert texted(invitation, "yes").answer == "waiting"


def test_a_bare_yes_answers_the_only_open_question_and_no_other(at):
    who = nurse()
    first = InvitationFactory(practitioner=who, phone=who.practice.mobile)
    assert texted(first, "yes", code="").answer == "held"
    others = [InvitationFactory(practitioner=who, phone=who.practice.mobile) for _ in range(2)]
    assert texted(others[0], "yes", code="").answer == "waiting"
    assert Message.objects.filter(template="messaging.not_understood").count() == 1


def test_yes_but_is_shown_to_the_team_and_is_never_a_silent_yes(at):
    invitation = texted(asked(), "yes", clear=False)
    assert invitation.answer == "later"
    assert invitation.solicitation.state == Solicitation.State.OPEN
    assert len(facts("broker.later_offered")) == 1


def test_a_no_by_text_lets_the_search_go_on_at_once(at):
    invitation = texted(asked(), "no")
    assert invitation.answer == "declined"
    assert any(moment <= LATER for *_, moment in queued("cordee.broker.jobs.close_wave"))


def test_refusals_do_not_pile_up_looks(at):
    solicitation = SolicitationFactory(
        wave=1, wave_ends_at=NOW + timedelta(minutes=20), look_at=NOW + timedelta(minutes=20)
    )
    for invitation in [asked(solicitation) for _ in range(3)][:2]:
        texted(invitation, "no")
        services.advance(actor=SYSTEM, solicitation=solicitation, now=LATER)
    dated = [one for one in queued("cordee.broker.jobs.close_wave") if one[3] > LATER]
    assert dated == []


def test_an_old_yes_by_text_is_told_that_it_is_no_longer_needed(at):
    invitation = asked()
    services.cancel(actor=SYSTEM, solicitation=invitation.solicitation, reason="moved", now=NOW)
    assert texted(invitation, "yes").answer == "not_needed"


# --- no, later -----------------------------------------------------------------------------------


def test_who_held_the_place_and_says_no_gives_it_to_the_next(at):
    first = texted(asked(), "yes")
    second = texted(asked(first.solicitation), "yes")
    texted(first, "no")
    second.refresh_from_db()
    assert (first.answer, second.answer) == ("declined", "held")


def test_a_no_may_become_a_yes_while_the_search_is_open():
    invitation = asked()
    actor = speaking_as(invitation.practitioner)
    services.decline(actor=actor, invitation=invitation, refusal="full", now=NOW)
    assert yes(invitation).answer == "accepted"


def test_a_winner_does_not_say_no_but_withdraws():
    invitation = asked()
    yes(invitation)
    actor = speaking_as(invitation.practitioner)
    with pytest.raises(DomainError, match="ne peux plus venir"):
        services.decline(actor=actor, invitation=invitation, now=LATER)


def test_a_later_offer_keeps_its_moment_and_the_team_may_take_it():
    invitation = asked()
    moment = NOW + timedelta(hours=20)
    actor = speaking_as(invitation.practitioner)
    services.later_offer(actor=actor, invitation=invitation, offers_from=moment, now=NOW)
    assert facts("broker.later_offered")[0]["data"]["offers_from"] == moment.isoformat()
    desk = desk_of(invitation.solicitation)
    services.accept(actor=desk, invitation=invitation, now=LATER)
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.offers_from) == ("accepted", moment)


@pytest.mark.parametrize("end", ["already_taken", "not_needed"])
def test_who_offered_to_come_later_is_told_the_end_too(end):
    invitation = asked()
    search = invitation.solicitation
    services.later_offer(
        actor=speaking_as(invitation.practitioner),
        invitation=invitation,
        offers_from=NOW + timedelta(hours=20),
        now=NOW,
    )
    if end == "already_taken":
        yes(asked(search))
    else:
        services.cancel(actor=SYSTEM, solicitation=search, reason="moved", now=LATER)
    told = Message.objects.filter(template=f"broker.{end}").values_list("to", flat=True)
    assert invitation.phone in told


@pytest.mark.parametrize("days", [-1, 61])
def test_a_later_offer_out_of_range_is_refused_with_a_sentence(days):
    invitation = asked()
    actor = speaking_as(invitation.practitioner)
    with pytest.raises(DomainError, match="soixante jours"):
        services.later_offer(
            actor=actor, invitation=invitation, offers_from=NOW + timedelta(days=days), now=NOW
        )


# --- calls ---------------------------------------------------------------------------------------


def test_a_call_without_answer_is_an_attempt_and_nothing_more():
    solicitation = SolicitationFactory()
    call = services.CallMade(nurse(), "no_answer")
    desk = desk_of(solicitation)
    services.record_call(actor=desk, solicitation=solicitation, call=call, now=NOW)
    assert solicitation.calls.get().outcome == "no_answer"
    assert not solicitation.invitations.exists()


def test_a_yes_on_the_phone_counts_for_a_search_that_found_nobody():
    solicitation = SolicitationFactory(state="exhausted", ended_at=NOW, end_reason="nobody")
    who = nurse()
    desk = desk_of(solicitation)
    invitation = services.record_call(
        actor=desk, solicitation=solicitation, call=services.CallMade(who, "yes"), now=LATER
    )
    solicitation.refresh_from_db()
    assert (invitation.answer, solicitation.state) == ("accepted", "filled")


def test_a_nurse_whom_the_person_excluded_is_not_taken_by_phone_either():
    who = nurse()
    solicitation = SolicitationFactory(excluded=[who.pk])
    desk = desk_of(solicitation)
    with pytest.raises(DomainError, match="écarte"):
        services.record_call(
            actor=desk, solicitation=solicitation, call=services.CallMade(who, "yes"), now=NOW
        )


# --- after the yes -------------------------------------------------------------------------------


def filled():
    invitation = asked()
    yes(invitation)
    invitation.refresh_from_db()
    return invitation


def test_care_is_confirmed_by_the_date_of_the_first_visit():
    invitation = filled()
    visit = NOW + timedelta(hours=14)
    actor = speaking_as(invitation.practitioner)
    for _ in range(2):
        services.confirm_care(actor=actor, invitation=invitation, first_visit_at=visit, now=LATER)
    invitation.solicitation.refresh_from_db()
    assert invitation.solicitation.state == Solicitation.State.CONFIRMED
    assert len(facts("broker.care_confirmed")) == 1


def test_a_first_visit_before_the_yes_is_refused():
    invitation = filled()
    with pytest.raises(DomainError, match="entre le oui"):
        services.confirm_care(
            actor=speaking_as(invitation.practitioner),
            invitation=invitation,
            first_visit_at=NOW - timedelta(days=1),
            now=LATER,
        )


def test_no_date_in_time_is_an_alert_said_once(at):
    invitation = filled()
    at(invitation.solicitation.confirm_by)
    for _ in range(2):
        jobs.check_confirmation(solicitation_id=str(invitation.solicitation_id))
    assert len(facts("broker.confirmation_late")) == 1
    assert Message.objects.filter(template="broker.confirm_visit").count() == 1


def test_no_alert_when_the_date_was_given(at):
    invitation = filled()
    services.confirm_care(
        actor=speaking_as(invitation.practitioner),
        invitation=invitation,
        first_visit_at=NOW + timedelta(hours=14),
        now=LATER,
    )
    at(NOW + timedelta(days=2))
    jobs.check_confirmation(solicitation_id=str(invitation.solicitation_id))
    assert facts("broker.confirmation_late") == []


@pytest.mark.parametrize("by_person", [False, True])
def test_a_yes_taken_back_reopens_at_once_more_urgent_without_her(by_person):
    invitation = filled()
    actor = speaking_as(invitation.practitioner)
    gesture = services.withdraw
    if by_person:
        actor = desk_of(invitation.solicitation)
        gesture = services.decline_winner
    following = gesture(actor=actor, invitation=invitation, now=LATER)
    assert following.urgency == "tonight"
    assert following.follows == invitation.solicitation
    assert invitation.practitioner_id in following.excluded
    assert not CircleMember.objects.current().filter(practitioner=invitation.practitioner).exists()
    (fact,) = facts("broker.withdrawn")
    assert fact["data"]["declined_by_person"] is by_person
    assert fact["data"]["reopened_as"] == str(following.pk)


def test_access_closes_from_the_moment_of_the_withdrawal():
    invitation = filled()
    actor = speaking_as(invitation.practitioner)
    services.withdraw(actor=actor, invitation=invitation, now=LATER)
    with pytest.raises(DomainError):
        services.confirm_care(
            actor=actor, invitation=invitation, first_visit_at=NOW + timedelta(days=1), now=LATER
        )


def test_those_who_had_said_yes_too_late_come_first_when_the_search_reopens():
    winner = asked()
    other = asked(winner.solicitation)
    yes(winner)
    yes(other)
    following = services.withdraw(
        actor=speaking_as(winner.practitioner), invitation=winner, now=LATER
    )
    assert other.practitioner_id in following.preferred
    first = following.invitations.order_by("wave", "pk").first()
    assert first.practitioner == other.practitioner


def test_withdrawing_twice_reopens_once():
    invitation = filled()
    actor = speaking_as(invitation.practitioner)
    first = services.withdraw(actor=actor, invitation=invitation, now=LATER)
    second = services.withdraw(actor=actor, invitation=invitation, now=LATER)
    assert second in (first, None)
    assert len(facts("broker.withdrawn")) == 1


def test_cancelling_what_was_found_closes_the_circle_too():
    invitation = filled()
    services.cancel(
        actor=SYSTEM, solicitation=invitation.solicitation, reason="admitted", now=LATER
    )
    assert not CircleMember.objects.current().filter(practitioner=invitation.practitioner).exists()
    assert Invitation.objects.get(pk=invitation.pk).answer == "accepted"
