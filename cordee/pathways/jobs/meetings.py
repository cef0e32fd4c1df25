"""Meetings, what they decide, and notes to be read again, as the conductor hears of them."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import decided


@listens(
    "meetings.meeting_called",
    "meetings.meeting_moved",
    "meetings.meeting_cancelled",
    "meetings.meeting_held",
    "meetings.decision_made",
    "meetings.decision_settled",
    "meetings.decision_to_follow",
)
def on_meeting(*, fact: StoredFact) -> None:
    """A meeting is planned, held, or decides: what it asks for stands on the worklist."""
    decided.follow(SYSTEM, fact, timezone.now())


@listens("meetings.note_to_read_again")
def on_note(*, fact: StoredFact) -> None:
    """A note is to be read again on its day, by who wrote it; or is not any more."""
    decided.remind(SYSTEM, fact, timezone.now())
