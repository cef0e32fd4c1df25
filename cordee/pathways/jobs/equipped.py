"""What the conductor does on hearing of equipment and of small actions that are tried."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import equipped
from cordee.people.facts import finds_something


@listens("vigilance.equipment_moved", "vigilance.trial_begun", "vigilance.trial_reviewed")
def on_equipment(*, fact: StoredFact) -> None:
    """It is asked for, moves, or ends: the day to look again stands on the worklist."""
    equipped.follow(SYSTEM, fact, timezone.now())


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
def on_the_circle(*, fact: StoredFact) -> None:
    """Who follows changed, or may not any more; nobody is asked about who is dead."""
    equipped.follow_person(SYSTEM, fact, timezone.now())
