"""Yes, no, later: one winner under any concurrency, because the database decides."""

from datetime import datetime, timedelta

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.broker import rules, selectors
from cordee.broker.facts import LaterOffered
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.services.carrying import carried_over
from cordee.broker.services.steps import (
    end_hold,
    look_again,
    named,
    offer_to_the_next,
    take_hold,
    take_up,
)
from cordee.broker.services.texts import answer_to, may_text, write_to
from cordee.broker.services.winning import ending_of, too_late, win
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.messaging import selectors as messaging

Answer = Invitation.Answer
State = Solicitation.State
LOCK = ("solicitation", "invitation")
ENDING = {Answer.TOO_LATE: "broker.already_taken", Answer.NOT_NEEDED: "broker.not_needed"}


@action("broker.answer", on="invitation", lock=LOCK)
def accept(*, actor: Actor, invitation: Invitation, now: datetime) -> Invitation:
    """Say yes, identity confirmed. The first yes wins: the database decides, not our code."""
    if invitation.answer == Answer.ACCEPTED and invitation.solicitation.state in Solicitation.TAKEN:
        return invitation
    _refuse_settled(invitation)
    if later := carried_over(invitation, now):
        return accept(actor=actor, invitation=later, now=now)
    end_hold(actor, invitation.solicitation, now)
    invitation.refresh_from_db(fields=["answer", "answered_at"])
    if not selectors.is_wanted_of(invitation, invitation.solicitation, now):
        return too_late(invitation, now)
    if not _is_open(invitation.solicitation, now):
        return accept(actor=actor, invitation=invitation, now=now)
    if invitation.solicitation.state == State.HELD and invitation.answer != Answer.HELD:
        return _stand_by(actor, invitation, now, is_firm=True)
    return win(actor, invitation, now)


@action("broker.hold", on="invitation", lock=LOCK)
def hold(*, actor: Actor, invitation: Invitation, now: datetime) -> Invitation:
    """Say yes by text: the place is held for some minutes, and nothing opens.

    A sender can be forged, so one invitation holds a place only once.
    """
    _refuse_settled(invitation)
    if later := carried_over(invitation, now):
        return hold(actor=actor, invitation=later, now=now)
    if invitation.answer not in (Answer.WAITING, Answer.DECLINED, Answer.LATER):
        if invitation.answer == Answer.LAPSED:
            answer_to(actor, invitation, "broker.hold_lapsed", now)
        return invitation
    if invitation.gave_the_place_back:
        answer_to(actor, invitation, "broker.by_the_link", now)
        return invitation
    end_hold(actor, invitation.solicitation, now)
    if not selectors.is_wanted_of(invitation, invitation.solicitation, now):
        settled = too_late(invitation, now)
        answer_to(actor, settled, ENDING[ending_of(settled)], now)
        return settled
    if not _is_open(invitation.solicitation, now):
        return hold(actor=actor, invitation=invitation, now=now)
    if invitation.solicitation.state == State.HELD or not take_hold(actor, invitation, now):
        return _stand_by(actor, invitation, now)
    return invitation


@action("broker.answer_no", on="invitation", lock=LOCK)
def decline(
    *, actor: Actor, invitation: Invitation, refusal: str = "", now: datetime
) -> Invitation:
    """Say no, with a coded reason or none. Refusing costs nothing below the floor."""
    if later := carried_over(invitation, now):
        return decline(actor=actor, invitation=later, refusal=refusal, now=now)
    if invitation.answer == Answer.DECLINED:
        if refusal and not invitation.refusal:
            invitation.settle(Answer.DECLINED, invitation.answered_at or now, refusal=refusal)
        return invitation
    if invitation.answer == Answer.ACCEPTED:
        raise DomainError(
            "broker.answered",
            "Vous avez déjà dit oui. Pour ne plus venir, utilisez « Je ne peux plus venir » : "
            "la recherche reprendra aussitôt.",
        )
    _refuse_settled(invitation)
    held_the_place = invitation.answer == Answer.HELD
    invitation.settle(Answer.DECLINED, now, refusal=refusal)
    _go_on(actor, invitation.solicitation, now, freed=held_the_place)
    return invitation


@action("broker.offer_later", on="invitation", lock=LOCK)
def later_offer(
    *, actor: Actor, invitation: Invitation, offers_from: datetime | None, now: datetime
) -> Invitation:
    """Say « oui, mais à partir de… »: shown to the team, never a silent yes."""
    latest = max(now, invitation.solicitation.begins_at) + timedelta(days=60)
    if offers_from is not None and not now <= offers_from <= latest:
        raise DomainError(
            "broker.offer_out_of_range",
            "Indiquez un moment à venir, dans les soixante jours du début souhaité. "
            "Rien n’a été enregistré.",
        )
    if later := carried_over(invitation, now):
        return later_offer(actor=actor, invitation=later, offers_from=offers_from, now=now)
    if invitation.answer == Answer.ACCEPTED:
        raise DomainError(
            "broker.answered",
            "Vous avez déjà dit oui. Indiquez plutôt la date de votre première visite.",
        )
    _refuse_settled(invitation)
    if invitation.practitioner_id in invitation.solicitation.set_aside:
        return too_late(invitation, now)
    held_the_place = invitation.answer == Answer.HELD
    invitation.settle(Answer.LATER, now, offers_from=offers_from)
    solicitation = invitation.solicitation
    publish(
        LaterOffered(
            **named(solicitation),
            practitioner_id=invitation.practitioner_id,
            offers_from=offers_from,
        )
    )
    _go_on(actor, solicitation, now, freed=held_the_place)
    return invitation


@action("broker.offer_by_text", on="invitation", lock=LOCK)
def offer_by_text(*, actor: Actor, invitation: Invitation, now: datetime) -> Invitation:
    """Hear « oui, mais… » by text: an offer for the team. Once nobody is sought, the ending is said
    as to a plain yes; the offer stays written."""
    kept = later_offer(actor=actor, invitation=invitation, offers_from=None, now=now)
    if not selectors.is_wanted_of(kept, kept.solicitation, now):
        answer_to(actor, kept, ENDING[ending_of(kept)], now)
    return kept


@action("broker.confirm_identity", on="invitation", lock=LOCK)
def confirm_identity(*, actor: Actor, invitation: Invitation, now: datetime) -> Invitation:
    """Keep that who opened the link holds the known, tied number."""
    if invitation.identity_confirmed_at is None:
        invitation.identity_confirmed_at = now
        invitation.save(update_fields=["identity_confirmed_at", "updated_at"])
    return invitation


@action("broker.ask_which", on="invitation")
def ask_which(
    *, actor: Actor, invitation: Invitation, heard_at: datetime, now: datetime
) -> Invitation:
    """Ask for the code, once a text, when a bare yes or no could be about several questions."""
    if not messaging.was_written(invitation.phone, "messaging.not_understood", heard_at):
        write_to(actor, invitation, "messaging.not_understood", now)
    return invitation


@action("broker.point_to_the_link", on="invitation")
def point_to_the_link(*, actor: Actor, invitation: Invitation, now: datetime) -> Invitation:
    """Say, once an hour, that codes by text are no longer taken from this number: the link is.

    Nothing is said where texts about the person may not leave, as in `answer_to`.
    """
    since = now - rules.WRONG_CODES_WITHIN
    is_said = messaging.was_written(invitation.phone, "broker.use_the_link", since)
    if not is_said and may_text(invitation.solicitation):
        write_to(actor, invitation, "broker.use_the_link", now)
    return invitation


@action("broker.answer_by_link", on="invitation")
def answer_by_link(
    *, actor: Actor, invitation: Invitation, heard_at: datetime, now: datetime
) -> Invitation:
    """Say, once a text, that it changed nothing: the link does, or a call."""
    if not messaging.was_written(invitation.phone, "broker.by_the_link", heard_at):
        answer_to(actor, invitation, "broker.by_the_link", now)
    return invitation


def _go_on(actor: Actor, solicitation: Solicitation, now: datetime, *, freed: bool) -> None:
    if freed and solicitation.state == State.HELD:
        solicitation.keep(state=State.OPEN, held_until=None)
        offer_to_the_next(actor, solicitation, now)
    if solicitation.is_open:
        look_again(solicitation, now, now)


def _is_open(solicitation: Solicitation, now: datetime) -> bool:
    """Open again a search that ran out of phones; False when another was launched meanwhile."""
    return solicitation.is_open or take_up(solicitation, now)


def _refuse_settled(invitation: Invitation) -> None:
    if invitation.answer in Invitation.SETTLED:
        raise DomainError(
            "broker.settled",
            "Cette demande ne vous concerne plus. Rien n’a changé ; "
            "l’équipe peut vous répondre par téléphone.",
        )


def _stand_by(
    actor: Actor, invitation: Invitation, now: datetime, *, is_firm: bool = False
) -> Invitation:
    if invitation.answer != Answer.STANDBY:
        invitation.settle(Answer.STANDBY, now, is_firm=is_firm)
        answer_to(actor, invitation, "broker.stand_by", now)
    elif is_firm:
        invitation.settle(Answer.STANDBY, invitation.answered_at or now, is_firm=True)
    return invitation
