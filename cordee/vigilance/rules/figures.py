"""What a service reads of its visits: two periods side by side, with what they cannot prove.

Shares of persons carry their 95 % interval (Wilson, 1927, J. Am. Stat. Assoc. 22:209). Shares of
visits carry none: the visits of one person resemble each other, an interval would promise too much.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import sqrt
from statistics import median
from uuid import UUID

Z = 1.959964
LOW = 2


@dataclass(frozen=True)
class VisitLine:
    """One visit, as figures look at it."""

    person: UUID
    at: datetime
    marks: tuple[int | None, ...]
    urgent: bool = False
    is_need: bool = False
    home_unsafe: bool = False
    seconds: int | None = None
    seen_after: timedelta | None = None
    answered_after: timedelta | None = None

    @property
    def is_low(self) -> bool:
        """A mark at one of the two lowest levels, or said urgent."""
        return self.urgent or any(mark is not None and mark <= LOW for mark in self.marks)


@dataclass(frozen=True)
class Share:
    """A part of a whole, in hundredths, with its interval."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """The share; None of nothing."""
        return 100 * self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The two ends of its 95 % interval; None of nothing."""
        return wilson(self.part, self.whole)


def wilson(part: int, whole: int) -> tuple[float, float] | None:
    """Give the ends of the 95 % interval of a share, in hundredths; None of nothing."""
    if not whole:
        return None
    share, weight = part / whole, Z * Z / whole
    centre = (share + weight / 2) / (1 + weight)
    half = Z * sqrt(share * (1 - share) / whole + weight / (4 * whole)) / (1 + weight)
    return 100 * max(centre - half, 0.0), 100 * min(centre + half, 1.0)


@dataclass
class Figures:
    """One period of a service."""

    visits: int = 0
    persons: int = 0
    needs: int = 0
    home_unsafe: int = 0
    low: Share = Share(0, 0)
    """Visits with a low mark, or said urgent."""
    worried: Share = Share(0, 0)
    """Persons who had one, of those visited."""
    unmarked: Share = Share(0, 0)
    """Planned visits that nobody marked, of those whose hour has passed."""
    levels: dict[int, Counter[int]] = field(default_factory=dict)
    """For each of the four marks, by its rank, how many visits gave each level."""
    seconds: float | None = None
    seen_after: timedelta | None = None
    seen: Share = Share(0, 0)
    answered_after: timedelta | None = None
    acted: Share = Share(0, 0)
    """Alerts on which something was done, of those raised."""
    acted_after: timedelta | None = None
    safety: int | None = None
    """Times helpers did not feel safe; None for who leads no home service."""
    about: dict[str, int] = field(default_factory=dict)
    """Of how many persons each figure speaks: what leaves the screen is masked by it."""


def figures(lines: Iterable[VisitLine], planned: int, unmarked: int) -> Figures:
    """Sum up a period. Durations are medians, of what was seen or answered only."""
    rows = list(lines)
    visits = [row for row in rows if not row.is_need]
    waits = [row for row in rows if row.is_low or row.is_need]
    visited, worried = _persons(visits), _persons(row for row in visits if row.is_low)
    return Figures(
        visits=len(visits),
        persons=len({row.person for row in rows}),
        needs=len(rows) - len(visits),
        home_unsafe=sum(row.home_unsafe for row in rows),
        low=Share(sum(row.is_low for row in visits), len(visits)),
        worried=Share(worried, visited),
        unmarked=Share(unmarked, planned),
        levels=_levels(visits),
        seconds=_median([row.seconds for row in visits if row.seconds is not None]),
        seen_after=_half([row.seen_after for row in waits]),
        seen=Share(sum(row.seen_after is not None for row in waits), len(waits)),
        answered_after=_half([row.answered_after for row in waits]),
        about={
            "visits": visited,
            "needs": _persons(row for row in rows if row.is_need),
            "home_unsafe": _persons(row for row in rows if row.home_unsafe),
            "low": worried,
            "seen": _persons(waits),
        },
    )


@dataclass(frozen=True)
class AlertLine:
    """One alert, as figures look at it."""

    person: UUID
    acted_after: timedelta | None = None


def with_alerts(found: Figures, lines: Iterable[AlertLine]) -> Figures:
    """Add what became of the alerts of the period. The duration is the median of those acted on."""
    rows = list(lines)
    return replace(
        found,
        acted=Share(sum(one.acted_after is not None for one in rows), len(rows)),
        acted_after=_half(one.acted_after for one in rows),
        about=found.about | {"alerts": len({one.person for one in rows})},
    )


def with_safety(found: Figures, times: int, helpers: int) -> Figures:
    """Add how often helpers did not feel safe, and how many they were."""
    return replace(found, safety=times, about=found.about | {"safety": helpers})


def _persons(lines: Iterable[VisitLine]) -> int:
    return len({line.person for line in lines})


def _levels(visits: Sequence[VisitLine]) -> dict[int, Counter[int]]:
    found: dict[int, Counter[int]] = {rank: Counter() for rank in range(4)}
    for visit in visits:
        for rank, mark in enumerate(visit.marks):
            if mark is not None:
                found[rank][mark] += 1
    return found


def _median(values: list[int]) -> float | None:
    return float(median(values)) if values else None


def _half(waits: Iterable[timedelta | None]) -> timedelta | None:
    known = [one.total_seconds() for one in waits if one is not None]
    return timedelta(seconds=median(known)) if known else None


def is_apart(before: Share, after: Share) -> bool | None:
    """Say whether two intervals do not meet; None when one of them has nothing.

    Stricter than a test at 5 %: what is said to have moved has. It never says why.
    """
    one, other = before.interval, after.interval
    if one is None or other is None:
        return None
    return one[1] < other[0] or other[1] < one[0]


def masked(persons: int, least: int) -> bool:
    """Say whether a figure about so few persons leaves the screen masked."""
    return 0 < persons < least
