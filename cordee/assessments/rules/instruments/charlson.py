"""Charlson: the weight of somebody’s illnesses, and apart from it the points of their age.

Source: Charlson et al., 1987 (weights of origin), the same in comorbidipy 0.5.0; points by decade
from 50 years, and survival at ten years as 0.983 to the power of e^(0.9 × index), told alike by two
public sheets. Whether age stops counting at 80 varies: a dated setting.
"""

from datetime import date
from decimal import Decimal

from cordee.assessments.rules.given import chosen_many
from cordee.assessments.rules.instruments.rows import Choice, Row, counted, total, whole
from cordee.assessments.rules.results import Answers, Missing, Point, Result
from cordee.assessments.rules.scales import Dated, Scale, in_force
from cordee.people.rules.readings import Reading

NONE = "none"
CONDITIONS = {
    "infarction": (1, "Infarctus du myocarde"),
    "heart-failure": (1, "Insuffisance cardiaque"),
    "vascular": (1, "Maladie des artères des membres ou de l’aorte"),
    "stroke": (1, "Accident vasculaire cérébral ou transitoire"),
    "dementia": (1, "Maladie neurocognitive, démence"),
    "lung": (1, "Maladie pulmonaire chronique"),
    "connective": (1, "Maladie du tissu conjonctif"),
    "ulcer": (1, "Ulcère gastrique ou duodénal"),
    "hemiplegia": (2, "Hémiplégie"),
    "kidney": (2, "Maladie rénale modérée ou sévère"),
    "leukaemia": (2, "Leucémie"),
    "lymphoma": (2, "Lymphome"),
    "aids": (6, "Sida"),
}
ROWS = (
    Row(
        "diabetes",
        "Diabète",
        {
            NONE: Choice(Decimal(0), "aucun, ou traité par le seul régime"),
            "uncomplicated": Choice(Decimal(1), "sans atteinte d’organe"),
            "complicated": Choice(Decimal(2), "avec atteinte d’organe"),
        },
    ),
    Row(
        "liver",
        "Maladie du foie",
        {
            NONE: Choice(Decimal(0), "aucune"),
            "mild": Choice(Decimal(1), "légère"),
            "severe": Choice(Decimal(3), "modérée ou sévère"),
        },
    ),
    Row(
        "tumour",
        "Tumeur solide",
        {
            NONE: Choice(Decimal(0), "aucune"),
            "local": Choice(Decimal(2), "sans métastase"),
            "metastatic": Choice(Decimal(6), "avec métastase"),
        },
    ),
)
HIGHEST = sum((Decimal(weight) for weight, _ in CONDITIONS.values()), Decimal(2 + 3 + 6))
FROM_AGE, OLDEST = 50, 130
CAP_AT_80: Dated[Decimal | None] = Dated(
    "Plafond à 80 ans",
    Decimal(4),
    date(1994, 1, 1),
    Reading(
        "un point par décennie à partir de 50\u00a0ans, quatre au plus", "Calculateurs publics"
    ),
)
NO_CAP: Dated[Decimal | None] = Dated(
    "Sans plafond",
    None,
    date(1994, 1, 1),
    Reading("un point par décennie à partir de 50\u00a0ans, sans plafond", "Calculateurs publics"),
)
AGE_CAP = (CAP_AT_80,)
"""The cap that holds, by day; `NO_CAP` is the other reading, told where it would change a score."""
SOURCE = "Charlson et al., 1987, J Chronic Dis 40\u00a0: poids d’origine"
INDEX = Scale(
    code="charlson",
    label="Indice de Charlson",
    unit="",
    out_of=HIGHEST,
    steps=(),
    source=SOURCE,
    caution="Poids de 1987\u00a0: d’autres jeux de poids existent et ne se comparent pas. L’indice "
    "se passe de l’âge.",
)


def age_scale(on: date) -> Scale:
    """The index with the points of age, as they are counted on a day."""
    setting = in_force(AGE_CAP, on)
    return Scale(
        code="charlson-age",
        label="Indice de Charlson ajusté à l’âge",
        unit="",
        out_of=None if setting.value is None else HIGHEST + setting.value,
        steps=(),
        source=f"{SOURCE}\u00a0; Charlson et al., 1994, pour l’âge",
        caution=f"Âge\u00a0: {setting.reading.said}\u00a0; le plafond varie selon les sources. La "
        "survie à dix ans est celle d’un groupe suivi dans les années 1980, non d’une "
        "personne\u00a0: ne l’annoncez pas telle quelle.",
    )


def scales(on: date) -> tuple[Scale, ...]:
    """What this instrument measures."""
    return (INDEX, age_scale(on))


def score(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """The index; and with the age, when it is said, the index adjusted to it and the survival.

    « None of these » beside an illness is no answer, nor is an age that nobody has.
    """
    lines = _illnesses(answers)
    rows = counted(answers, ROWS)
    age = whole(answers, "age", 0, OLDEST)
    lacking = (
        *(("conditions",) if lines is None else ()),
        *(rows.link_ids if isinstance(rows, Missing) else ()),
        *(("age",) if answers.get("age") and age is None else ()),
    )
    if lines is None or isinstance(rows, Missing) or lacking:
        return Missing(lacking)
    points = (*lines, *rows)
    index = INDEX.result(total(points), points)
    return (index,) if age is None else (index, _with_age(points, age, on))


def _illnesses(answers: Answers) -> tuple[Point, ...] | None:
    codes = chosen_many(answers, "conditions", (*CONDITIONS, NONE))
    if codes is None or (NONE in codes and len(codes) > 1):
        return None
    if NONE in codes:
        return (Point("conditions", "Aucune autre maladie de la liste", Decimal(0)),)
    return tuple(
        Point("conditions", said, Decimal(weight))
        for code, (weight, said) in CONDITIONS.items()
        if code in codes
    )


def _with_age(points: tuple[Point, ...], age: int, on: date) -> Result:
    years = age_points(age, in_force(AGE_CAP, on).value)
    value = total(points) + years
    explained = (
        *points,
        Point("age", f"Âge\u00a0: {age}\u00a0ans", years),
        Point("", f"Survie à dix ans selon la formule d’origine\u00a0: {_percent(value)}"),
    )
    uncapped = total(points) + age_points(age, NO_CAP.value)
    told = "" if uncapped == value else f"Sans plafond, l’indice serait {uncapped}."
    return age_scale(on).result(value, explained, caution=told)


def age_points(age: int, cap: Decimal | None) -> Decimal:
    """One point at 50 years and at each decade after, up to the cap if there is one."""
    decades = Decimal(max(0, (age - FROM_AGE) // 10 + 1))
    return decades if cap is None else min(decades, cap)


def survival(index: Decimal) -> Decimal:
    """The part of a group alive after ten years, 0 to 1, for an index adjusted to age."""
    return Decimal("0.983") ** (Decimal("0.9") * index).exp()


def _percent(index: Decimal) -> str:
    percent = (survival(index) * 100).quantize(Decimal(1))
    return f"{percent}\u00a0%" if percent >= 1 else "moins de 1\u00a0%"
