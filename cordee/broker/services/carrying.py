"""An answer to a search that ended, when another looks for the same need: there it counts."""

from datetime import datetime

from cordee.broker import selectors
from cordee.broker.models import Invitation, Solicitation

Answer = Invitation.Answer


def carried_over(invitation: Invitation, now: datetime) -> Invitation | None:
    """Give the question on which an answer to an ended search counts; None when it is that one.

    Whoever was asked there too has her question there. Another's question goes there as it is: the
    code and the link that she has lead to it.
    """
    found = selectors.taken_up_by(invitation.solicitation)
    if found is None or invitation.answer in (Answer.WITHDRAWN, Answer.DISMISSED):
        return None
    later = Solicitation.objects.select_for_update(of=("self",)).get(pk=found.pk)
    own = later.invitations.filter(practitioner=invitation.practitioner_id).first()
    if own is None and invitation.practitioner_id in later.set_aside:
        return None
    if own is None and selectors.is_wanted(later, now):
        own = _moved(invitation, later)
    if own is not None:
        own.solicitation = later
        _known_there_too(own, invitation)
    return own


def _known_there_too(own: Invitation, invitation: Invitation) -> None:
    """Whoever was heard by phone there has no other link than the one she has just proved her
    number by: she is known there by that number, and the link leads there."""
    is_by_call = own.channel == Invitation.Channel.CALL and own.identity_confirmed_at is None
    if is_by_call and invitation.identity_confirmed_at and selectors.is_phone_hers(invitation):
        own.phone = invitation.phone
        own.identity_confirmed_at = invitation.identity_confirmed_at
        own.save(update_fields=["phone", "identity_confirmed_at", "updated_at"])


def _moved(invitation: Invitation, later: Solicitation) -> Invitation:
    """One yes by text holds a place once: that is kept. Whatever else was said is said again."""
    invitation.solicitation, invitation.wave, invitation.stay = later, later.wave, None
    invitation.is_firm, invitation.taken_back_at = False, None
    if invitation.answer in (Answer.HELD, Answer.LAPSED):
        invitation.answer = Answer.LAPSED
    else:
        invitation.answer, invitation.answered_at = Answer.WAITING, None
        invitation.refusal, invitation.offers_from = "", None
    invitation.save()
    return invitation
