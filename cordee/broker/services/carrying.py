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
    return own


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
