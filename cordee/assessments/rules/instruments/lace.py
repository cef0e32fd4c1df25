"""LACE: the risk of coming back to hospital, or of dying, within thirty days of going home.

Source: van Walraven et al., 2010, table 3, read in a public copy. A Charlson of four or more
brings five points: many programs write four, which is wrong.
"""

from datetime import date
from decimal import Decimal

from cordee.assessments.rules.instruments.rows import counted, total, whole, yes_no
from cordee.assessments.rules.results import Answers, Band, Missing, Point, Result
from cordee.assessments.rules.scales import Scale, Step

LONGEST_STAY = 3_650
MOST_VISITS = 365
HIGHEST_CHARLSON = 37
STAY = ((14, 7), (7, 5), (4, 4), (3, 3), (2, 2), (1, 1), (0, 0))
"""(days, points), from the longest stay."""
ORDER = ("stay", "acute", "charlson", "visits")
ACUTE = (yes_no("acute", "Entrée en urgence", yes="3"),)
SCALE = Scale(
    code="lace",
    label="LACE",
    unit="",
    out_of=Decimal(19),
    steps=(
        Step(Decimal(0), Band("not-high", "Risque non élevé", 0)),
        Step(Decimal(10), Band("high", "Risque élevé de réhospitalisation ou de décès", 2)),
    ),
    source="van Walraven et al., 2010, CMAJ 182\u00a0: tableau 3",
    caution="À la sortie de l’hôpital, pour les trente jours qui suivent. LACE a été construit "
    "avec des poids de Charlson qui lui sont propres\u00a0: avec les poids d’origine, le risque "
    "peut être un peu différent.",
)


def scales(on: date) -> tuple[Scale, ...]:
    """What this instrument measures, whatever the day."""
    return (SCALE,)


def score(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """The total of the four letters, 0 to 19; all four are wanted."""
    stay = whole(answers, "stay", 0, LONGEST_STAY)
    acute = counted(answers, ACUTE)
    charlson = whole(answers, "charlson", 0, HIGHEST_CHARLSON)
    visits = whole(answers, "visits", 0, MOST_VISITS)
    if stay is None or isinstance(acute, Missing) or charlson is None or visits is None:
        is_known = (
            stay is not None,
            not isinstance(acute, Missing),
            charlson is not None,
            visits is not None,
        )
        return Missing(
            tuple(name for name, known in zip(ORDER, is_known, strict=True) if not known)
        )
    points = (
        Point("stay", f"Durée du séjour\u00a0: {stay}\u00a0j", stay_points(stay)),
        *acute,
        Point("charlson", f"Indice de Charlson\u00a0: {charlson}", charlson_points(charlson)),
        Point("visits", f"Passages aux urgences en six mois\u00a0: {visits}", visit_points(visits)),
    )
    return (SCALE.result(total(points), points),)


def stay_points(days: int) -> Decimal:
    """L: the points of the length of the stay, in days."""
    return Decimal(next(points for least, points in STAY if days >= least))


def charlson_points(index: int) -> Decimal:
    """C: the index itself up to three, and five from four on."""
    return Decimal(index if index < 4 else 5)


def visit_points(visits: int) -> Decimal:
    """E: one point a visit, four at most."""
    return Decimal(min(visits, 4))
