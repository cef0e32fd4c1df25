"""What must happen later: an emergency access is written down as ended when its time is over."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.queue import job
from cordee.people import services
from cordee.people.selectors import get_grant


@job(queue="people", attempts=8)
def end_emergency(*, grant_id: str) -> None:
    """Say that the time is over. The database already refuses the sight; this writes it down."""
    grant = get_grant(SYSTEM, grant_id)
    now = timezone.now()
    if grant.ended_at is None and grant.expires_at <= now:
        services.end_emergency(actor=SYSTEM, grant=grant, now=now)
