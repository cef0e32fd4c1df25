"""What the conductor does on hearing that a helper does not feel safe."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import unsafe


@listens("vigilance.safety_said", "vigilance.safety_answered")
def on_safety(*, fact: StoredFact) -> None:
    """It is said, or answered: who leads the service is asked while something waits."""
    unsafe.follow(SYSTEM, fact, timezone.now())
