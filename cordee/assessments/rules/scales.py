"""How a measure is named, cut into bands and sourced; and what of it was in force on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Generic, TypeVar

from cordee.assessments.rules.results import Band, Point, Result
from cordee.people.rules.readings import Reading


@dataclass(frozen=True)
class Step:
    """A band, and where it begins: at this value, or just above it."""

    start: Decimal
    band: Band
    just_above: bool = False

    def reached_by(self, value: Decimal) -> bool:
        """Whether a value is in this band or in a higher one."""
        return value > self.start if self.just_above else value >= self.start


@dataclass(frozen=True)
class Scale:
    """One measure: its name, its range, its bands from the lowest to the highest, its source."""

    code: str
    label: str
    unit: str
    out_of: Decimal | None
    steps: tuple[Step, ...]
    source: str
    caution: str = ""

    @property
    def is_levels(self) -> bool:
        """Whether the bands are the values themselves, one by one, as for a GIR."""
        starts = [step.start for step in self.steps]
        return len(starts) > 2 and all(after - one == 1 for one, after in pairwise(starts))

    def band(self, value: Decimal) -> Band | None:
        """The band of a value; None when this measure has no bands, or below the first one."""
        reached = [step.band for step in self.steps if step.reached_by(value)]
        return reached[-1] if reached else None

    def result(self, value: Decimal, points: Sequence[Point], *, caution: str = "") -> Result:
        """The whole score, with its band; `caution` is added to what this measure always says."""
        said = " ".join(part for part in (self.caution, caution) if part)
        return Result(
            code=self.code,
            label=self.label,
            value=value,
            out_of=self.out_of,
            unit=self.unit,
            band=self.band(value),
            points=tuple(points),
            source=self.source,
            caution=said,
        )


Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Dated(Generic[Kept]):
    """A setting, the day from which it holds here, and the reading it rests upon."""

    name: str
    value: Kept
    since: date
    reading: Reading


def in_force(settings: Sequence[Dated[Kept]], on: date) -> Dated[Kept]:
    """The latest setting begun on that day; before all of them, the oldest one.

    Raises IndexError when there is none at all."""
    ordered = sorted(settings, key=lambda setting: setting.since)
    begun = [setting for setting in ordered if setting.since <= on]
    return begun[-1] if begun else ordered[0]
