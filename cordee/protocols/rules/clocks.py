"""Delays and deadlines: civil days of Paris, elapsed hours, and nothing of the wall clock.

A moment is kept as a whole number of microseconds since 1970 in universal time: it compares at
once and is a value of JSON.

- N heures : N fois 60 minutes écoulées, quel que soit le changement d’heure.
- N jours : jusqu’à la fin du N-ième jour civil après celui du fait, à Paris. « Sous 1 jour » après
  une sortie du mardi matin laisse jusqu’au mercredi soir, minuit. L’échéance est le dernier instant
  de ce jour : ce qui arrive à cet instant est à l’heure.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
MICRO = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = 3_600_000_000
_WARNED = 4  # at risk once three quarters of the delay are gone, unless the protocol says when


class Unit(StrEnum):
    """The two ways of counting a delay."""

    DAYS = "jours"
    HOURS = "heures"


@dataclass(frozen=True, slots=True)
class Delay:
    """So many civil days, or so many elapsed hours."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        word = self.unit.value if self.amount > 1 else self.unit.value[:-1]
        return f"{self.amount} {word}"


def micros(moment: datetime) -> int:
    """Return a zoned moment in microseconds. Raises ValueError on one without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone is not a moment")
    return (moment - EPOCH) // MICRO


def moment(at: int) -> datetime:
    """Return the moment of these microseconds, in universal time: there, moments compare."""
    return EPOCH + timedelta(microseconds=at)


def due(at: int, delay: Delay) -> int:
    """Return the last instant that is still in time, `delay` after `at`."""
    if delay.unit is Unit.HOURS:
        return at + delay.amount * HOUR
    return _midnight(_day(at) + delay.amount + 1) - 1


def warned(since: int, due_at: int, warning: Delay | None) -> int:
    """Return when what is owed begins to be at risk: `warning` before it is due, in civil days
    from the beginning of the day; by default when a quarter of the delay is left."""
    if warning is None:
        return due_at - (due_at - since) // _WARNED
    if warning.unit is Unit.HOURS:
        return due_at - warning.amount * HOUR
    return _midnight(_day(due_at) - warning.amount)


def _day(at: int) -> int:
    return moment(at).astimezone(PARIS).toordinal()


@lru_cache(maxsize=20_000)
def _midnight(day: int) -> int:
    return micros(datetime.combine(date.fromordinal(day), time(), tzinfo=PARIS))
