"""The registry of scorings: the name that a definition carries, and what computes it."""

from collections.abc import Callable, Mapping
from datetime import date

from cordee.assessments.rules.instruments import (
    aggir,
    carer,
    charlson,
    coordination,
    epices,
    eva,
    functional,
    gds,
    held,
    hospital,
    lace,
    multidimensional,
    norton,
    sega,
    tug,
)
from cordee.assessments.rules.results import Answers, Missing, Result

Scorer = Callable[[Answers, date], tuple[Result, ...] | Missing]

SCORERS: Mapping[str, Scorer] = {
    "aggir": aggir.score,
    "charlson": charlson.score,
    "lace": lace.score,
    "hospital": hospital.score,
    "tug": tug.score,
    "eva": eva.score,
    "epices": epices.score,
    "gds-15": gds.score,
    "mini-gds": gds.score_mini,
    "sega-a": sega.score,
    "norton": norton.score,
    "functional": functional.score,
    "carer-burden": carer.score,
    "coordination-need": coordination.score,
    "multidimensional": multidimensional.score,
    **{name: one.score for name, one in held.HELD.items()},
}
NAMES = tuple(SCORERS)


def score(name: str, answers: Answers, *, on: date) -> tuple[Result, ...] | Missing:
    """Score the answers to an instrument as on a day, which decides the settings in force.

    Answers that lack one give `Missing`, never a part of a score. Raises KeyError for a name that
    is not in `NAMES`.
    """
    return SCORERS[name](answers, on)
