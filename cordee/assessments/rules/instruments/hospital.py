"""HOSPITAL: the risk of an avoidable return to hospital within thirty days, in two versions.

Source: Donzé et al., 2013 (derivation) and 2016 (validation in four countries). The two differ by
how the stays of the past year are counted; the cuts of the second were read in an abstract about
the simplified score of 2017, which is another score and is not computed here.
"""

from datetime import date
from decimal import Decimal

from cordee.assessments.rules.given import number
from cordee.assessments.rules.instruments.rows import counted, total, whole, yes_no
from cordee.assessments.rules.results import Answers, Band, Missing, Point, Result
from cordee.assessments.rules.scales import Scale, Step

MOST_STAYS = 365
LONGEST_STAY = 3_650
HAEMOGLOBIN = (Decimal(2), Decimal(25))
"""In g/dL: a value in g/L is out of this range, and is no answer."""
SODIUM = (Decimal(100), Decimal(180))
ROWS = (
    yes_no("oncology", "Sortie d’un service d’oncologie", yes="2"),
    yes_no("procedure", "Acte ou intervention pendant le séjour", yes="1"),
    yes_no("urgent", "Entrée non programmée", yes="1"),
)
ORDER = ("haemoglobin", "oncology", "sodium", "procedure", "urgent", "admissions", "stay")
STAYS_2013 = ((6, 5), (1, 2), (0, 0))
STAYS_2016 = ((6, 5), (2, 2), (0, 0))
"""(stays of the past twelve months, points), from the most."""
STEPS = (
    Step(Decimal(0), Band("low", "Risque faible", 0)),
    Step(Decimal(5), Band("intermediate", "Risque intermédiaire", 1)),
    Step(Decimal(7), Band("high", "Risque élevé", 2)),
)
OBSERVED = (
    "À la sortie d’un service de médecine, pour les trente jours qui suivent. Réhospitalisations "
    "évitables observées\u00a0: 5,8\u00a0% au risque faible, 11,9\u00a0% à l’intermédiaire, "
    "22,8\u00a0% à l’élevé."
)


def _version(code: str, label: str, source: str, counting: str) -> Scale:
    return Scale(
        code=code,
        label=label,
        unit="",
        out_of=Decimal(13),
        steps=STEPS,
        source=source,
        caution=f"{OBSERVED} {counting}",
    )


VERSION_2013 = _version(
    "hospital-2013",
    "HOSPITAL, version d’origine (2013)",
    "Donzé et al., 2013, JAMA Intern Med 173",
    "Un séjour dans l’année compte déjà deux points.",
)
VERSION_2016 = _version(
    "hospital-2016",
    "HOSPITAL, version validée (2016)",
    "Donzé et al., 2016, JAMA Intern Med 176",
    "Deux points à partir de deux séjours dans l’année\u00a0: seuils lus dans le résumé d’une "
    "étude du score simplifié de 2017, qui n’est pas calculé ici.",
)


def scales(on: date) -> tuple[Scale, ...]:
    """What this instrument measures, whatever the day."""
    return (VERSION_2013, VERSION_2016)


def score(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """Both versions, 0 to 13, the one of origin first; the seven answers are wanted."""
    haemoglobin = number(answers, "haemoglobin", *HAEMOGLOBIN)
    sodium = number(answers, "sodium", *SODIUM)
    admissions = whole(answers, "admissions", 0, MOST_STAYS)
    stay = whole(answers, "stay", 0, LONGEST_STAY)
    rows = counted(answers, ROWS)
    lacking = set(rows.link_ids) if isinstance(rows, Missing) else set()
    asked = {
        "haemoglobin": haemoglobin,
        "sodium": sodium,
        "admissions": admissions,
        "stay": stay,
    }
    lacking |= {link_id for link_id, value in asked.items() if value is None}
    if (
        haemoglobin is None
        or sodium is None
        or admissions is None
        or stay is None
        or isinstance(rows, Missing)
    ):
        return Missing(tuple(link_id for link_id in ORDER if link_id in lacking))
    shared = (*_measured(haemoglobin, sodium, stay), *rows)
    return (
        _result(VERSION_2013, shared, admissions, STAYS_2013),
        _result(VERSION_2016, shared, admissions, STAYS_2016),
    )


def _measured(haemoglobin: Decimal, sodium: Decimal, stay: int) -> tuple[Point, ...]:
    return (
        Point(
            "haemoglobin",
            f"Hémoglobine à la sortie\u00a0: {_said(haemoglobin)}\u00a0g/dL",
            Decimal(haemoglobin < 12),
        ),
        Point(
            "sodium",
            f"Sodium à la sortie\u00a0: {_said(sodium)}\u00a0mmol/L",
            Decimal(sodium < 135),
        ),
        Point("stay", f"Durée du séjour\u00a0: {stay}\u00a0j", Decimal(2 if stay >= 5 else 0)),
    )


def _result(
    version: Scale, shared: tuple[Point, ...], admissions: int, counts: tuple[tuple[int, int], ...]
) -> Result:
    brought = Decimal(next(points for least, points in counts if admissions >= least))
    said = f"Hospitalisations dans l’année précédente\u00a0: {admissions}"
    points = sorted(
        (*shared, Point("admissions", said, brought)), key=lambda point: ORDER.index(point.link_id)
    )
    return version.result(total(points), points)


def _said(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")
