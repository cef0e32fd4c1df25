"""What the conductor does on hearing of what phones sent and could not be taken."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import aside


@listens("vigilance.visits_refused", "vigilance.refused_answered")
def on_aside(*, fact: StoredFact) -> None:
    """Something is put aside, or answered: its service is asked to read what is left."""
    aside.follow(SYSTEM, fact, timezone.now())
