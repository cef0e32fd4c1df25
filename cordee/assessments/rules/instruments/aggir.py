"""AGGIR: the answers of the grid, its ten variables, the rank, the GIR, and why."""

from datetime import date
from decimal import Decimal

from cordee.assessments.rules.aggir import (
    DISCRIMINATING,
    MODALITIES,
    NAMES,
    SOURCE,
    WEIGHTLESS,
    B,
    Ranking,
    Tried,
    gir_of,
    irregularities,
    ranking,
)
from cordee.assessments.rules.aggir_variables import (
    ADVERBS,
    PART_NAMES,
    PARTS,
    READINGS,
    Aggregation,
    GuideReading,
    default_reading,
    modality_of,
    variable_of,
)
from cordee.assessments.rules.given import chosen, chosen_many
from cordee.assessments.rules.results import Answers, Band, Missing, Point, Result
from cordee.assessments.rules.scales import Scale, Step
from cordee.kernel.typography import grouped, sentence

SEMICOLON = "\u00a0; "
LACKS = "-lacks"
"""After the linkId of a question: which adverbs are not done, asked when it is done in part."""


GIR_CAUTION = (
    "Du GIR\u00a01, le moins autonome, au GIR\u00a06. Pour l’APA, c’est l’équipe médico-sociale "
    "du département qui apprécie la perte d’autonomie (CASF, L.\u00a0232-6)\u00a0: ce calcul la "
    "prépare, il ne la remplace pas. On cote ce que la personne fait sans aide humaine\u00a0; ses "
    "appareils comptent comme elle-même."
)


def _step(gir: int) -> Step:
    """The band of a GIR: its name at the ANS, and whether the APA can be asked for."""
    within = "l’APA peut être demandée dès 60\u00a0ans" if gir <= 4 else "hors de l’APA"
    return Step(Decimal(gir), Band(f"GIR-{gir}", f"GIR\u00a0{gir}\u00a0: {within}", 6 - gir))


SCALE = Scale(
    code="gir",
    label="Groupe iso-ressources (GIR)",
    unit="",
    out_of=None,
    steps=tuple(_step(gir) for gir in range(1, 7)),
    source=SOURCE,
    caution=GIR_CAUTION,
)


def scales(on: date) -> tuple[Scale, ...]:
    """What this instrument measures, whatever the day."""
    return (SCALE,)


def score(
    answers: Answers, on: date, reading: GuideReading | None = None
) -> tuple[Result, ...] | Missing:
    """The GIR, from the ten discriminating variables; the seven others are never looked at.

    A question done in part wants the adverbs that are lacking; when the four are, the grid says C.
    Without `reading`, sub-variables are put together as the reading in force on that day says.
    """
    asked = [part for name in DISCRIMINATING for part in PARTS.get(name, (name,))]
    parts = {part: _modality(answers, part) for part in asked}
    missing = tuple(
        part + LACKS if chosen(answers, part, MODALITIES) == B else part
        for part, modality in parts.items()
        if modality is None
    )
    if missing:
        return Missing(missing)
    known = {part: modality for part, modality in parts.items() if modality is not None}
    reading = reading or default_reading(on)
    modalities = _variables(known, reading.how)
    ranked = ranking(modalities)
    points = [
        *(_variable_point(name, modalities[name], known, answers) for name in DISCRIMINATING),
        *(_group_point(tried) for tried in ranked.tried),
        _rank_point(ranked),
    ]
    cautions = [
        *_of_readings(known, reading, ranked.gir),
        *_of_table(modalities, ranked.gir),
    ]
    return (SCALE.result(Decimal(ranked.gir), points, caution=" ".join(cautions)),)


def _modality(answers: Answers, part: str) -> str | None:
    """A or C as it was said; B with its adverbs; None when one or the other is not said."""
    said = chosen(answers, part, MODALITIES)
    if said != B:
        return said
    lacking = chosen_many(answers, part + LACKS, ADVERBS)
    return None if lacking is None else modality_of(set(ADVERBS) - lacking)


def _variables(parts: dict[str, str], how: Aggregation) -> dict[str, str]:
    return {
        name: variable_of(name, parts, how) if name in PARTS else parts[name]
        for name in DISCRIMINATING
    }


def _variable_point(name: str, modality: str, parts: dict[str, str], answers: Answers) -> Point:
    lines = [
        f"{PART_NAMES[part]} {parts[part]}{_lacking(answers, part)}" for part in PARTS.get(name, ())
    ]
    why = f" ({SEMICOLON.join(lines)})" if lines else _lacking(answers, name)
    weightless = ", sans poids dans le calcul" if name in WEIGHTLESS else ""
    return Point(name, f"{sentence(NAMES[name])}\u00a0: {modality}{why}{weightless}")


def _lacking(answers: Answers, part: str) -> str:
    """« , ne fait pas spontanément ni correctement », for what is done in part."""
    if chosen(answers, part, MODALITIES) != B:
        return ""
    codes = chosen_many(answers, part + LACKS, ADVERBS) or frozenset()
    return ", ne fait pas " + " ni ".join(word for code, word in ADVERBS.items() if code in codes)


def _group_point(tried: Tried) -> Point:
    parts = ", ".join(
        f"{NAMES[name]} {modality} {grouped(weight)}" for name, modality, weight in tried.weights
    )
    if tried.rank is None:
        lowest = tried.group.ranks[-1][0]
        verdict = f"moins de {grouped(lowest)}, on passe au groupe suivant"
        if tried.group.letter == "H":
            verdict = f"moins de {grouped(lowest)}, rang 13"
    else:
        verdict = f"au moins {grouped(tried.threshold or 0)}, rang {tried.rank}"
    said = f"Groupe {tried.group.letter}\u00a0: {parts or 'rien ne pèse'}\u00a0; " + (
        f"somme {grouped(tried.total)}, {verdict}"
    )
    return Point("", said, Decimal(tried.total))


def _rank_point(ranked: Ranking) -> Point:
    return Point("", f"Rang {ranked.rank}\u00a0: GIR\u00a0{ranked.gir}")


def _of_readings(parts: dict[str, str], reading: GuideReading, gir: int) -> list[str]:
    """What is not settled in the text, and whether it changes anything for these answers."""
    unsettled = [
        "Le guide de remplissage n’a pas été lu\u00a0: la façon de réunir les sous-variables de "
        f"l’alimentation et de l’élimination reste à confirmer. Lecture suivie\u00a0: "
        f"{reading.reading.said}."
    ]
    others = [
        f"Avec une autre lecture ({other.reading.said}), le GIR serait {there}."
        for other in READINGS
        if other.name != reading.name and (there := gir_of(_variables(parts, other.how))) != gir
    ]
    return unsettled + (others or ["Ici, toutes les lectures connues donnent le même GIR."])


def _of_table(modalities: dict[str, str], gir: int) -> list[str]:
    """Where the legal table counts more loss as more autonomy."""
    return [
        f"Le tableau légal n’est pas régulier ici\u00a0: avec {NAMES[found.variable]} en "
        f"{found.instead} au lieu de {modalities[found.variable]}, le GIR serait {found.gir} au "
        f"lieu de {gir}. C’est le texte, appliqué tel quel."
        for found in irregularities(modalities)
    ]
