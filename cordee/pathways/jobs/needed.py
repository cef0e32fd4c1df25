"""What the conductor does on hearing of needs raised from home."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import needed
from cordee.people.facts import finds_something


@listens("vigilance.need_raised", "vigilance.visit_seen", "vigilance.visit_answered")
def on_need(*, fact: StoredFact) -> None:
    """A need is raised, seen or answered: its task stands on the worklist until it is."""
    needed.follow(SYSTEM, fact, timezone.now())


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
    """Who answers changed, or may not any more; nobody is asked about who is dead."""
    needed.follow_person(SYSTEM, fact, timezone.now())


@listens("people.legal_basis_set")
def on_the_basis(*, fact: StoredFact) -> None:
    """Coordination may follow fewer persons, or more: what waits is looked at again."""
    needed.look_again(SYSTEM, timezone.now())
