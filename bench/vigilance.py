"""Marks become alerts: how soon, how rightly, how evenly, how fast; beside other ways.

usage: python -m bench.vigilance limits | report
`limits` prints the table that `cordee/vigilance/rules/limits.py` holds; `report` writes
`docs/images/vigilance-*.svg` and prints the figures of `docs/vigilance.md`; the jobs run with
`make bench`.
"""

import sys
import time
from dataclasses import dataclass
from functools import cache
from statistics import median

import numpy as np

from bench.homes import ALONE, ONSET, SLOW, SLOWER, STEADY, SUDDEN, Change, Made, made
from bench.registry import job
from bench.rivals import LEARNT, WAYS, Flags, tuned
from cordee.vigilance.rules import severity, trend
from cordee.vigilance.rules.limits import VISITS_PER_ALERT, at
from cordee.vigilance.rules.many import Severities, Verdicts, Visits, replayed
from cordee.vigilance.rules.trend import Limits, Trend

CHANGES = (SUDDEN, SLOW, SLOWER, ALONE)
BETWEEN = 250
"""Visits between two false alerts, both signals together, at which ways are compared."""
TUNED_ON, TESTED_ON, CHANGED = 11, 12, 13  # seeds: nobody is judged on whom a limit was set


@dataclass(frozen=True, slots=True)
class Found:
    """What a way finds of one change, within a hundred visits of its beginning."""

    delays: tuple[int, ...]
    persons: int

    @property
    def median(self) -> float:
        """Visits until half of the persons were told; infinite when less than half were."""
        missed = self.persons - len(self.delays)
        return float(median([*self.delays, *([float("inf")] * missed)]))

    @property
    def share(self) -> float:
        """Share of persons who were told."""
        return len(self.delays) / self.persons


def found(flags: Flags) -> Found:
    """Read when each person was first told since the change began."""
    since = flags[:, ONSET:]
    told = since.any(axis=1)
    return Found(tuple((since[told].argmax(axis=1) + 1).tolist()), len(flags))


def verdicts(people: Made, limits: Limits) -> Verdicts:
    """Judge people as the house does: how helpers mark is estimated from the same marks."""
    return replayed(people.visits, people.severities(), limits)


@cache
def people(persons: int, seed: int, change: Change) -> Made:
    """Make people up once."""
    return made(persons, seed, change)


def flags(way: str, persons: int, seed: int, change: Change, between: int = BETWEEN) -> Flags:
    """Return what a way tells of people, at so many visits between two false alerts."""
    there = people(persons, seed, change)
    if way == "ours":
        return verdicts(there, at(between)).any
    return WAYS[way][0](there, _setting(way, persons, between))


@cache
def _setting(way: str, persons: int, between: int) -> float:
    function, low, high = WAYS[way]
    return tuned(function, people(persons, TUNED_ON, STEADY), 1 / between, low, high)


def rate(told: Flags) -> float:
    """Return alerts per visit, past those that tell what is usual."""
    return float(told[:, LEARNT:].mean())


def by_severity(told: Flags, there: Made) -> tuple[float, float]:
    """Return alerts per visit of the most severe third of helpers, and of the most lenient."""
    who, severity_of = there.visits.helpers[:, LEARNT:], there.severity
    low, high = np.quantile(severity_of, (1 / 3, 2 / 3))
    kept = told[:, LEARNT:]
    return float(kept[severity_of[who] < low].mean()), float(kept[severity_of[who] > high].mean())


def simulated_limits(persons: int = 15_000, seed: int = 2026) -> list[tuple[int, float, float]]:
    """Find, for each line of the table, the limits that raise so many false alerts."""
    there = made(persons, seed)
    severities = there.severities()
    lines = []
    for between, _, _ in VISITS_PER_ALERT:
        each = 1.9 * between  # a drop and a decline told by one visit are one alert
        for _ in range(2):
            limits = _evenly_shared(there, severities, each)
            each *= rate(replayed(there.visits, severities, limits).any) * between
        limits = _evenly_shared(there, severities, each)
        lines.append((between, round(limits.drop, 3), round(limits.decline, 3)))
    return lines


def _evenly_shared(there: Made, severities: Severities, each: float) -> Limits:
    """Find the limits that raise each signal once in so many visits."""
    low, high = np.array([0.5, 1.0]), np.array([9.0, 25.0])
    for _ in range(12):
        middle = (low + high) / 2
        told = replayed(there.visits, severities, Limits(*middle.tolist()), threads=2)
        up = np.array([rate(told.drops), rate(told.declines)]) > 1 / each
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    return Limits(*((low + high) / 2).tolist())


def one_by_one(visits: Visits, severities: Severities, limits: Limits, persons: int) -> Verdicts:
    """Judge the first persons one visit after the other, as a page of the house does."""
    told = Verdicts(*(np.zeros((persons, visits.marks.shape[1]), np.bool_) for _ in range(2)))
    known = [severity.of(severities, one) for one in range(len(severities.spreads))]
    for person in range(persons):
        state = Trend()
        lines = zip(
            visits.marks[person].tolist(),
            visits.days[person].tolist(),
            visits.helpers[person].tolist(),
            strict=True,
        )
        for place, (marks, days, helper) in enumerate(lines):
            given = [mark or None for mark in marks]
            state, raised = trend.after(
                state, given, days=days, severity=known[helper], limits=limits
            )
            for one in raised:
                which = told.drops if one.signal == trend.Signal.DROP else told.declines
                which[person, place] = True
    return told


@job(
    "slow decline of somebody at home, visits until told; baseline: a fixed level of one mark",
    unit="visits",
    goal="≤ half, as many false alerts",
    is_reached=lambda ours, baseline: ours <= baseline / 2,
)
def slow_decline() -> tuple[float, float]:
    """Compare on the same persons; a way that tells less than half of them counts 100 visits."""
    both = [found(flags(way, 3_000, CHANGED, SLOW)).median for way in ("ours", "fixed")]
    return min(both[0], 100.0), min(both[1], 100.0)


@job(
    "alarm budget of marks, furthest from what was asked; baseline: a moving average, tuned alike",
    unit="%",
    goal="≤ 10 %",
    is_reached=lambda ours, _: ours <= 10,
)
def budget_kept() -> tuple[float, float]:
    """Count the alerts of persons on whom nothing was set, for three budgets."""
    worst = {
        way: max(
            abs(rate(flags(way, persons, TESTED_ON, STEADY, between)) * between - 1)
            for between, persons in ((125, 6_000), (250, 6_000), (500, 6_000))
        )
        for way in ("ours", "moving")
    }
    return 100 * worst["ours"], 100 * worst["moving"]


@job(
    "alerts after severe helpers beside lenient ones, as a ratio; baseline: a moving average",
    unit="×",
    goal="≤ 1.11 (0.9 to 1.1)",
    is_reached=lambda ours, _: ours <= 1 / 0.9,
)
def evenly() -> tuple[float, float]:
    """Compare a third of helpers with another, on persons who do not change."""
    there = people(12_000, TESTED_ON, STEADY)
    ratios = []
    for way in ("ours", "moving"):
        severe, lenient = by_severity(flags(way, 12_000, TESTED_ON, STEADY), there)
        ratios.append(max(severe / lenient, lenient / severe))
    return ratios[0], ratios[1]


@job(
    "detectors over 100,000 persons × 200 visits; baseline: a loop of Python, on 250, times 400",
    unit="s",
    goal="≤ 3 s, same verdicts",
    is_reached=lambda ours, _: ours <= 3,
)
def many_at_once() -> tuple[float, float]:
    """Judge everybody at once, then some of them one visit after the other: both must agree."""
    some, limits = people(2_000, TESTED_ON, STEADY), at(BETWEEN)
    severities, visits = some.severities(), some.visits
    everybody = Visits(
        np.tile(visits.marks, (50, 1, 1)),
        np.tile(visits.days, (50, 1)),
        np.tile(visits.helpers, (50, 1)),
    )
    began = time.perf_counter()
    told = replayed(everybody, severities, limits, threads=2)
    ours = time.perf_counter() - began
    began = time.perf_counter()
    single = one_by_one(visits, severities, limits, 250)
    loop = (time.perf_counter() - began) * 400
    if not np.array_equal(told.drops[:250], single.drops):
        raise RuntimeError("the two ways do not tell the same drops")
    if not np.array_equal(told.declines[:250], single.declines):
        raise RuntimeError("the two ways do not tell the same declines")
    return ours, loop


def main(words: list[str]) -> int:
    """Print the table of limits, or write the report."""
    if words == ["limits"]:
        for line in simulated_limits():
            sys.stdout.write(f"    {line},\n")
        return 0
    if words == ["report"]:
        from bench.vigilance_report import write

        write()
        return 0
    sys.stderr.write(__doc__ or "")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
