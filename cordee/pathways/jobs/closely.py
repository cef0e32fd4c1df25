"""What the conductor does on hearing of reinforced follow-up."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import closely
from cordee.people.facts import finds_something


@listens(
    "vigilance.reinforced_begun", "vigilance.reinforced_reviewed", "vigilance.reinforced_ended"
)
def on_reinforced(*, fact: StoredFact) -> None:
    """It begins, the point is made, it ends: the next point stands on the worklist."""
    closely.follow(SYSTEM, fact, timezone.now())


@listens(
    "people.joined_circle",
    "people.left_circle",
    "people.sharing_changed",
    "people.processing_changed",
    "people.merged",
    "people.merged_unattended",
    "people.merge_undone",
    "people.person_died",
    "people.death_denied",
    only=finds_something,
)
def on_those_who_follow(*, fact: StoredFact) -> None:
    """Who follows changed, or may not any more; nobody is asked about who is dead."""
    closely.follow_person(SYSTEM, fact, timezone.now())
