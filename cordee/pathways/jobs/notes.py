"""What the conductor does on hearing of the notebook."""

from typing import Any

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.liaison.facts import WRITTEN
from cordee.liaison.rules import ASKS_TO_BE_READ
from cordee.pathways import decided, noted, planned
from cordee.people.facts import finds_something

BEGUN = frozenset(one.kind for one in WRITTEN.values())


def may_be_waited_for(fact: Any) -> bool:
    """A note that asks nobody to read it begins on no worklist; one that is corrected, read or
    taken back may have stood there."""
    return fact.kind not in BEGUN or fact.importance in ASKS_TO_BE_READ


@listens(
    "liaison.note_written",
    "liaison.care_note_written",
    "liaison.note_corrected",
    "liaison.care_note_corrected",
    "liaison.note_withdrawn",
    "liaison.care_note_withdrawn",
    "liaison.note_read",
    "liaison.care_note_read",
    only=may_be_waited_for,
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
    "people.person_died",
    "people.death_denied",
)
def on_the_circle(*, fact: StoredFact) -> None:
    """Who is to read or to act changed: nobody is asked what they may not read, nor of the dead."""
    noted.follow_person(SYSTEM, fact, timezone.now())
    planned.follow_person(SYSTEM, fact, timezone.now())
    decided.follow_person(SYSTEM, fact, timezone.now())


@listens("people.joined_circle", only=finds_something)
def on_newcomer(*, fact: StoredFact) -> None:
    """Somebody comes in: who may read what is protected, and act, is asked."""
    planned.follow_person(SYSTEM, fact, timezone.now())
    decided.follow_person(SYSTEM, fact, timezone.now())


@listens("people.legal_basis_set")
def on_basis(*, fact: StoredFact) -> None:
    """On what coordination rests changed: some may read of nobody who has not consented."""
    noted.look_again(SYSTEM, timezone.now())
    planned.look_again(SYSTEM, timezone.now())
    decided.look_again(SYSTEM, timezone.now())
