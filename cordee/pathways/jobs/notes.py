"""What the conductor does on hearing of the notebook."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import noted


@listens(
    "liaison.note_written",
    "liaison.care_note_written",
    "liaison.note_corrected",
    "liaison.care_note_corrected",
    "liaison.note_withdrawn",
    "liaison.care_note_withdrawn",
    "liaison.note_read",
    "liaison.care_note_read",
)
def on_note(*, fact: StoredFact) -> None:
    """A note that matters waits on worklists until it is read, corrected or taken back."""
    noted.follow(SYSTEM, fact, timezone.now())


@listens(
    "people.left_circle",
    "people.sharing_changed",
    "people.processing_changed",
    "people.merged",
    "people.merged_unattended",
    "people.merge_undone",
)
def on_the_circle(*, fact: StoredFact) -> None:
    """Who may read her notes changed: nobody is asked to read what they may not."""
    noted.follow_person(SYSTEM, fact, timezone.now())
