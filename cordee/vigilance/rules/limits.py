"""The alarm budget: how many false alerts a week are bearable, and the limits that keep to it.

`VISITS_PER_ALERT` was simulated by `python -m bench.vigilance limits`, on 15,000 persons who do not
change (three in ten follow the year), with the parameters that `bench/homes.py` states: for so many
visits between two false alerts (shared evenly by drops and declines, one visit that tells both
being one alert), the sums that have to be reached. It is read between its lines by the logarithm of
visits, which a CUSUM follows (D. Siegmund, 1985). A site differs from what was simulated:
`correction` is what its own judged alerts say (see `following`).
"""

from bisect import bisect_left
from dataclasses import dataclass
from math import log

from cordee.vigilance.rules.trend import Limits

VISITS_PER_ALERT = (
    (25, 1.867, 3.376),
    (50, 2.389, 4.401),
    (100, 2.879, 5.409),
    (200, 3.290, 6.429),
    (400, 3.767, 7.548),
    (800, 4.236, 8.796),
    (1600, 4.728, 10.319),
    (3200, 5.226, 11.896),
)
"""Visits between two false alerts, of one signal or the other; limit of a drop, of a decline."""

FINEST, COARSEST = VISITS_PER_ALERT[0][0], VISITS_PER_ALERT[-1][0]
USUAL_BUDGET = 6.0
"""What is proposed before anybody has chosen; règle de Cordée, à régler par chaque équipe."""


USUAL_VISITS_PER_ALERT = 150
"""Until a team has chosen: one false alert in so many visits."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a budget comes to: its limits, and the false alerts that they let through a week.

    `held`: whether these are those that were asked for; otherwise as many as the detector can give,
    or as few.
    """

    limits: Limits
    visits_per_alert: float
    expected_per_week: float
    held: bool


def budget(*, per_week: float, visits_per_week: float, correction: float = 1.0) -> Budget:
    """Turn bearable false alerts a week into limits, for so many visits a week.

    `correction`: false alerts of this site over those that were expected. Raises ValueError for a
    budget that is not positive.
    """
    if per_week <= 0:
        raise ValueError("a budget of no alert at all would hear nothing")
    wanted = max(visits_per_week, 0.0) / per_week * correction
    kept = min(max(wanted, FINEST), COARSEST)
    return Budget(
        limits=at(kept),
        visits_per_alert=kept / correction,
        expected_per_week=max(visits_per_week, 0.0) * correction / kept,
        held=kept == wanted,
    )


def at(visits: float) -> Limits:
    """Return the limits for so many visits between two false alerts.

    Under the first line of the table, or past the last, that line is returned.
    """
    visits = min(max(visits, FINEST), COARSEST)
    place = max(bisect_left(VISITS_PER_ALERT, visits, key=lambda line: line[0]), 1)
    before, behind = VISITS_PER_ALERT[place - 1 : place + 1]
    part = log(visits / before[0]) / log(behind[0] / before[0])
    return Limits(
        drop=before[1] + part * (behind[1] - before[1]),
        decline=before[2] + part * (behind[2] - before[2]),
    )


USUAL = at(USUAL_VISITS_PER_ALERT)
