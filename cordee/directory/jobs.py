"""What a date does by itself. Every job looks before it acts, and may run twice."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.directory import selectors, services
from cordee.kernel.queue import job


@job(queue="house", every="7 * * * *")
def end_memberships() -> None:
    """Say whose last day is past: what they had in hand goes back to the team, their covers end."""
    now = timezone.now()
    for membership in selectors.memberships_over(SYSTEM, now):
        services.note_ended(actor=SYSTEM, membership=membership, now=now)
