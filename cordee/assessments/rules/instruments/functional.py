"""Fiche des activités de la vie quotidienne, à la manière de Katz et de Lawton.

Formulation propre à Cordée : ni les textes ni les seuils de ces échelles. Deux comptes : six gestes
de base (seul 1, avec un peu d’aide 0,5, fait par quelqu’un 0) ; huit activités (sans l’aide de
personne 1, sinon 0). L’aide comptée est humaine : une canne ou un pilulier font partie de la
personne. Les demi-points sont un usage français non vérifié.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from cordee.assessments.rules.instruments.rows import Choice, Row, counted, most, total
from cordee.assessments.rules.results import Answer, Answers, Band, Missing, Result
from cordee.assessments.rules.scales import Scale, Step

ONE, HALF, NONE = Decimal(1), Decimal("0.5"), Decimal(0)
BY_DEGREES: Mapping[Answer, Choice] = {
    "alone": Choice(ONE, "sans l’aide de personne"),
    "some-help": Choice(HALF, "avec un peu d’aide"),
    "full-help": Choice(NONE, "quelqu’un le fait pour elle, ou presque"),
}
BY_HALVES: Mapping[Answer, Choice] = {
    "alone": Choice(ONE, "sans l’aide de personne"),
    "some-help": Choice(NONE, "avec l’aide de quelqu’un"),
    "full-help": Choice(NONE, "ne le fait pas, ou ne le fait plus"),
}
CONTINENCE: Mapping[Answer, Choice] = {
    "alone": Choice(ONE, "se retient, ou s’en occupe sans l’aide de personne"),
    "some-help": Choice(HALF, "des fuites de temps en temps, ou un peu d’aide"),
    "full-help": Choice(NONE, "ne se retient plus, quelqu’un s’en occupe"),
}
BASIC = tuple(
    Row(link_id, name, CONTINENCE if link_id == "continence" else BY_DEGREES)
    for link_id, name in (
        ("wash", "Se laver"),
        ("dress", "S’habiller"),
        ("toilet", "Aller aux toilettes"),
        ("transfer", "Se lever, se coucher, s’asseoir"),
        ("continence", "Se retenir"),
        ("eat", "Manger"),
    )
)
INSTRUMENTAL = tuple(
    Row(link_id, name, BY_HALVES)
    for link_id, name in (
        ("phone", "Téléphoner"),
        ("shopping", "Faire ses courses"),
        ("cooking", "Préparer ses repas"),
        ("housework", "Tenir son logement"),
        ("laundry", "Laver son linge"),
        ("transport", "Se déplacer en ville"),
        ("medicines", "Prendre ses médicaments"),
        ("money", "Gérer son argent et ses papiers"),
    )
)
SOURCE = "Fiche rédigée pour Cordée, à la manière de Katz (1963) et de Lawton (1969)"
OWN_WORDING = (
    "Formulation propre à Cordée, non validée\u00a0: à comparer à elle-même, et à aucun score de "
    "Katz ou de Lawton."
)


def _scale(code: str, label: str, rows: tuple[Row, ...], caution: str = "") -> Scale:
    out_of = most(rows)
    return Scale(
        code=code,
        label=label,
        unit="",
        out_of=out_of,
        steps=(
            Step(Decimal(0), Band("none-alone", "Aucune faite sans aide", 3)),
            Step(Decimal(0), Band("some-alone", "Une partie faite avec de l’aide", 1), True),
            Step(out_of, Band("all-alone", "Toutes faites sans aide", 0)),
        ),
        source=SOURCE,
        caution=f"{OWN_WORDING} {caution}".strip(),
    )


BASIC_SCALE = _scale("functional-basic", "Gestes de base", BASIC)
INSTRUMENTAL_SCALE = _scale(
    "functional-instrumental",
    "Activités de la vie courante",
    INSTRUMENTAL,
    "Une activité jamais faite par habitude se juge sur ce que la personne saurait faire.",
)


def scales(on: date) -> tuple[Scale, ...]:
    """Give what this instrument measures, whatever the day."""
    return (BASIC_SCALE, INSTRUMENTAL_SCALE)


def score(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """Give both counts, 0 to 6 and 0 to 8; all fourteen answers are wanted, whatever the day."""
    points = counted(answers, (*BASIC, *INSTRUMENTAL))
    if isinstance(points, Missing):
        return points
    basic, instrumental = points[: len(BASIC)], points[len(BASIC) :]
    return (
        BASIC_SCALE.result(total(basic), basic),
        INSTRUMENTAL_SCALE.result(total(instrumental), instrumental),
    )
