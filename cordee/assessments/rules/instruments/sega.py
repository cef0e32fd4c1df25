"""SEGA, volet A modifié : repérer une fragilité, en treize lignes de 0 à 2.

Source : grille SEGA-A des réseaux gérontologiques du sud de la Lorraine (studylibfr.com, document
2000705) : total sur 26, 8 ou moins peu fragile, plus de 8 à 11 fragile, plus de 11 très fragile.
"""

from datetime import date
from decimal import Decimal

from cordee.assessments.rules.instruments.rows import graded, most, summed
from cordee.assessments.rules.results import Answers, Band, Missing, Result
from cordee.assessments.rules.scales import Scale, Step

SOURCE = (
    "Grille SEGA, volet A modifié, réseaux gérontologiques du sud de la Lorraine\u00a0: "
    "treize lignes de 0 à 2"
)
CAUTION = (
    "Repérage à partir de 65 ans\u00a0: une grille élevée appelle une évaluation, elle ne la "
    "remplace pas. Grille relue dans une seule publication."
)
ALONE = ("independent", "some-help", "unable")
ROWS = (
    graded(
        "age", "Âge", ("74", "75-84", "85"), ("74 ans ou moins", "75 à 84 ans", "85 ans ou plus")
    ),
    graded(
        "living",
        "Lieu de vie",
        ("home", "home-help", "institution"),
        ("domicile", "domicile avec aide professionnelle", "foyer logement ou EHPAD"),
    ),
    graded(
        "medicines",
        "Médicaments",
        ("0-3", "4-5", "6"),
        ("3 médicaments ou moins", "4 ou 5 médicaments", "6 médicaments ou plus"),
    ),
    graded(
        "mood",
        "Humeur",
        ("normal", "sad", "depressed"),
        ("normale", "parfois anxieuse ou triste", "déprimée"),
    ),
    graded(
        "health",
        "Santé ressentie, par rapport aux personnes du même âge",
        ("better", "same", "worse"),
        ("meilleure", "équivalente", "moins bonne"),
    ),
    graded(
        "falls",
        "Chutes dans les six derniers mois",
        ("none", "one", "several"),
        ("aucune", "une, sans gravité", "plusieurs, ou une compliquée"),
    ),
    graded(
        "nutrition",
        "Nutrition",
        ("stable", "loss", "malnutrition"),
        (
            "poids stable, apparence normale",
            "perte nette d’appétit depuis 15 jours, ou 3 kg perdus en 3 mois",
            "dénutrition franche",
        ),
    ),
    graded(
        "diseases",
        "Maladies associées",
        ("none", "1-3", "4"),
        ("aucune connue ni traitée", "de 1 à 3", "plus de 3"),
    ),
    graded(
        "iadl",
        "Vie quotidienne (repas, téléphone, médicaments, transports)",
        ALONE,
        ("indépendance", "aide partielle", "incapacité"),
    ),
    graded(
        "mobility",
        "Mobilité (se lever, marcher)",
        ALONE,
        ("indépendance", "soutien", "incapacité"),
    ),
    graded(
        "continence",
        "Continence",
        ("continent", "occasional", "permanent"),
        ("continence", "incontinence occasionnelle", "incontinence permanente"),
    ),
    graded(
        "meals",
        "Prise des repas",
        ALONE,
        ("indépendance", "aide ponctuelle", "assistance complète"),
    ),
    graded(
        "cognition",
        "Fonctions cognitives (mémoire, orientation)",
        ("normal", "slight", "marked"),
        ("normales", "peu altérées", "très altérées"),
    ),
)
SCALE = Scale(
    code="sega-a",
    label="SEGA, volet A",
    unit="",
    out_of=most(ROWS),
    steps=(
        Step(Decimal(0), Band("low", "Peu fragile", 0)),
        Step(Decimal(8), Band("frail", "Fragile", 2), just_above=True),
        Step(Decimal(11), Band("very-frail", "Très fragile", 3), just_above=True),
    ),
    source=SOURCE,
    caution=CAUTION,
)


def scales(on: date) -> tuple[Scale, ...]:
    """Give what this instrument measures, whatever the day."""
    return (SCALE,)


def score(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """Give the total of the thirteen rows, 0 to 26; all are wanted, whatever the day."""
    return summed(answers, ROWS, SCALE)
