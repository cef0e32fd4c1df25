"""What breaks on a pathway that watches itself, on the worklist."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import watched


@listens(
    "protocols.rupture_found",
    "protocols.rupture_repaired",
    "protocols.rupture_waived",
    "protocols.rupture_lifted",
)
def on_rupture(*, fact: StoredFact) -> None:
    """A rupture is found, changes or ends: its task stands on the worklist, and no other."""
    watched.follow(SYSTEM, fact, timezone.now())
