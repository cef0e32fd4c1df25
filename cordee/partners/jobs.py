"""What happens by itself: keys are turned, and what opens nothing any more is let go."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.queue import job
from cordee.partners import services


@job(queue="house", every="40 3 * * *")
def turn_keys() -> None:
    """Make the next key by which the house signs, before the one that signs is old."""
    services.turn_keys(actor=SYSTEM, now=timezone.now())


@job(queue="house", every="50 3 * * *")
def sweep() -> None:
    """Let proofs, codes and tokens go that are over, and could not be replayed any more."""
    services.sweep(actor=SYSTEM, now=timezone.now())
