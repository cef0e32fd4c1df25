"""EVA: the pain that the person shows on a line, from none to the worst one can imagine.

Source: Huskisson, 1974, for the line of 100 mm. How the figures are called varies: it is a dated
setting.
"""

from datetime import date
from decimal import Decimal

from cordee.assessments.rules.given import chosen, number
from cordee.assessments.rules.results import Answers, Band, Missing, Point, Result
from cordee.assessments.rules.scales import Dated, Scale, Step, in_force
from cordee.people.rules.readings import Reading

RULERS = {"10": ("pain-10", Decimal(10)), "100": ("pain-100", Decimal(100))}
"""How it was read: out of ten, or in millimetres; and the question that holds the figure."""
CUTS = (
    Dated(
        "Mots de la douleur",
        (Decimal(4), Decimal(6), Decimal(8)),
        date(2025, 1, 1),
        Reading(
            "faible jusqu’à 3, modérée de 4 à 5, intense de 6 à 7, très intense de 8 à 10",
            "Une fiche publique de gériatrie, en correspondance avec l’échelle verbale",
        ),
    ),
)


def scale(on: date) -> Scale:
    """The pain out of ten, in the words of a day."""
    cuts = in_force(CUTS, on)
    moderate, strong, extreme = cuts.value
    return Scale(
        code="eva",
        label="Douleur (EVA)",
        unit="",
        out_of=Decimal(10),
        steps=(
            Step(Decimal(0), Band("none", "Pas de douleur", 0)),
            Step(Decimal(0), Band("mild", "Douleur faible", 1), True),
            Step(moderate, Band("moderate", "Douleur modérée", 2)),
            Step(strong, Band("strong", "Douleur intense", 3)),
            Step(extreme, Band("extreme", "Douleur très intense", 4)),
        ),
        source="Huskisson, 1974, Lancet 2\u00a0: ligne de 100\u00a0mm",
        caution="C’est la personne qui montre, jamais l’entourage\u00a0: si elle ne peut pas, "
        "prenez une échelle d’observation. Mots non vérifiés, d’une seule fiche\u00a0: "
        f"{cuts.reading.said}\u00a0; entre deux nombres entiers, le mot du dessous. Les "
        "millimètres sont ramenés sur 10.",
    )


def scales(on: date) -> tuple[Scale, ...]:
    """What this instrument measures."""
    return (scale(on),)


def score(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """The pain out of ten, whichever ruler it was read on; when it was felt changes nothing."""
    ruler = chosen(answers, "ruler", RULERS)
    if ruler is None:
        return Missing(("ruler",))
    link_id, whole_line = RULERS[ruler]
    shown = number(answers, link_id, Decimal(0), whole_line)
    if shown is None:
        return Missing((link_id,))
    value = shown * 10 / whole_line
    said = f"{shown.normalize():f}".replace(".", ",")
    unit = "sur 10" if ruler == "10" else "mm sur 100"
    return (scale(on).result(value, (Point(link_id, f"Montré\u00a0: {said}\u00a0{unit}", value),)),)
