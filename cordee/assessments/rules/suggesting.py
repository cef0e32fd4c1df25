"""Ce qu’un résultat fait proposer ensuite. Rien ne s’ouvre tout seul : la raison est dite."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cordee.assessments.rules.instruments import gds
from cordee.assessments.rules.results import Result


@dataclass(frozen=True)
class Suggestion:
    """An instrument to do next, and why."""

    instrument: str
    why: str


NEXT: Mapping[tuple[str, str], Suggestion] = {
    ("mini-gds", gds.MINI_FOUND.code): Suggestion(
        "gds-15",
        "La mini-GDS contient une réponse en faveur d’une dépression\u00a0: la GDS à 15 questions "
        "précise (règle non vérifiée).",
    ),
    ("sega-a", "frail"): Suggestion(
        "multidimensional", "La grille SEGA dit une fragilité\u00a0: une évaluation la précise."
    ),
    ("sega-a", "very-frail"): Suggestion(
        "multidimensional",
        "La grille SEGA dit une grande fragilité\u00a0: une évaluation la précise.",
    ),
}


def next_instruments(results: Iterable[Result]) -> tuple[Suggestion, ...]:
    """Give the instruments that results call for, each once, in the order of the results."""
    found = [NEXT.get((one.code, one.band.code)) for one in results if one.band]
    return tuple(dict.fromkeys(one for one in found if one))
