"""What a search does next: the one place where waves leave and searches end.

These functions run inside the `@action` that called them, under the lock of the search.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from cordee.access.actor import Actor
from cordee.broker import rules, selectors
from cordee.broker.facts import Exhausted, HoldLapsed, PlaceHeld, WaveSent
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.services.texts import answer_to, may_text, tell, write_to
from cordee.kernel.facts import publish
from cordee.kernel.latches import is_latched
from cordee.kernel.queue import later

CODE_RESERVED = timedelta(days=30)
Answer = Invitation.Answer
State = Solicitation.State


def named(solicitation: Solicitation) -> dict:
    """The identifiers that every fact of a search carries."""
    return {
        "person_id": solicitation.person_id,
        "solicitation_id": solicitation.pk,
        "origin": solicitation.origin,
    }


def proceed(actor: Actor, solicitation: Solicitation, now: datetime, *, hurried=False) -> None:
    """Look at a search that is open and do what is due: ask, wait, or give it back.

    Nothing is due once its need is over or held: whoever said so stops it in a moment.
    """
    end_hold(actor, solicitation, now)
    if not solicitation.is_open or is_latched(solicitation.origin):
        return
    pool = selectors.pool(solicitation, now)
    search = selectors.search_state(solicitation, pool, hurried=hurried)
    step = rules.next_step(search, now)
    match step if may_text(solicitation) else rules.without_texts(step, search):
        case rules.Send() as wave:
            send_wave(actor, solicitation, wave, now)
        case rules.Wait(until):
            look_again(solicitation, until, now)
        case rules.Exhaust(reason):
            exhaust(actor, solicitation, pool, reason, now)


def look_again(solicitation: Solicitation, at: datetime, now: datetime) -> None:
    """Queue the next look, once: a look already queued for that moment is enough."""
    if at > now:
        if solicitation.look_at == at:
            return
        solicitation.keep(look_at=at)
    later("cordee.broker.jobs.close_wave", at=at, solicitation_id=str(solicitation.pk))


def send_wave(actor: Actor, solicitation: Solicitation, wave: rules.Send, now: datetime) -> None:
    """Keep the questions of a wave and put their texts in the outbox, in one commit."""
    solicitation.keep(wave=wave.wave, wave_ends_at=wave.ends_at)
    phones = selectors.phones_of([one.candidate.practitioner_id for one in wave.invited])
    taken = selectors.codes_in_use(phones.values(), now)
    asked = 0
    for one in wave.invited:
        phone = phones[one.candidate.practitioner_id]
        code = rules.draw_code(taken[phone])
        if code is None:
            continue
        taken[phone].add(code)
        invite(actor, solicitation, one, phone=phone, code=code, now=now)
        asked += 1
    fact = WaveSent(**named(solicitation), wave=wave.wave, invited=asked, ends_at=wave.ends_at)
    publish(fact)
    look_again(solicitation, wave.ends_at, now)


def invite(  # noqa: PLR0913 — one line of a wave
    actor: Actor,
    solicitation: Solicitation,
    one: rules.Ranked,
    *,
    phone: str,
    code: str,
    now: datetime,
) -> None:
    """Ask one professional: only the hash of the link's secret stays here."""
    secret = rules.draw_secret()
    invitation = Invitation.objects.create(
        solicitation=solicitation,
        practitioner_id=one.candidate.practitioner_id,
        wave=solicitation.wave,
        tier=one.candidate.tier,
        phone=phone,
        code=code,
        code_until=now + CODE_RESERVED,
        link_hash=rules.hash_of(secret),
        chance=round(one.chance, 3),
        score=round(one.score, 2),
        reasons=[
            {"code": r.code, "points": round(r.points, 1), "out_of": r.out_of, "text": r.text}
            for r in one.reasons
        ],
        asked_at=now,
    )
    quiet = selectors.quiet_of(invitation)
    write_to(actor, invitation, "broker.ask", now, quiet=quiet, code=code, link=f"/r/{secret}")


def exhaust(
    actor: Actor, solicitation: Solicitation, pool: "selectors.Pool", reason: str, now: datetime
) -> None:
    """Give the need back to the team, with what the refusals suggest."""
    refusals, offers = selectors.refusals_of(solicitation)
    found = rules.proposals(refusals, pool.barriers_met(), offers, reason)
    solicitation.keep(state=State.EXHAUSTED, held_until=None, ended_at=now, end_reason=reason)
    publish(
        Exhausted(
            **named(solicitation),
            reason=reason,
            proposals=tuple(one.proposal.value for one in found),
        )
    )


def end_hold(actor: Actor, solicitation: Solicitation, now: datetime) -> None:
    """Free a place held too long, and offer it to the next who said yes."""
    if solicitation.state != State.HELD or solicitation.is_held(now):
        return
    holder = solicitation.invitations.get(answer=Answer.HELD)
    holder.settle(Answer.LAPSED, now)
    solicitation.keep(state=State.OPEN, held_until=None)
    publish(HoldLapsed(**named(solicitation), practitioner_id=holder.practitioner_id))
    tell(actor, holder, "broker.hold_lapsed", now)
    offer_to_the_next(actor, solicitation, now)


def offer_to_the_next(actor: Actor, solicitation: Solicitation, now: datetime) -> None:
    """Hold a freed place for the first in reserve, if there is one and time."""
    following = selectors.next_in_reserve(solicitation)
    if following and selectors.is_wanted(solicitation, now):
        take_hold(actor, following, now)


def take_hold(actor: Actor, invitation: Invitation, now: datetime) -> bool:
    """Hold the place for one professional; False when another was first, by constraint."""
    solicitation = invitation.solicitation
    minutes = selectors.settings_of(solicitation.urgency).hold
    try:
        with transaction.atomic():
            invitation.settle(Answer.HELD, now)
    except IntegrityError:
        return False
    until = min(now + timedelta(minutes=minutes), solicitation.deadline_at)
    solicitation.keep(state=State.HELD, held_until=until)
    publish(
        PlaceHeld(
            **named(solicitation), practitioner_id=invitation.practitioner_id, held_until=until
        )
    )
    answer_to(actor, invitation, "broker.place_held", now)
    look_again(solicitation, until, now)
    return True
