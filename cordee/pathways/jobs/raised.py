"""What the conductor does on hearing of alerts raised at home."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import raised
from cordee.people.facts import finds_something


@listens(
    "vigilance.alert_raised",
    "vigilance.alert_escalated",
    "vigilance.alert_seen",
    "vigilance.alert_acted_on",
    "vigilance.alert_closed",
)
def on_alert(*, fact: StoredFact) -> None:
    """An alert is raised, seen, acted on or closed: its task stands on the worklist."""
    raised.follow(SYSTEM, fact, timezone.now())


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
    raised.follow_person(SYSTEM, fact, timezone.now())
