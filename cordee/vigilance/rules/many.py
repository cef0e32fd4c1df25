"""The same detector for many persons at once, with numpy.

`replayed` gives exactly the verdicts of `trend.after`: the same operations in the same order, on
columns of persons (a test). Used at night and by the bench; a single visit never loads numpy.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cordee.vigilance.rules import trend as one
from cordee.vigilance.rules.marks import HIGHEST, LOWEST
from cordee.vigilance.rules.trend import COUNT, Limits, Signal

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Levels = NDArray[np.int8]
Flags = NDArray[np.bool_]
NOT_GIVEN = 0
TOGETHER = 4096
"""Persons of one block: what a processor keeps at hand."""
FIVE = COUNT + 1


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits of many persons, as many for each; those that did not happen have no mark.

    `marks`: persons × visits × 4, NOT_GIVEN for what was not; `days` since the visit before and
    `helpers` (a row of `Severities`): persons × visits.
    """

    marks: Levels
    days: Numbers
    helpers: Whole


@dataclass(frozen=True, slots=True)
class Severities:
    """How each helper marks: see `trend.Severity`. Helpers × 4, then one number each."""

    offsets: Numbers
    spreads: Numbers
    doubts: Numbers

    @classmethod
    def none(cls, helpers: int) -> "Severities":
        """Suppose that all mark alike, and that it is known."""
        return cls(np.zeros((helpers, COUNT)), np.ones(helpers), np.zeros(helpers))


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was told: persons × visits, true where the signal is raised."""

    drops: Flags
    declines: Flags

    @property
    def any(self) -> Flags:
        """Where one or the other is raised."""
        return self.drops | self.declines


def replayed(
    visits: Visits, severities: Severities, limits: Limits, *, threads: int = 1
) -> Verdicts:
    """Judge every visit of every person, as they would have been one after the other."""
    persons, count, _ = visits.marks.shape
    verdicts = Verdicts(*(np.zeros((persons, count), dtype=np.bool_) for _ in range(2)))

    def judge(start: int) -> None:
        block = slice(start, min(start + TOGETHER, persons))
        drops, declines = _Block(visits, severities, block).judged(limits)
        verdicts.drops[block], verdicts.declines[block] = drops.T, declines.T

    starts = range(0, persons, TOGETHER)
    if threads == 1:
        for start in starts:
            judge(start)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(judge, starts))
    return verdicts


class _Block:
    """Some persons, a column each: streams are rows, so that each operation runs along memory."""

    def __init__(self, visits: Visits, severities: Severities, block: slice) -> None:
        self.marks = np.ascontiguousarray(visits.marks[block].transpose(1, 2, 0))
        self.days = np.ascontiguousarray(np.maximum(visits.days[block], 0.0).T)
        self.helpers = np.ascontiguousarray(visits.helpers[block].T)
        self.by_mark = np.ascontiguousarray(severities.offsets.T)
        self.severities = severities
        size = self.marks.shape[2]
        self.visits = np.zeros(size)
        self.weight = np.full(size, one.FIRST_WEIGHT)
        self.levels = np.full((COUNT, size), one.FIRST_LEVEL)
        self.spreads = np.full((FIVE, size), one.FIRST_SPREAD)
        self.spreads[COUNT] = one.FIRST_SPREAD * one.TOGETHER
        self.least = np.full((FIVE, 1), one.LEAST_SPREAD)
        self.least[COUNT] = one.LEAST_SPREAD * one.TOGETHER
        self.sums = {signal: np.zeros((FIVE, size)) for signal in one.TRENDS}
        self.quiet = {signal: np.zeros(size, dtype=np.int16) for signal in one.TRENDS}
        self.gaps, self.below, self.room = (np.empty((FIVE, size)) for _ in range(3))
        self.offset, self.given = np.empty((COUNT, size)), np.empty((COUNT, size))
        self.missing = np.empty((FIVE, size), dtype=np.bool_)

    def judged(self, limits: Limits) -> tuple[Flags, Flags]:
        count, _, size = self.marks.shape
        told = {signal: np.zeros((count, size), dtype=np.bool_) for signal in one.TRENDS}
        for place in range(count):
            warm = self.visits >= one.WARM_UP
            self._compare(place)
            partly = bool(self.missing.any())
            here = ~self.missing[COUNT]
            self._learn(place, here, partly=partly)
            ready = here & warm
            if not ready.any():
                continue
            np.maximum(self.below, one.LEAST, out=self.below)
            if partly or not warm.all():
                np.copyto(self.missing, True, where=~ready)
                partly = True
            for signal in one.TRENDS:
                kept = self.missing if partly else None
                self._add(signal, kept, ready, limits.of(signal), told[signal][place])
        return told[Signal.DROP], told[Signal.DECLINE]

    def _compare(self, place: int) -> None:
        """Write how far each mark is from what is usual, and the mean of those given."""
        own, missing, given = self.gaps[:COUNT], self.missing, self.given
        np.take(self.by_mark, self.helpers[place], axis=1, out=self.offset, mode="clip")
        self.offset += self.levels
        _expect(self.offset, given)
        np.subtract(self.marks[place], self.offset, out=own)
        np.equal(self.marks[place], NOT_GIVEN, out=missing[:COUNT])
        np.logical_and.reduce(missing[:COUNT], axis=0, out=missing[COUNT])
        total = self.gaps[COUNT]
        if not missing.any():
            np.add(own[0], own[1], out=total)
            for row in own[2:]:
                total += row
            total /= float(COUNT)
            return
        np.copyto(own, 0.0, where=missing[:COUNT])
        np.add(own[0], own[1], out=total)
        for row in own[2:]:
            total += row
        total /= np.maximum(COUNT - missing[:COUNT].sum(axis=0), 1)

    def _learn(self, place: int, here: Flags, *, partly: bool) -> None:
        """Write how unusual each gap is, then learn from it."""
        helpers, gaps, room = self.helpers[place], self.gaps, self.room
        spread = self.severities.spreads[helpers]
        weight = self.weight / (1.0 + self.weight * self.days[place] / one.FORGETS)
        np.multiply(self.spreads, spread * (1.0 + 1.0 / weight), out=room)
        room += self.severities.doubts[helpers]
        np.sqrt(room, out=room)
        np.divide(gaps, room, out=self.below)
        np.negative(self.below, out=self.below)
        np.multiply(gaps[:COUNT], 1.0 / (weight + 1.0), out=self.given)
        self.levels += self.given
        np.minimum(self.levels, one.HIGHEST_LEVEL, out=self.levels)
        gain = 1.0 / np.minimum(one.SPREAD_WEIGHT + self.visits + 1, one.SPREAD_MEMORY)
        np.multiply(gaps, gaps, out=gaps)
        gaps *= 1.0 / spread
        np.multiply(self.spreads, one.OUTLIER * one.OUTLIER, out=room)
        np.minimum(gaps, room, out=gaps)
        gaps *= weight / (weight + 1.0)
        gaps -= self.spreads
        gaps *= gain
        gaps += self.spreads
        np.maximum(gaps, self.least, out=gaps)
        if partly:
            np.copyto(gaps, self.spreads, where=self.missing)
            weight = np.where(here, weight + 1.0, self.weight)
            self.visits += here
        else:
            weight += 1.0
            self.visits += 1.0
        self.spreads, self.gaps, self.weight = gaps, self.spreads, weight

    def _add(self, signal: Signal, kept: Any, ready: Flags, limit: float, told: Flags) -> None:
        """Add up what is below, and tell where a limit is reached."""
        sums, quiet, added = self.sums[signal], self.quiet[signal], self.room
        np.minimum(self.below, one.MOST[signal], out=added)
        added += sums
        added -= one.ALLOWANCE[signal]
        np.maximum(added, 0.0, out=added)
        if kept is not None:
            np.copyto(added, sums, where=kept)
        reached = added.max(axis=0) >= limit
        quieter = np.maximum(quiet - 1, 0)
        if reached.any():
            reached &= ready
            np.logical_and(reached, quiet == 0, out=told)
            quieter[told] = one.QUIET
            added[:, reached] = 0.0
        np.copyto(quiet, quieter, where=ready)
        self.sums[signal], self.room = added, sums


def _expect(level: Numbers, room: Numbers) -> None:
    """Write in its place the mark that a level gives on average: see `trend.expected`."""
    np.subtract(level, HIGHEST, out=room)
    np.multiply(room, room, out=room)
    room += one.BEND * one.BEND
    np.sqrt(room, out=room)
    level += HIGHEST
    level -= room
    level *= 0.5
    np.maximum(level, LOWEST, out=level)
