"""Nobody is needed any more: who waits is told, and who was to come hears it before setting off.

So does who comes, of the later date that the team accepted."""

from datetime import datetime, timedelta

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.broker import rules, selectors
from cordee.broker.facts import EndUntold, VisitUntold
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.services.texts import tell
from cordee.broker.services.winning import named
from cordee.kernel.facts import publish
from cordee.messaging.models import Message


def tell_the_end(actor: Actor, invitation: Invitation, now: datetime) -> None:
    """Tell somebody that nobody is needed. Who was to come, and whom no text tells in time, is
    left to the desk: nobody is woken."""
    text = tell(actor, invitation, "broker.not_needed", now)
    if invitation.answer in Invitation.WAS_TO_COME and not _is_told_in_time(invitation, text, now):
        say_end_untold(invitation)


def _is_told_in_time(invitation: Invitation, text: Message | None, now: datetime) -> bool:
    """A text that fails at once is heard as any that does: `note_end_untold` follows."""
    if text is None or text.next_attempt_at is None:
        return text is not None
    search = invitation.solicitation
    visit_at = search.first_visit_at or search.begins_at
    sets_off = timedelta(minutes=selectors.settings_of(search.urgency).sets_off)
    return rules.hears_in_time(text.next_attempt_at, visit_at, now, sets_off)


def tell_it_suits(actor: Actor, winner: Invitation, now: datetime) -> None:
    """Tell whoever comes that the later date they gave suits. Whom no text tells in time, the desk
    calls: they were left waiting for its answer."""
    text = tell(actor, winner, "broker.visit_accepted", now)
    if not _is_told_in_time(winner, text, now):
        say_visit_untold(winner)


def say_visit_untold(winner: Invitation) -> None:
    """Say that whoever comes may not know the date that was accepted: somebody calls."""
    publish(VisitUntold(**named(winner.solicitation), practitioner_id=winner.practitioner_id))


@action("broker.note_visit_untold", on="invitation", lock=("solicitation", "invitation"))
def note_visit_untold(*, actor: Actor, invitation: Invitation, now: datetime) -> Invitation:
    """Keep that the word on the later date never arrived: whoever comes is called."""
    is_agreed = invitation.solicitation.state == Solicitation.State.CONFIRMED
    if is_agreed and invitation.answer == Invitation.Answer.ACCEPTED:
        say_visit_untold(invitation)
    return invitation


def say_end_untold(invitation: Invitation) -> None:
    """Say that who was to come may not know that they are expected no more: somebody calls."""
    search = invitation.solicitation
    publish(EndUntold(**named(search), practitioner_id=invitation.practitioner_id))


@action("broker.note_end_untold", on="invitation", lock=("solicitation", "invitation"))
def note_end_untold(*, actor: Actor, invitation: Invitation, now: datetime) -> Invitation:
    """Keep that the word of the end never arrived: who was to come is called."""
    if selectors.expected_no_more(invitation.solicitation) == invitation:
        say_end_untold(invitation)
    return invitation
