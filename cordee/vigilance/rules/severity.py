"""How each helper marks beside the others: estimated for the detector, and for nothing else.

Two helpers who see the same person do not give the same mark. What is common to a person over four
weeks is taken out of the marks; what is left, by helper, is their severity, pulled towards nothing
the less they have marked. It is kept with the detector, never shown with a name, never exported,
never used to judge anybody: see `docs/vigilance.md`.

Source : C. R. Henderson, 1975, modèle linéaire mixte à deux facteurs (effet de qui note rétréci
vers zéro), résolu par passages alternés. Le rétrécissement est un choix : règle de Cordée.
"""

import numpy as np

from cordee.vigilance.rules.many import Numbers, Severities, Whole
from cordee.vigilance.rules.marks import HIGHEST, LOWEST
from cordee.vigilance.rules.trend import BEND, COUNT, HIGHEST_LEVEL, UNKNOWN, Severity

PERIOD = 28
"""Days over which somebody’s level is taken for constant: a decline does not become severity."""
WORTH = 4.0
"""Visits that « marks like the others » is worth."""
SPREAD_WORTH = 20.0
PASSES = 8
ROOM = 0.2
"""Share of its room that a mark keeps at most under the top of the scale, when its spread is read:
the variance of a mark cut at the top follows that share to the power 1.5."""
ENOUGH = 5
"""Visits below which a helper is UNKNOWN to the detector."""


def estimated(
    persons: Whole, helpers: Whole, days: Numbers, marks: Numbers, *, count: int
) -> Severities:
    """Estimate how each of `count` helpers marks, from visits given one by line.

    `persons` and `helpers`: whole numbers from zero; `days`: since any day; `marks`: lines × 4,
    NaN where not given. Linear in the number of visits.
    """
    cells = _cells(persons, days)
    offsets = np.zeros((count, COUNT))
    for mark in range(COUNT):
        known = ~np.isnan(marks[:, mark])
        offsets[:, mark] = _offsets(cells[known], helpers[known], marks[known, mark], count)
    seen = np.bincount(helpers, minlength=count).astype(np.float64)
    spreads = _spreads(cells, helpers, marks, offsets)
    return Severities(offsets, spreads, UNKNOWN.doubt * WORTH / (seen + WORTH))


def of(severities: Severities, helper: int) -> Severity:
    """Return that of one helper, as the detector of one person reads it."""
    return Severity(
        offsets=tuple(float(one) for one in severities.offsets[helper]),
        spread=float(severities.spreads[helper]),
        doubt=float(severities.doubts[helper]),
    )


def _cells(persons: Whole, days: Numbers) -> Whole:
    periods = np.floor(days / PERIOD).astype(np.int64)
    periods -= periods.min() if len(periods) else 0
    together = persons * (int(periods.max()) + 1 if len(periods) else 1) + periods
    return np.asarray(np.unique(together, return_inverse=True)[1]).reshape(-1)


def _offsets(cells: Whole, helpers: Whole, marks: Numbers, count: int) -> Numbers:
    size = int(cells.max()) + 1 if len(cells) else 1
    level = np.bincount(cells, marks, size) / np.maximum(np.bincount(cells, minlength=size), 1)
    found: Numbers = np.zeros(count)
    for _ in range(PASSES):
        left, slope = _left(marks, level[cells] + found[helpers])
        level += np.bincount(cells, left, size) / np.maximum(np.bincount(cells, slope, size), 1.0)
        np.clip(level, LOWEST, HIGHEST_LEVEL, out=level)
        left, slope = _left(marks, level[cells] + found[helpers])
        certain = np.bincount(helpers, slope, count)
        found = (found * certain + np.bincount(helpers, left, count)) / (certain + WORTH)
    return found


def _left(marks: Numbers, level: Numbers) -> tuple[Numbers, Numbers]:
    """Return what a level does not explain, and how much a mark moves with it there."""
    over = level - HIGHEST
    root = np.sqrt(over * over + BEND * BEND)
    return marks - 0.5 * (level + HIGHEST - root), 0.5 * (1.0 - over / root)


def _spreads(cells: Whole, helpers: Whole, marks: Numbers, offsets: Numbers) -> Numbers:
    """Compare how far marks are from what is usual; under the top of the scale there is less room.

    Without that room counted, who marks high would pass for regular, and be believed more.
    """
    count = len(offsets)
    given = ~np.isnan(marks)
    kept = given.any(axis=1)
    if not kept.any():
        return np.ones(count)
    cells, helpers, given = cells[kept], helpers[kept], given[kept]
    mine = np.where(given, offsets[helpers], 0.0).sum(axis=1) / given.sum(axis=1)
    mean = np.where(given, marks[kept], 0.0).sum(axis=1) / given.sum(axis=1)
    usual = np.bincount(cells, mean - mine) / np.maximum(np.bincount(cells), 1)
    _, slope = _left(mean, usual[cells] + mine)
    squares = (mean - mine - usual[cells]) ** 2 / np.maximum(slope, ROOM) ** 1.5
    common = max(float(squares.mean()), 1e-9)
    total = np.bincount(helpers, squares, count) / common
    seen = np.bincount(helpers, minlength=count)
    return np.asarray((total + SPREAD_WORTH) / (seen + SPREAD_WORTH))
