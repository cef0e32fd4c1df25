"""What a search does next: the one place where waves leave and searches end.

These functions run inside the `@action` that called them, under the lock of the search.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, transaction

from cordee.access.actor import Actor
from cordee.broker import rules, selectors
from cordee.broker.facts import Exhausted, HoldLapsed, PlaceHeld, WaveSent
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.services.texts import answer_to, may_text, tell, withdraw_questions, write_to
from cordee.broker.services.winning import named, win_from_reserve
from cordee.kernel.facts import publish
from cordee.kernel.latches import is_latched
from cordee.kernel.queue import later

CODE_RESERVED = timedelta(days=30)
UNANSWERED: dict[str, Any] = {
    "channel": Invitation.Channel.TEXT,
    "answer": Invitation.Answer.WAITING,
    "answered_at": None,
    "held_at": None,
    "is_firm": False,
    "refusal": "",
    "offers_from": None,
    "identity_confirmed_at": None,
    "undelivered_at": None,
    "taken_back_at": None,
}
Answer = Invitation.Answer
State = Solicitation.State
Step = rules.Wait | rules.Send | rules.Exhaust


def proceed(actor: Actor, solicitation: Solicitation, now: datetime, *, hurried=False) -> None:
    """Look at a search that is open and do what is due: ask, wait, or give it back.

    Nothing is due once its need is over or held: whoever said so stops it in a moment. For the dead
    nobody more is asked, and nobody has the place; at its deadline it ends.
    """
    end_hold(actor, solicitation, now)
    if not solicitation.is_open or is_latched(solicitation.origin):
        return
    is_dead = solicitation.person.deceased_on is not None
    is_held = solicitation.state == State.HELD
    if is_held and (is_dead or win_from_reserve(actor, solicitation, now)):
        return
    pool, step = decided(solicitation, now, hurried=hurried)
    if is_dead and isinstance(step, rules.Send):
        return
    looked_for = solicitation.look_at
    solicitation.keep(**outcome_of(step, now))
    carry_out(actor, solicitation, step, pool, now, looked_for=looked_for)


def decided(
    solicitation: Solicitation, now: datetime, *, hurried: bool = False
) -> tuple[selectors.Pool, Step]:
    """Say what is due on a search, kept or about to be, and among whom."""
    pool = selectors.pool(solicitation, now)
    search = selectors.search_state(solicitation, pool, hurried=hurried)
    step = rules.next_step(search, now)
    return pool, step if may_text(solicitation) else rules.without_texts(step, search)


def outcome_of(step: Step, now: datetime) -> dict[str, Any]:
    """Say what a step changes in the row of its search."""
    match step:
        case rules.Send() as wave:
            return {"wave": wave.wave, "wave_ends_at": wave.ends_at, "look_at": wave.ends_at}
        case rules.Wait(until):
            return {"look_at": until} if until > now else {}
        case rules.Exhaust(reason):
            ended = {"state": State.EXHAUSTED, "ended_at": now, "end_reason": reason}
            return {**ended, "held_until": None}


def carry_out(  # noqa: PLR0913 — one step, whole
    actor: Actor,
    solicitation: Solicitation,
    step: Step,
    pool: selectors.Pool,
    now: datetime,
    *,
    looked_for: datetime | None,
) -> None:
    """Tell and queue what a step asks for; its row is kept already. A look is queued once."""
    match step:
        case rules.Send() as wave:
            send_wave(actor, solicitation, wave, now)
        case rules.Exhaust(reason, again_at):
            exhaust(actor, solicitation, pool, reason, now)
            if again_at:
                later(
                    "cordee.broker.jobs.try_again",
                    at=again_at,
                    solicitation_id=str(solicitation.pk),
                )
    at = solicitation.look_at
    if solicitation.is_open and at and at != looked_for:
        queue_look(solicitation, at)


def queue_look(solicitation: Solicitation, at: datetime) -> None:
    """Queue a look at a search."""
    later("cordee.broker.jobs.close_wave", at=at, solicitation_id=str(solicitation.pk))


def look_again(solicitation: Solicitation, at: datetime, now: datetime) -> None:
    """Queue the next look, once: a look already queued for that moment is enough."""
    if at > now:
        if solicitation.look_at == at:
            return
        solicitation.keep(look_at=at)
    queue_look(solicitation, at)


def send_wave(actor: Actor, solicitation: Solicitation, wave: rules.Send, now: datetime) -> None:
    """Keep the questions of a wave and put their texts in the outbox, in one commit."""
    phones = selectors.phones_of([one.candidate.practitioner_id for one in wave.invited])
    taken = selectors.codes_in_use(phones.values(), now)
    formers = selectors.taken_back(solicitation)
    asked = 0
    for one in wave.invited:
        phone = phones[one.candidate.practitioner_id]
        invitation = formers.get(one.candidate.practitioner_id, Invitation())
        code = invitation.code if invitation.phone == phone else rules.draw_code(taken[phone])
        if not code:
            continue
        taken[phone].add(code)
        invitation.solicitation = solicitation
        invite(actor, invitation, question(one, phone=phone, code=code, now=now))
        asked += 1
    fact = WaveSent(**named(solicitation), wave=wave.wave, invited=asked, ends_at=wave.ends_at)
    publish(fact)


def invite(actor: Actor, invitation: Invitation, asked: dict[str, Any]) -> None:
    """Ask one professional, maybe again: only the hash of the link's secret stays here.

    A question that was taken back is put anew, under the code that its reader has.
    """
    secret, now = rules.draw_secret(), asked["asked_at"]
    again = {"link_hash": rules.hash_of(secret), "wave": invitation.solicitation.wave}
    for name, value in (UNANSWERED | asked | again).items():
        setattr(invitation, name, value)
    invitation.save()
    quiet, code = selectors.quiet_of(invitation), invitation.code
    write_to(actor, invitation, "broker.ask", now, quiet=quiet, code=code, link=f"/r/{secret}")


def question(one: rules.Ranked, *, phone: str, code: str, now: datetime) -> dict[str, Any]:
    """Say what is kept of a question to one professional, and of why they come there."""
    chance, score, reasons = place_kept(one)
    return {
        "practitioner_id": one.candidate.practitioner_id,
        "tier": one.candidate.tier,
        "phone": phone,
        "code": code,
        "code_until": now + CODE_RESERVED,
        "chance": chance,
        "score": score,
        "reasons": reasons,
        "asked_at": now,
    }


def place_kept(one: rules.Ranked) -> tuple[float, float, list[dict[str, Any]]]:
    """Say what is kept of a place: its chance, its score, and why."""
    return round(one.chance, 3), round(one.score, 2), _reasons_kept(one.reasons)


@lru_cache(maxsize=10_000)
def _reasons_kept(reasons: tuple[rules.Reason, ...]) -> list[dict[str, Any]]:
    """Say what is kept of reasons: those whom nothing tells apart share theirs."""
    return [
        {"code": code, "points": round(points, 1), "out_of": out_of, "text": text}
        for code, points, out_of, text in reasons
    ]


def exhaust(
    actor: Actor, solicitation: Solicitation, pool: selectors.Pool, reason: str, now: datetime
) -> None:
    """Give the need back to the team, with what the refusals suggest; nobody waits in reserve."""
    withdraw_questions(actor, selectors.still_waiting(solicitation), now)
    refusals, offers = selectors.refusals_of(solicitation)
    found = rules.proposals(refusals, pool.barriers_met(), offers, reason)
    publish(
        Exhausted(
            **named(solicitation),
            reason=reason,
            proposals=tuple(one.proposal.value for one in found),
        )
    )
    while waiting := selectors.next_in_reserve(solicitation):
        waiting.settle(Answer.NOT_NEEDED, now)
        tell(actor, waiting, "broker.not_needed", now)


def take_up(solicitation: Solicitation, now: datetime) -> bool:
    """Open again a search that found nobody, for a yes that comes all the same.

    False when another stands for its need, by constraint.
    """
    if selectors.standing_for_origin(solicitation.origin):
        return False
    until = max(solicitation.deadline_at, now + timedelta(minutes=1))
    again = {"state": State.OPEN, "ended_at": None, "end_reason": "", "deadline_at": until}
    try:
        with transaction.atomic():
            Solicitation.objects.get(pk=solicitation.pk).keep(**again)
    except IntegrityError:
        return False
    for name, value in again.items():
        setattr(solicitation, name, value)
    return True


def end_hold(actor: Actor, solicitation: Solicitation, now: datetime) -> None:
    """Free a place held too long, and offer it to the next who said yes.

    What is held for a firm yes waits for nothing but a look.
    """
    if solicitation.state != State.HELD or solicitation.is_held(now):
        return
    holder = solicitation.invitations.get(answer=Answer.HELD)
    if holder.is_firm:
        return
    holder.settle(Answer.LAPSED, now)
    solicitation.keep(state=State.OPEN, held_until=None)
    publish(HoldLapsed(**named(solicitation), practitioner_id=holder.practitioner_id))
    tell(actor, holder, "broker.hold_lapsed", now)
    offer_to_the_next(actor, solicitation, now)


def offer_to_the_next(actor: Actor, solicitation: Solicitation, now: datetime) -> None:
    """Hold a freed place for the first in reserve: that yes was in time, whatever the hour now.

    A firm one takes it at the look that follows, which the house does.
    """
    following = selectors.next_in_reserve(solicitation)
    if following is None or solicitation.person.deceased_on or is_latched(solicitation.origin):
        return
    take_hold(actor, following, now)
    if following.is_firm:
        queue_look(solicitation, now)


def take_hold(actor: Actor, invitation: Invitation, now: datetime) -> bool:
    """Hold the place for one professional; False when another was first, by constraint.

    The deadline waits for the end of a hold: whoever said yes in time has her minutes.
    """
    solicitation = invitation.solicitation
    minutes = selectors.settings_of(solicitation.urgency).hold
    try:
        with transaction.atomic():
            invitation.settle(Answer.HELD, now, is_firm=invitation.is_firm, held_at=now)
    except IntegrityError:
        return False
    until = now + timedelta(minutes=minutes)
    deadline = max(solicitation.deadline_at, until)
    solicitation.keep(state=State.HELD, held_until=until, deadline_at=deadline)
    publish(
        PlaceHeld(
            **named(solicitation), practitioner_id=invitation.practitioner_id, held_until=until
        )
    )
    if not invitation.is_firm:
        answer_to(actor, invitation, "broker.place_held", now)
    look_again(solicitation, until, now)
    return True
