"""Norton : le risque d’escarre, en cinq lignes de 1 (le pire) à 4.

Source : Norton, McLaren et Exton-Smith, 1962. Le seuil d’usage (14 ou moins : à risque) n’a pas
été relu dans l’original : c’est un réglage daté, et le résultat le dit.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from cordee.assessments.rules.instruments.rows import Choice, Row, most, summed
from cordee.assessments.rules.results import Answers, Band, Missing, Result
from cordee.assessments.rules.scales import Dated, Scale, Step, in_force
from cordee.people.rules.readings import Reading

SOURCE = "Norton, McLaren et Exton-Smith, 1962\u00a0: cinq lignes de 1 à 4, de 5 à 20"


def _worst_last(link_id: str, name: str, codes: Sequence[str], said: Sequence[str]) -> Row:
    pairs = zip((4, 3, 2, 1), codes, said, strict=True)
    return Row(link_id, name, {code: Choice(Decimal(worth), words) for worth, code, words in pairs})


ROWS = (
    _worst_last(
        "physical",
        "Condition physique",
        ("good", "fair", "poor", "very-poor"),
        ("bonne", "moyenne", "mauvaise", "très mauvaise"),
    ),
    _worst_last(
        "mental",
        "État mental",
        ("alert", "apathetic", "confused", "unconscious"),
        ("alerte", "apathique", "confus", "inconscient"),
    ),
    _worst_last(
        "activity",
        "Activité",
        ("walks", "walks-helped", "chair", "bed"),
        ("marche sans aide", "marche avec une aide", "au fauteuil", "au lit"),
    ),
    _worst_last(
        "mobility",
        "Mobilité",
        ("full", "reduced", "very-limited", "immobile"),
        ("totale", "diminuée", "très limitée", "immobile"),
    ),
    _worst_last(
        "continence",
        "Incontinence",
        ("none", "occasional", "urine", "both"),
        ("aucune", "occasionnelle", "urinaire", "urinaire et fécale"),
    ),
)
LEAST = Decimal(5)
AT_RISK_UP_TO = (
    Dated(
        "Total au-dessus duquel le risque d’escarre est faible (Norton)",
        Decimal(14),
        date(1962, 1, 1),
        Reading("14 ou moins", "usage courant, original non relu"),
    ),
)
AT_RISK = Band("at-risk", "Risque d’escarre", 2)
LOW_RISK = Band("low-risk", "Peu de risque d’escarre", 0)


def scales(on: date) -> tuple[Scale, ...]:
    """Give what this instrument measures, as cut on a day."""
    return (scale(on),)


def score(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """Give the total of the five rows, 5 to 20; the lower, the greater the risk."""
    return summed(answers, ROWS, scale(on))


def scale(on: date) -> Scale:
    """Cut the total in two, on a day; the cut itself is at risk."""
    cut = in_force(AT_RISK_UP_TO, on)
    unsure = "" if cut.reading.verified else f" (seuil non vérifié\u00a0: {cut.reading.source})"
    return Scale(
        code="norton",
        label="Échelle de Norton",
        unit="",
        out_of=most(ROWS),
        steps=(Step(LEAST, AT_RISK), Step(cut.value, LOW_RISK, just_above=True)),
        source=SOURCE,
        caution=(
            f"Plus le total est bas, plus le risque est grand\u00a0; à risque\u00a0: "
            f"{cut.reading.said}{unsure}. La nutrition n’est pas comptée."
        ),
    )
