"""When a visit happened, whatever the clock of the phone says."""

from collections.abc import Sequence
from datetime import datetime, timedelta

TRUSTED = timedelta(minutes=2)
"""Below this, the gap is the time that sending takes, not a wrong clock."""
OLDEST = timedelta(days=90)
"""A phone is not away for longer: beyond, its clock started from nothing."""
MOST = 2**31 - 1


def offset(sent_at: datetime, received_at: datetime) -> timedelta:
    """By how much the phone is late; nothing when the gap is that of a network."""
    gap = received_at - sent_at
    return gap if abs(gap) > TRUSTED else timedelta()


def whole_seconds(late: timedelta) -> int:
    """The gap as it is kept: never beyond what a column of whole numbers holds."""
    return max(-MOST, min(MOST, int(late.total_seconds())))


def in_order(
    occurred: Sequence[datetime], late: timedelta, received_at: datetime
) -> list[datetime]:
    """When each of one sending happened, in the order in which the phone wrote them.

    `late` is what `offset` gave of the moment of sending: a clock that was put right between a
    visit and its sending misleads. What cannot be (after it was received, or too long before)
    takes the moment of the next one, else that of receiving; none comes before the one it follows.
    """
    found: list[datetime | None] = []
    latest: datetime | None = None
    for one in occurred:
        moment = one + late
        if received_at - OLDEST <= moment <= received_at:
            latest = max(latest or moment, moment)
            found.append(latest)
        else:
            found.append(None)
    after = received_at
    told = []
    for known in reversed(found):
        after = known or after
        told.append(after)
    return told[::-1]
