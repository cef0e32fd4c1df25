"""A measure over time as a line: where each point stands in a drawing of fixed size.

The scale says the whole range when it is known: a small change must not look like a large one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

WIDTH, HEIGHT = 560, 150
LEFT, RIGHT, TOP, BOTTOM = 44, 24, 18, 26


@dataclass(frozen=True)
class Spot:
    """One point: where, and what it says."""

    x: int
    y: int
    value: Decimal
    at: datetime


@dataclass(frozen=True)
class Drawn:
    """The points in order of time, the line through them, and the two ends of the scale."""

    spots: tuple[Spot, ...]
    line: str
    low: Decimal
    high: Decimal
    width: int = WIDTH
    height: int = HEIGHT
    top: int = TOP
    floor: int = HEIGHT - BOTTOM
    left: int = LEFT


def drawn(points: Sequence[tuple[datetime, Decimal]], out_of: Decimal | None) -> Drawn:
    """Place points of a measure, oldest first, on a scale from 0 to its greatest value.

    A measure without a greatest value is drawn from the least to the greatest that was measured.
    """
    values = [value for _, value in points]
    low = min([Decimal(0), *values]) if out_of is not None else min(values, default=Decimal(0))
    high = max([out_of, *values]) if out_of is not None else max(values, default=Decimal(1))
    if high == low:
        low, high = low - 1, high + 1
    spots = tuple(
        Spot(_across(at, points[0][0], points[-1][0]), _up(value, low, high), value, at)
        for at, value in points
    )
    line = " ".join(f"{one.x},{one.y}" for one in spots)
    return Drawn(spots, line, low, high)


def _across(at: datetime, first: datetime, last: datetime) -> int:
    span = (last - first).total_seconds()
    if not span:
        return (LEFT + WIDTH - RIGHT) // 2
    return LEFT + round((WIDTH - LEFT - RIGHT) * (at - first).total_seconds() / span)


def _up(value: Decimal, low: Decimal, high: Decimal) -> int:
    tall = HEIGHT - TOP - BOTTOM
    return TOP + tall - round(tall * (value - low) / (high - low))
