"""What must happen later: an emergency access is written down as ended when its time is over.

Each night records that look alike are looked for; where the site switched it on, the surest pairs
are brought together.
"""

from contextlib import suppress

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.errors import DomainError
from cordee.kernel.queue import job
from cordee.people import services
from cordee.people.selectors import get_grant, strangers, sure_pairs, without_their_gp

A_NIGHT = 5_000  # records, or stays, that are looked at in one night


@job(queue="people", attempts=8)
def end_emergency(*, grant_id: str) -> None:
    """Say that the time is over. The database already refuses the sight; this writes it down."""
    grant = get_grant(SYSTEM, grant_id)
    now = timezone.now()
    if grant.ended_at is None and grant.expires_at <= now:
        services.end_emergency(actor=SYSTEM, grant=grant, now=now)


@job(queue="people", attempts=2, every="20 2 * * *")
def look_for_doubles() -> None:
    """Find who was written twice; then bring together what needs no human, if it is switched on.

    Each pair is a gesture of its own: one that is refused waits for a human, and holds no other.
    """
    services.refresh_candidates(actor=SYSTEM, now=timezone.now())
    for pair in sure_pairs(SYSTEM):
        with suppress(DomainError):
            services.merge_unattended(actor=SYSTEM, candidate=pair, now=timezone.now())


@job(queue="people", attempts=2, every="50 2 * * *")
def name_gps() -> None:
    """Have records name the GP of circles that were written before a gesture said it."""
    now = timezone.now()
    for person in without_their_gp(SYSTEM, A_NIGHT):
        services.record_gp(actor=SYSTEM, person=person, now=now)


@job(queue="people", attempts=2, every="55 2 * * *")
def end_strangers() -> None:
    """Have relatives of somebody else leave circles that took them in before this was refused, or
    that a merge, undone, left apart from them. The desks look at who is missing."""
    now = timezone.now()
    for member in strangers(SYSTEM, A_NIGHT):
        services.end_stranger(actor=SYSTEM, member=member, now=now)
