"""First yes by waves, against a broadcast and calls one by one, over the same made-up needs.

Not a time of this machine: a simulation with stated acceptance curves (docs/recherches.md), seeded,
so that the same sources give the same figures. Needs of the evening and of the day.
"""

from functools import cache

from bench.registry import job
from cordee.broker.rules.comparison import Compared, compared
from cordee.broker.rules.needs import UNSCHEDULED

NEEDS = 500


@cache
def _found() -> Compared:
    return compared(UNSCHEDULED, NEEDS)


@job(
    "first-yes policy: coverage; baseline: broadcast",
    unit="% found",
    goal="≥ 98 % of the broadcast’s",
    is_reached=lambda ours, baseline: ours >= 0.98 * baseline,
)
def coverage() -> tuple[float, float]:
    """Give the needs filled; here more is better."""
    found = _found()
    return 100 * found.waves.found, 100 * found.broadcast.found


@job(
    "first-yes policy: messages; baseline: broadcast",
    unit="texts a need",
    goal="≤ 40 % of the broadcast’s",
    is_reached=lambda ours, baseline: ours <= 0.4 * baseline,
)
def messages() -> tuple[float, float]:
    """Give the phones asked by text."""
    found = _found()
    return found.waves.texts, found.broadcast.texts


@job(
    "first-yes policy: median delay; baseline: calls one by one",
    unit="simulated min",
    goal="≤ 1/3 of the calls’",
    is_reached=lambda ours, baseline: ours <= baseline / 3,
)
def delay() -> tuple[float, float]:
    """Give the median delay of a yes; a need left unfilled took for ever."""
    found = _found()
    return found.waves.median_minutes, found.calls.median_minutes
