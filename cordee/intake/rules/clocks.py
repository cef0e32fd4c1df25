"""Three clocks run from the moment a request is received; a duration never reads the wall.

Source : indicateurs usuels d’un service d’orientation (délai de premier contact, de solution,
de soin confirmé). Les instants sont en temps universel : un changement d’heure n’ajoute ni ne
retire rien.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Clock:
    """Elapsed time to each milestone; `running` tells the first one still awaited."""

    first_contact: timedelta | None
    found: timedelta | None
    confirmed: timedelta | None
    age: timedelta
    late: bool

    @property
    def running(self) -> str | None:
        """Return the milestone still awaited, or None when all three are reached."""
        for name in ("first_contact", "found", "confirmed"):
            if getattr(self, name) is None:
                return name
        return None


@dataclass(frozen=True)
class Moments:
    """The moments of one request; those that have not come are None."""

    received_at: datetime
    contacted_at: datetime | None = None
    found_at: datetime | None = None
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None


def clock_of(moments: Moments, now: datetime) -> Clock:
    """Return the three elapsed times, the age, and whether the promised delay has passed."""
    end = moments.ended_at or now
    late = moments.due_at is not None and (moments.found_at or end) > moments.due_at
    return Clock(
        first_contact=_elapsed(moments.received_at, moments.contacted_at),
        found=_elapsed(moments.received_at, moments.found_at),
        confirmed=_elapsed(moments.received_at, moments.confirmed_at),
        age=max(end - moments.received_at, timedelta()),
        late=late,
    )


def _elapsed(start: datetime, end: datetime | None) -> timedelta | None:
    return None if end is None else max(end - start, timedelta())


def median(durations: Iterable[timedelta]) -> timedelta | None:
    """Return the median duration, or None when there is none."""
    ordered = sorted(durations)
    if not ordered:
        return None
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
