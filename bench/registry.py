"""What is measured: one job, ours and the baseline's way of doing it, and the goal."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """One line of the table; for every unit here, less is better."""

    job: str
    unit: str
    ours: float
    baseline: float
    ratio: float
    goal: str
    reached: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the line as it is written to var/bench.json."""
        return asdict(self)


@dataclass(frozen=True)
class Job:
    """Something to measure; `measure` returns (ours, baseline) in `unit`."""

    name: str
    unit: str
    measure: Callable[[], tuple[float, float]]
    goal: str
    is_reached: Callable[[float, float], bool]

    def run(self) -> Outcome:
        """Measure both sides and judge them against the goal."""
        ours, baseline = self.measure()
        return Outcome(
            job=self.name,
            unit=self.unit,
            ours=round(ours, 3),
            baseline=round(baseline, 3),
            ratio=round(ours / baseline, 3),
            goal=self.goal,
            reached=self.is_reached(ours, baseline),
        )


JOBS: list[Job] = []


def job(
    name: str, *, unit: str, goal: str, is_reached: Callable[[float, float], bool]
) -> Callable[[Callable[[], tuple[float, float]]], Callable[[], tuple[float, float]]]:
    """Register a measure; the file that holds it is imported by `bench.__main__`."""

    def register(measure: Callable[[], tuple[float, float]]) -> Callable[[], tuple[float, float]]:
        JOBS.append(Job(name, unit, measure, goal, is_reached))
        return measure

    return register


def side_by_side(
    ours: Callable[[], object],
    baseline: Callable[[], object],
    *,
    times: int = 30,
    warm: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float]:
    """Return the median durations in milliseconds, taken in turn so that noise falls on both.

    `clock` is that of the wall, or `time.process_time` for what is promised in processor time.
    """
    durations: tuple[list[float], list[float]] = ([], [])
    for turn in range(warm + times):
        for work, kept in zip((ours, baseline), durations, strict=True):
            began = clock()
            work()
            if turn >= warm:
                kept.append((clock() - began) * 1000)
    return statistics.median(durations[0]), statistics.median(durations[1])
