"""When a visit happened, whatever the clock of the phone says."""

from datetime import datetime, timedelta

TRUSTED = timedelta(minutes=2)
"""Below this, the gap is the time that sending takes, not a wrong clock."""


def offset(sent_at: datetime, received_at: datetime) -> timedelta:
    """By how much the phone is late; nothing when the gap is that of a network."""
    gap = received_at - sent_at
    return gap if abs(gap) > TRUSTED else timedelta()


def happened_at(occurred_at: datetime, late: timedelta, received_at: datetime) -> datetime:
    """When it happened by the clock of the house; never after it was received.

    `late` is what `offset` gave of the moment of sending.
    """
    return min(occurred_at + late, received_at)
