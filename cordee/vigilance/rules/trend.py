"""What several visits say together: a sudden drop, or a slow decline, on a person’s own level.

Each mark is compared with what is usual for this person, given who marked; the gaps are added up
(CUSUM), once with a large allowance (sudden drop) and once with a small one (slow decline). A fifth
stream adds the four marks: a decline that is spread over all of them shows there first.

Sources : E. S. Page, « Continuous inspection schemes », Biometrika, 1954 (CUSUM) ; R. E. Kalman,
1960, modèle à niveau local (poids d’un niveau que le temps fait oublier). Les valeurs ci-dessous
sont choisies au banc d’essai (`bench/vigilance.py`), sur des personnes simulées : règle de Cordée.

Nothing here is a diagnosis, nor foretells an admission: it says that somebody should ask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from cordee.people.rules.labels import Coded
from cordee.vigilance.rules.marks import HIGHEST, LOWEST, MARKS

NAMES = tuple(MARKS)
COUNT = len(NAMES)

FORGETS = 3000.0
"""Visit-days after which a level is forgotten: a level weighs at most √(3000 / days between)."""
FIRST_LEVEL, FIRST_WEIGHT = 3.8, 0.7
"""What is supposed of somebody before any visit, and how many visits that is worth."""
FIRST_SPREAD, SPREAD_WEIGHT, SPREAD_MEMORY = 0.45, 20.0, 120.0
"""Variance of a mark before any visit, the visits that is worth, and the visits remembered."""
TOGETHER = 0.6
"""The mean of the four varies less than one of them."""
LEAST_SPREAD = 0.12
OUTLIER = 2.5
"""Beyond so many standard deviations a mark widens the spread no more."""
BEND = 0.55
"""How softly a level meets the top of the scale: nobody can be marked above « Très bien »."""
HIGHEST_LEVEL = 5.5
WARM_UP = 5
"""Visits before any trend is told."""
QUIET = 10
"""Visits after a signal during which the same signal is not raised again."""


class Signal(Coded):
    """What an alert is about."""

    IMMEDIATE = "immediate", "signe à voir tout de suite"
    DROP = "drop", "baisse soudaine"
    DECLINE = "decline", "baisse lente"
    REPEATED = "repeated", "signes qui se répètent"


TRENDS = (Signal.DROP, Signal.DECLINE)
ALLOWANCE = {Signal.DROP: 1.0, Signal.DECLINE: 0.4}
"""Standard deviations a visit may be below the usual level without adding to the sum."""
MOST = {Signal.DROP: 4.0, Signal.DECLINE: 2.0}
"""One visit never counts for more: a slow decline is not made of one bad day."""
LEAST = -2.0
"""Nor for less: one good day does not undo all."""


@dataclass(frozen=True, slots=True)
class Severity:
    """How somebody marks, beside the others: known to the detector only, told to nobody.

    `offsets`: levels added to each mark; `spread`: variance of their marks over that of all;
    `doubt`: variance of what is not known of them yet.
    """

    offsets: tuple[float, ...] = (0.0,) * COUNT
    spread: float = 1.0
    doubt: float = 0.16


UNKNOWN = Severity()
"""Somebody who has not marked enough: supposed like the others, with doubt."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a sum has to reach to be told; see `limits`."""

    drop: float
    decline: float

    def of(self, signal: Signal) -> float:
        """Return the limit of one signal."""
        return self.drop if signal == Signal.DROP else self.decline


@dataclass(frozen=True, slots=True)
class Raised:
    """A trend that is told: which, on which marks, and how far over its limit."""

    signal: Signal
    marks: tuple[str, ...]
    strength: float


@dataclass(frozen=True, slots=True)
class Trend:
    """All that is kept of a person: its size does not grow with visits."""

    visits: int = 0
    weight: float = FIRST_WEIGHT
    levels: tuple[float, ...] = (FIRST_LEVEL,) * COUNT
    spreads: tuple[float, ...] = (FIRST_SPREAD,) * COUNT + (FIRST_SPREAD * TOGETHER,)
    drops: tuple[float, ...] = (0.0,) * (COUNT + 1)
    declines: tuple[float, ...] = (0.0,) * (COUNT + 1)
    quiet: tuple[int, int] = (0, 0)

    def as_list(self) -> list[float]:
        """Return it as one list of numbers, to be kept."""
        return [
            self.visits,
            self.weight,
            *self.levels,
            *self.spreads,
            *self.drops,
            *self.declines,
            *self.quiet,
        ]

    @classmethod
    def of(cls, kept: Sequence[float]) -> "Trend":
        """Read back what `as_list` gave. Raises ValueError when it is not of this form."""
        if len(kept) != SIZE:
            raise ValueError(f"{len(kept)} numbers where a trend has {SIZE}")
        at, five = 2 + COUNT, COUNT + 1
        return cls(
            visits=int(kept[0]),
            weight=float(kept[1]),
            levels=tuple(kept[2:at]),
            spreads=tuple(kept[at : at + five]),
            drops=tuple(kept[at + five : at + 2 * five]),
            declines=tuple(kept[at + 2 * five : at + 3 * five]),
            quiet=(int(kept[-2]), int(kept[-1])),
        )


SIZE = 2 + COUNT + 3 * (COUNT + 1) + 2


def after(
    trend: Trend,
    marks: Sequence[int | None],
    *,
    days: float,
    severity: Severity,
    limits: Limits,
) -> tuple[Trend, tuple[Raised, ...]]:
    """Take one more visit into account, in constant time.

    `marks`: the four levels in the order of MARKS, None for what was not given. `days`: since the
    visit before, 0 for the first. Returns what is kept, and what is told, the drop first. A visit
    without any mark changes nothing.
    """
    gaps = _gaps(trend, marks, severity)
    if gaps[COUNT] is None:
        return trend, ()
    weight = trend.weight / (1.0 + trend.weight * max(days, 0.0) / FORGETS)
    below = [
        None if gap is None else _below(gap, spread, weight, severity)
        for gap, spread in zip(gaps, trend.spreads, strict=True)
    ]
    kept, raised = _summed(trend, below, limits)
    return (
        Trend(
            visits=trend.visits + 1,
            weight=weight + 1.0,
            levels=_levels(trend.levels, gaps, weight),
            spreads=_spreads(trend, gaps, weight, severity),
            drops=kept[0][0],
            declines=kept[1][0],
            quiet=(kept[0][1], kept[1][1]),
        ),
        raised,
    )


def expected(level: float) -> float:
    """Say which mark a level gives on average: the ends of the scale hold it."""
    over = level - HIGHEST
    return max(0.5 * (level + HIGHEST - sqrt(over * over + BEND * BEND)), LOWEST)


def _gaps(trend: Trend, marks: Sequence[int | None], severity: Severity) -> list[float | None]:
    found: list[float | None] = [
        None if mark is None else mark - expected(level + offset)
        for mark, level, offset in zip(marks, trend.levels, severity.offsets, strict=True)
    ]
    total, given = 0.0, 0
    for gap in found:  # added one by one: `sum` corrects its rounding since Python 3.12
        if gap is not None:
            total, given = total + gap, given + 1
    return [*found, total / given if given else None]


def _below(gap: float, spread: float, weight: float, severity: Severity) -> float:
    return -gap / sqrt(spread * (severity.spread * (1.0 + 1.0 / weight)) + severity.doubt)


def _levels(
    levels: tuple[float, ...], gaps: Sequence[float | None], weight: float
) -> tuple[float, ...]:
    gain = 1.0 / (weight + 1.0)
    return tuple(
        level if gap is None else min(level + gap * gain, HIGHEST_LEVEL)
        for level, gap in zip(levels, gaps[:COUNT], strict=True)
    )


def _spreads(
    trend: Trend, gaps: Sequence[float | None], weight: float, severity: Severity
) -> tuple[float, ...]:
    gain = 1.0 / min(SPREAD_WEIGHT + trend.visits + 1, SPREAD_MEMORY)
    certain, narrow = weight / (weight + 1.0), 1.0 / severity.spread
    found = []
    for place, (spread, gap) in enumerate(zip(trend.spreads, gaps, strict=True)):
        least = LEAST_SPREAD * (TOGETHER if place == COUNT else 1.0)
        if gap is not None:
            own = min(gap * gap * narrow, OUTLIER * OUTLIER * spread) * certain
            spread = max(spread + (own - spread) * gain, least)
        found.append(spread)
    return tuple(found)


def _summed(
    trend: Trend, below: Sequence[float | None], limits: Limits
) -> tuple[list[tuple[tuple[float, ...], int]], tuple[Raised, ...]]:
    kept, raised = [], []
    for signal, sums, quiet in zip(TRENDS, (trend.drops, trend.declines), trend.quiet, strict=True):
        if trend.visits < WARM_UP:
            kept.append((sums, quiet))
            continue
        added = tuple(_added(one, gap, signal) for one, gap in zip(sums, below, strict=True))
        left, highest = max(quiet - 1, 0), max(added)
        if highest >= limits.of(signal):
            if quiet == 0:
                raised.append(Raised(signal, leading(added), highest / limits.of(signal)))
                left = QUIET
            added = (0.0,) * (COUNT + 1)
        kept.append((added, left))
    return kept, tuple(raised)


def _added(so_far: float, below: float | None, signal: Signal) -> float:
    if below is None:
        return so_far
    return max(0.0, so_far + min(max(below, LEAST), MOST[signal]) - ALLOWANCE[signal])


def leading(sums: Sequence[float]) -> tuple[str, ...]:
    """Name the marks that made a signal: those at least half as far as the furthest of the four."""
    furthest = max(sums[:COUNT])
    return tuple(
        name for name, one in zip(NAMES, sums, strict=False) if furthest and one >= furthest / 2
    )
