"""What is evaluated again: asked on its day, and no more once it is done, or owed by nobody."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import reassessed


@listens("assessments.reassessment_due")
def on_its_day(*, fact: StoredFact) -> None:
    """The day of an evaluation came: whoever made it is asked to do it again."""
    reassessed.remind(SYSTEM, fact, timezone.now())


@listens(
    "assessments.response_completed",
    "assessments.response_corrected",
    "assessments.response_withdrawn",
    "people.person_died",
    "people.left_circle",
    "people.processing_changed",
    "people.sharing_changed",
    "people.legal_basis_set",
    "people.merged",
    "people.merged_unattended",
    "people.merge_undone",
)
def on_a_change(*, fact: StoredFact) -> None:
    """It was done again, or the person is followed no more: nothing is asked."""
    reassessed.look(SYSTEM, fact, timezone.now())
