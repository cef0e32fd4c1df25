"""The place that somebody takes: by a yes, or by one that waited for it in reserve."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from cordee.access.actor import Actor
from cordee.broker import selectors
from cordee.broker.facts import SolicitationFilled, WinnerUntold
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.services.circle import open_the_circle
from cordee.broker.services.texts import (
    answer_to,
    may_text,
    send_fresh_link,
    tell,
    withdraw_questions,
)
from cordee.kernel.facts import publish
from cordee.kernel.queue import later

Answer = Invitation.Answer
State = Solicitation.State
ENDED = (Answer.TOO_LATE, Answer.NOT_NEEDED)


def named(solicitation: Solicitation) -> dict:
    """The identifiers that every fact of a search carries."""
    return {
        "person_id": solicitation.person_id,
        "solicitation_id": solicitation.pk,
        "origin": solicitation.origin,
    }


def win(actor: Actor, invitation: Invitation, now: datetime) -> Invitation:
    """Take the place, unless the constraint says that somebody has it."""
    try:
        with transaction.atomic():
            invitation.settle(Answer.ACCEPTED, now)
    except IntegrityError:
        invitation.refresh_from_db()
        return too_late(invitation, now)
    solicitation = invitation.solicitation
    minutes = selectors.settings_of(solicitation.urgency).confirm_within
    confirm_by = now + timedelta(minutes=minutes)
    solicitation.keep(
        state=State.FILLED, held_until=None, wave_ends_at=None, look_at=None, confirm_by=confirm_by
    )
    others = withdraw_questions(actor, selectors.still_waiting(solicitation), now)
    open_the_circle(actor, invitation, now)
    publish(
        SolicitationFilled(
            **named(solicitation),
            practitioner_id=invitation.practitioner_id,
            confirm_by=confirm_by,
        )
    )
    solicitation.invitations.filter(answer=Answer.STANDBY).update(answer=Answer.TOO_LATE)
    for other in others:
        tell(actor, other, "broker.already_taken", now)
    later(
        "cordee.broker.jobs.check_confirmation",
        at=confirm_by,
        solicitation_id=str(solicitation.pk),
    )
    return invitation


def too_late(invitation: Invitation, now: datetime) -> Invitation:
    """Keep a yes that takes nothing: the place is taken, or nobody is needed any more.

    A place held goes on being held: whatever ends the search, or the hold, lets it go and tells.
    """
    if invitation.answer not in (*ENDED, Answer.ACCEPTED, Answer.HELD):
        invitation.settle(ending_of(invitation), now)
    return invitation


def ending_of(invitation: Invitation) -> Answer:
    """Say why a yes takes nothing now."""
    search = selectors.taken_up_by(invitation.solicitation) or invitation.solicitation
    return Answer.TOO_LATE if search.state in Solicitation.TAKEN else Answer.NOT_NEEDED


def win_from_reserve(actor: Actor, solicitation: Solicitation, now: datetime) -> bool:
    """Give the place to whom it is held for, once nothing is to be proved: she is told, or the
    desk is asked to tell her."""
    firm = solicitation.invitations.filter(answer=Answer.HELD, is_firm=True).first()
    if firm is None:
        return False
    firm.solicitation = solicitation
    win(actor, firm, now)
    if not _is_told(actor, firm, now):
        say_untold(firm)
    return True


def _is_told(actor: Actor, winner: Invitation, now: datetime) -> bool:
    """Write to whoever has just had the place from reserve; False when nothing may be written."""
    if not may_text(winner.solicitation):
        return False
    if winner.channel == Invitation.Channel.TEXT:
        answer_to(actor, winner, "broker.place_held", now)
        return True
    phone = selectors.phone_to_write_to(winner)
    if phone:
        send_fresh_link(actor, winner, phone, now)
    return bool(phone)


def say_untold(winner: Invitation) -> None:
    """Say that whoever comes was written nothing: somebody calls."""
    search = winner.solicitation
    publish(WinnerUntold(**named(search), practitioner_id=winner.practitioner_id))
