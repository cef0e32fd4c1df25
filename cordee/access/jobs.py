"""The last seals of the trace are told each night, before the heads of the threads are signed."""

from django.utils import timezone

from cordee.access import seals
from cordee.access.actor import SYSTEM
from cordee.kernel.queue import job


@job(queue="house", every="5 3 * * *")
def tell_seals() -> None:
    """Write in the thread how far the trace is sealed."""
    seals.tell_seals(actor=SYSTEM, now=timezone.now())
