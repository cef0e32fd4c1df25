"""What each person weighs in the work of who coordinates. Pure: no table, no clock.

Source : usage local de Cordée. La fiche « Besoin de coordination » dit combien de coordination
prévoir ; sans elle, on compte ce qui attend. Aucun texte connu ne fixe de file active : les poids
sont un réglage daté (`WEIGHTS`), à valider localement, et ne disent rien de l’état de la personne.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cordee.assessments.rules.scales import Dated, in_force
from cordee.people.rules.readings import Reading


@dataclass(frozen=True)
class Scale:
    """What a band of the coordination need weighs; else, what waits, by steps, up to a most."""

    bands: Mapping[str, int]
    least: int
    per_step: int
    most: int


WEIGHTS = (
    Dated(
        "Poids d’une personne suivie",
        Scale(
            bands={"one-off": 1, "simple": 2, "sustained": 3, "intense": 4},
            least=1,
            per_step=3,
            most=4,
        ),
        date(2026, 11, 1),
        Reading(
            "1 à 4 selon la fiche « Besoin de coordination »\u00a0; sans elle, 1, et 1 de plus "
            "toutes les 3 tâches ou actions, jusqu’à 4",
            "usage local, à valider par l’équipe\u00a0: aucun texte connu",
        ),
    ),
)


@dataclass(frozen=True)
class Weight:
    """How much a person weighs, and whether an evaluation says so."""

    points: int
    is_evaluated: bool


def weight(band: str, waiting: int, on: date) -> Weight:
    """Weigh a person: by the band of her coordination need ("" without one), else by what waits.

    A band that the setting does not know is as if there were none.
    """
    scale = in_force(WEIGHTS, on).value
    if points := scale.bands.get(band):
        return Weight(points, True)
    return Weight(min(scale.most, scale.least + waiting // scale.per_step), False)
