"""What the conductor does on hearing of parts that a team asks of each other."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.kernel.queue import job
from cordee.pathways import parts
from cordee.people.facts import finds_something


@listens("assessments.part_asked", "assessments.part_ended")
def on_part(*, fact: StoredFact) -> None:
    """A part is asked, given, or awaited no more: its tasks follow."""
    parts.follow(SYSTEM, fact, timezone.now())


@listens("assessments.part_late")
def on_late(*, fact: StoredFact) -> None:
    """It did not come by its day: who asked is told."""
    parts.chase(SYSTEM, fact, timezone.now())


@listens("directory.membership_ended")
def on_asker_left(*, fact: StoredFact) -> None:
    """Who waited for a part works there no more: who stays is told that it is late."""
    parts.pass_on(SYSTEM, fact, timezone.now())


@listens(
    "people.person_died",
    "people.death_denied",
    "people.joined_circle",
    "people.left_circle",
    "people.processing_changed",
    "people.sharing_changed",
    "people.legal_basis_set",
    "people.merged",
    "people.merged_unattended",
    "people.merge_undone",
    only=finds_something,
)
def on_the_person(*, fact: StoredFact) -> None:
    """Who may write of her changed."""
    parts.look(SYSTEM, fact, timezone.now())


@job(queue="facts", every="50 3 * * *")
def look_at_chases() -> None:
    """Each night: what was told, before departures were heard, to who had left."""
    parts.look_at_chases(SYSTEM, timezone.now())
