"""EPICES : la précarité d’une personne, en onze questions.

Source : Cetaf, « Le score EPICES », rapport d’étude, janvier 2005 ; coefficients, seuil de 30,17 et
seuil des 16 à 25 ans recoupés entre 2i2l.fr, crihan.fr et medicalcul. La dernière borne des
quintiles (48,52) n’a qu’une source : elle est un réglage daté, non vérifié.
"""

from datetime import date
from decimal import Decimal

from cordee.assessments.rules.instruments.rows import counted, total, whole, yes_no
from cordee.assessments.rules.results import Answers, Band, Missing, Point, Result
from cordee.assessments.rules.scales import Dated, Scale, Step, in_force
from cordee.people.rules.readings import Reading

SOURCE = (
    "Cetaf, Le score EPICES, rapport d’étude, janvier 2005\u00a0: 75,14 plus le coefficient de "
    "chaque «\u00a0oui\u00a0»"
)
BASE = Decimal("75.14")
ROWS = (
    yes_no("q1", "Travailleur social", yes="10.06"),
    yes_no("q2", "Assurance maladie complémentaire", yes="-11.83"),
    yes_no("q3", "Vie en couple", yes="-8.28"),
    yes_no("q4", "Propriétaire du logement", yes="-8.28"),
    yes_no("q5", "Difficultés financières dans le mois", yes="14.80"),
    yes_no("q6", "Sport", yes="-6.51"),
    yes_no("q7", "Spectacle", yes="-7.10"),
    yes_no("q8", "Vacances", yes="-7.10"),
    yes_no("q9", "Contacts avec la famille", yes="-9.47"),
    yes_no("q10", "Hébergement possible en cas de besoin", yes="-9.47"),
    yes_no("q11", "Aide matérielle possible en cas de besoin", yes="-7.10"),
)
YOUNG = range(16, 26)
OLDEST = 130
SINCE = date(2005, 1, 1)
THRESHOLD = (
    Dated(
        "Seuil de précarité",
        Decimal("30.17"),
        SINCE,
        Reading("30,17 ou plus", "Cetaf, janvier 2005", verified=True),
    ),
)
YOUNG_THRESHOLD = (
    Dated(
        "Seuil de précarité de 16 à 25 ans",
        Decimal("37.27"),
        SINCE,
        Reading(
            "37,27 ou plus", "université numérique de pharmacie, Grenoble, 2013", verified=True
        ),
    ),
)
CUTS = (Decimal("7.10"), Decimal("16.56"), Decimal("30.17"))
LAST_CUT = (
    Dated(
        "Début du dernier quintile",
        Decimal("48.52"),
        SINCE,
        Reading("48,52 ou plus", "2i2l.fr, seule source lue"),
    ),
)
NOT_PRECARIOUS = Band("not-precarious", "Pas de précarité au sens d’EPICES", 0)
PRECARIOUS = Band("precarious", "Précarité au sens d’EPICES", 2)
YOUNG_NOT_PRECARIOUS = Band(
    "not-precarious-16-25", "Pas de précarité au sens d’EPICES, de 16 à 25 ans", 0
)
YOUNG_PRECARIOUS = Band("precarious-16-25", "Précarité au sens d’EPICES, de 16 à 25 ans", 2)
QUINTILES = tuple(
    Band(f"quintile-{rank}", f"Quintile {rank} sur 5", max(0, rank - 3)) for rank in range(1, 6)
)


def scales(on: date) -> tuple[Scale, ...]:
    """Give what this instrument measures, as cut on a day."""
    return precarity_scale(None, on), precarity_scale(YOUNG.start, on), quintile_scale(on)


def score(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """Give the score, 0 to 100, and its quintile; all eleven answers are wanted.

    The age, if said, chooses the threshold; the day chooses the settings in force."""
    points = counted(answers, ROWS)
    if isinstance(points, Missing):
        return points
    value = BASE + total(points)
    explained = (Point("base", "Départ du calcul, avant les réponses", BASE), *points)
    age = whole(answers, "age", 0, OLDEST)
    precarity, quintile = precarity_scale(age, on), quintile_scale(on)
    return (
        precarity.result(value, explained),
        quintile.result(Decimal(rank(value, on)), explained),
    )


def rank(value: Decimal, on: date) -> int:
    """Give the fifth of a score, 1 to 5, on a day; each cut is in the upper fifth."""
    return 1 + sum(value >= cut for cut in (*CUTS, in_force(LAST_CUT, on).value))


def precarity_scale(age: int | None, on: date) -> Scale:
    """Cut the score in two, at the threshold of an age on a day; the threshold is above."""
    is_young = age is not None and age in YOUNG
    threshold = in_force(YOUNG_THRESHOLD if is_young else THRESHOLD, on)
    low, high = (
        (YOUNG_NOT_PRECARIOUS, YOUNG_PRECARIOUS) if is_young else (NOT_PRECARIOUS, PRECARIOUS)
    )
    said = f"Seuil de précarité retenu\u00a0: {threshold.reading.said}"
    if age is None:
        said += ", à tous les âges\u00a0; l’âge n’est pas dit, et le seuil change de 16 à 25 ans"
    elif is_young:
        said += ", de 16 à 25 ans"
    return Scale(
        code="epices",
        label="Score EPICES, de 16 à 25 ans" if is_young else "Score EPICES",
        unit="",
        out_of=Decimal(100),
        steps=(Step(Decimal(0), low), Step(threshold.value, high)),
        source=SOURCE,
        caution=f"{said}.",
    )


def quintile_scale(on: date) -> Scale:
    """Name the five fifths, on a day which decides where the last one begins."""
    last = in_force(LAST_CUT, on)
    unsure = f"Borne du dernier quintile non vérifiée\u00a0: {last.reading.said}."
    return Scale(
        code="epices-quintile",
        label="Quintile EPICES",
        unit="",
        out_of=Decimal(len(QUINTILES)),
        steps=tuple(Step(Decimal(at), band) for at, band in enumerate(QUINTILES, start=1)),
        source=SOURCE,
        caution="" if last.reading.verified else unsure,
    )
