"""The registry of scorings: the name that a definition carries, and what computes it."""

from collections.abc import Callable, Mapping
from datetime import date

from cordee.assessments.rules.instruments import (
    aggir,
)
from cordee.assessments.rules.results import Answers, Missing, Result

Scorer = Callable[[Answers, date], tuple[Result, ...] | Missing]

SCORERS: Mapping[str, Scorer] = {
    "aggir": aggir.score,
}
NAMES = tuple(SCORERS)


def score(name: str, answers: Answers, *, on: date) -> tuple[Result, ...] | Missing:
    """Score the answers to an instrument as on a day, which decides the settings in force.

    Answers that lack one give `Missing`, never a part of a score. Raises KeyError for a name that
    is not in `NAMES`.
    """
    return SCORERS[name](answers, on)
