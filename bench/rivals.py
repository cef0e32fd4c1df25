"""Other ways of raising an alert from marks, each given the same number of false ones.

All read the marks as they are: none knows who marked. Whatever the way, the same person is not told
again for `QUIET` visits, as in the house.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from river.drift import ADWIN, PageHinkley

from bench.homes import Made
from cordee.vigilance.rules.trend import QUIET

Flags = NDArray[np.bool_]
Way = Callable[[Made, float], Flags]
"""Marks and a setting → where an alert is raised; the higher the setting, the more alerts."""

LEARNT = 20
"""Visits that tell a moving average, or a library, what is usual; nothing is judged before."""
WINDOW = 5
HEALTH = 1


def spaced(flags: Flags) -> Flags:
    """Keep one alert for QUIET visits of a person."""
    kept, quiet = np.zeros_like(flags), np.zeros(len(flags), dtype=np.int64)
    for place in range(flags.shape[1]):
        kept[:, place] = flags[:, place] & (quiet == 0)
        quiet = np.where(kept[:, place], QUIET, np.maximum(quiet - 1, 0))
    return kept


def fixed(made: Made, setting: float) -> Flags:
    """Raise when health is at or under a level; a part of a level is drawn, to any rate."""
    health, cut = made.marks[:, :, HEALTH], int(setting)
    drawn = np.random.default_rng(0).random(health.shape) < setting - cut
    return spaced((health <= cut) | ((health == cut + 1) & drawn))


def moving(made: Made, setting: float) -> Flags:
    """Raise when the mean of five visits is under the first twenty of the person."""
    mean = together(made)
    sums = np.cumsum(np.pad(mean, ((0, 0), (1, 0))), axis=1)
    last = (sums[:, WINDOW:] - sums[:, :-WINDOW]) / WINDOW
    flags = np.zeros_like(mean, dtype=np.bool_)
    usual = mean[:, :LEARNT].mean(axis=1, keepdims=True)
    flags[:, LEARNT:] = (usual - last >= -setting)[:, LEARNT - WINDOW + 1 :]
    return spaced(flags)


def page_hinkley(made: Made, setting: float) -> Flags:
    """Raise when Page-Hinkley, of `river`, sees the mean of the four marks go down."""

    def new() -> Any:
        return PageHinkley(
            min_instances=LEARNT, delta=0.1, threshold=10.0**-setting, alpha=1.0, mode="down"
        )

    return _by_library(made, new)


def adwin(made: Made, setting: float) -> Flags:
    """Raise when ADWIN, of `river`, forgets a past that was higher."""

    def new() -> Any:
        return ADWIN(delta=10.0**setting, clock=1, grace_period=LEARNT)

    return _by_library(made, new)


def together(made: Made) -> NDArray[np.float64]:
    """Return the mean of the marks of each visit; where there is none, that of everybody."""
    given = (made.visits.marks > 0).sum(axis=2)
    total = made.visits.marks.sum(axis=2)
    usual = total.sum() / given.sum()
    return np.where(given > 0, total / np.maximum(given, 1), usual)


def _by_library(made: Made, new: Callable[[], Any]) -> Flags:
    mean = together(made)
    flags = np.zeros(mean.shape, dtype=np.bool_)
    for person, row in enumerate(mean.tolist()):
        detector, before = new(), 0.0
        for place, value in enumerate(row):
            before = getattr(detector, "estimation", 0.0)
            detector.update(value)
            if detector.drift_detected:
                flags[person, place] = getattr(detector, "estimation", -1.0) < before
    return spaced(flags)


WAYS: dict[str, tuple[Way, float, float]] = {
    "fixed": (fixed, 0.0, 4.0),
    "moving": (moving, -4.0, 0.0),
    "page_hinkley": (page_hinkley, -3.0, 0.5),
    "adwin": (adwin, -12.0, -0.001),
}
"""Each way, and between which settings the number of alerts is looked for."""


def tuned(way: Way, made: Made, rate: float, low: float, high: float) -> float:
    """Find the setting that raises so many alerts per visit, past the first LEARNT of a person."""
    for _ in range(13):
        middle = (low + high) / 2
        if way(made, middle)[:, LEARNT:].mean() > rate:
            high = middle
        else:
            low = middle
    return (low + high) / 2
