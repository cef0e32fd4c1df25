"""What is evaluated again: asked on its day, and no more once it is done, or owed by nobody."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.kernel.queue import job, later
from cordee.pathways import reassessed
from cordee.people.facts import finds_something

AT_ONCE = 200
"""Persons whose evaluations are looked at in one go."""


@listens("assessments.reassessment_due")
def on_its_day(*, fact: StoredFact) -> None:
    """The day of an evaluation came: whoever made it is asked to do it again."""
    reassessed.remind(SYSTEM, fact, timezone.now())


@listens(
    "assessments.response_completed",
    "assessments.response_corrected",
    "assessments.response_withdrawn",
)
def on_a_change(*, fact: StoredFact) -> None:
    """It was done again, or was an error: nothing is asked."""
    reassessed.look(SYSTEM, fact, timezone.now())


@listens(
    "people.person_died",
    "people.joined_circle",
    "people.left_circle",
    "people.processing_changed",
    "people.sharing_changed",
    "people.merged",
    "people.merged_unattended",
    "people.merge_undone",
    only=finds_something,
)
def on_the_person(*, fact: StoredFact) -> None:
    """She is followed no more: nothing is asked; followed again, what is owed still is."""
    reassessed.look_at_who_follows(SYSTEM, fact, timezone.now())


@listens("people.legal_basis_set")
def on_basis(*, fact: StoredFact) -> None:
    """Coordination may follow fewer persons, or more: what is owed no longer leaves the list; what
    is owed again comes back."""
    reassessed.look(SYSTEM, fact, timezone.now())
    later("cordee.pathways.jobs.reassessed.ask_again", after="")


@job(queue="facts", attempts=8)
def ask_again(*, after: str) -> None:
    """Ask for what is owed about everybody, some persons at a time."""
    last = reassessed.ask_of_some(SYSTEM, after, AT_ONCE, timezone.now())
    if last:
        later("cordee.pathways.jobs.reassessed.ask_again", after=str(last))
