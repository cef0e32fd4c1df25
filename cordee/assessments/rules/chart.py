"""A measure over time as a drawing of fixed size: where each point and each band stands.

The scale says the whole range when it is known: a small change must not look like a large one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cordee.assessments.rules.comparing import Series

WIDTH, HEIGHT = 560, 170
LEFT, RIGHT, TOP, BOTTOM = 44, 24, 18, 26
FLOOR = HEIGHT - BOTTOM
HALF = Decimal("0.5")


@dataclass(frozen=True)
class Spot:
    """One point: where, and what it says."""

    x: int
    y: int
    value: Decimal
    on: date


@dataclass(frozen=True)
class Stripe:
    """One band, from its top to its bottom."""

    y: int
    height: int
    label: str
    severity: int


@dataclass(frozen=True)
class Drawn:
    """The points in order of time, the line through them, the bands, the two ends of the scale
    and where these are written."""

    spots: tuple[Spot, ...]
    stripes: tuple[Stripe, ...]
    low: Decimal
    high: Decimal
    low_y: int
    high_y: int
    width: int = WIDTH
    height: int = HEIGHT
    top: int = TOP
    floor: int = FLOOR
    left: int = LEFT
    right: int = WIDTH - RIGHT

    @property
    def line(self) -> str:
        """The points of a polyline."""
        return " ".join(f"{one.x},{one.y}" for one in self.spots)


def drawn(series: Series, out_of: Decimal | None) -> Drawn:
    """Place the points of a measure and its bands.

    The scale goes from 0, or the first band, to the greatest value; without one, to what was
    measured. Where each value is a band of its own, as a GIR, the band is drawn around it.
    """
    values = [value for _, value in series.points] or [Decimal(0)]
    begins = [one.begins for one in series.stripes]
    low = min([*values, *begins] if begins else [*values, Decimal(0)])
    high = max([*values, *begins, *([out_of] if out_of is not None else [])])
    around = HALF if series.is_levels else Decimal(0)
    floor, top = low - around, high + around
    if floor == top:
        low, high = floor, top = low - 1, high + 1
    days = [on for on, _ in series.points]
    spots = tuple(
        Spot(_across(on, days[0], days[-1]), _up(value, floor, top), value, on)
        for on, value in series.points
    )
    stripes = tuple(_stripes(series, around, (floor, top)))
    return Drawn(spots, stripes, low, high, _up(low, floor, top), _up(high, floor, top))


def _stripes(series: Series, around: Decimal, scale: tuple[Decimal, Decimal]) -> Iterator[Stripe]:
    floor, ceiling = scale
    for one in series.stripes:
        begins = max(one.begins - around, floor)
        ends = ceiling if one.ends is None else min(one.ends - around, ceiling)
        bottom, top = _up(begins, *scale), _up(ends, *scale)
        if bottom > top:
            yield Stripe(top, bottom - top, one.label, one.severity)


def _across(on: date, first: date, last: date) -> int:
    span = (last - first).days
    if not span:
        return (LEFT + WIDTH - RIGHT) // 2
    return LEFT + 8 + round((WIDTH - LEFT - RIGHT - 16) * (on - first).days / span)


def _up(value: Decimal, low: Decimal, high: Decimal) -> int:
    return FLOOR - round((FLOOR - TOP) * (value - low) / (high - low))
