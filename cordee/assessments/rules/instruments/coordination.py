"""Fiche du besoin de coordination : dix domaines de 0 à 3, une seule somme.

Fiche rédigée pour Cordée, sans texte d’une grille existante. La somme dit combien de coordination
la situation demande ; elle n’est pas validée, et ses repères (8, 16 et 23 sur 30) sont des réglages
datés à valider localement. La dose de coordination (donnée contre demandée) lit cette somme.
"""

from datetime import date
from decimal import Decimal

from cordee.assessments.rules.instruments.rows import graded, most, summed
from cordee.assessments.rules.results import Answers, Band, Missing, Result
from cordee.assessments.rules.scales import Dated, Scale, Step, in_force
from cordee.people.rules.readings import Reading

CODES = ("0", "1", "2", "3")
ROWS = (
    graded(
        "health",
        "Santé",
        CODES,
        (
            "stable, suivie par le médecin traitant",
            "plusieurs maladies, équilibre tenu",
            "équilibre fragile, ajusté chaque mois",
            "change d’une semaine à l’autre",
        ),
    ),
    graded(
        "events",
        "Hospitalisations et urgences sur six mois",
        CODES,
        ("aucune", "une, prévue", "une, imprévue", "plusieurs imprévues"),
    ),
    graded(
        "daily",
        "Vie quotidienne",
        CODES,
        (
            "autonome, ou aide en place qui suffit",
            "une aide à ajuster",
            "plusieurs aides à organiser",
            "aide nécessaire plusieurs fois par jour, incomplète",
        ),
    ),
    graded(
        "mind",
        "Mémoire, humeur et comportement",
        CODES,
        (
            "sans difficulté",
            "difficulté légère, suivie",
            "difficulté qui gêne les soins ou l’aide",
            "mise en danger, ou refus répétés",
        ),
    ),
    graded(
        "actors",
        "Intervenants à accorder",
        CODES,
        ("un ou deux", "de trois à cinq", "de six à huit", "neuf ou plus"),
    ),
    graded(
        "carers",
        "Proches",
        CODES,
        (
            "présents, et qui tiennent",
            "présents, un peu fatigués",
            "épuisés, loin ou en désaccord",
            "absents, ou conflit ouvert",
        ),
    ),
    graded(
        "social",
        "Ressources et vie sociale",
        CODES,
        (
            "suffisantes",
            "justes",
            "difficultés qui retardent des soins ou des aides",
            "rupture\u00a0: dettes, isolement ou perte de droits",
        ),
    ),
    graded(
        "housing",
        "Logement",
        CODES,
        (
            "adapté",
            "à aménager un peu",
            "gêne l’aide ou la sortie",
            "dangereux, ou à perdre bientôt",
        ),
    ),
    graded(
        "rights",
        "Droits et démarches",
        CODES,
        (
            "à jour",
            "une démarche en cours",
            "plusieurs démarches, ou un recours",
            "urgents, ou protection juridique à organiser",
        ),
    ),
    graded(
        "access",
        "Trouver qui peut intervenir",
        CODES,
        (
            "tout est trouvé",
            "un intervenant difficile à trouver",
            "plusieurs manquent",
            "personne de trouvé pour un besoin pressant",
        ),
    ),
)
MARKS = (
    Dated(
        "Repères du besoin de coordination",
        (Decimal(8), Decimal(16), Decimal(23)),
        date(2026, 11, 1),
        Reading("8, 16 et 23 sur 30", "choix de Cordée, à valider localement"),
    ),
)
SOURCE = "Fiche rédigée pour Cordée\u00a0: dix domaines de 0 à 3"
CAUTION = (
    "Formulation et repères propres à Cordée, non validés\u00a0: la somme dit combien de "
    "coordination prévoir, et non la gravité de l’état de la personne."
)


def scales(on: date) -> tuple[Scale, ...]:
    """Give what this instrument measures, as cut on a day."""
    return (scale(on),)


def score(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """Give the sum of the ten domains, 0 to 30; all are wanted."""
    return summed(answers, ROWS, scale(on))


def scale(on: date) -> Scale:
    """Name and cut the sum, on a day."""
    simple, sustained, intense = in_force(MARKS, on).value
    return Scale(
        code="coordination-need",
        label="Besoin de coordination",
        unit="",
        out_of=most(ROWS),
        steps=(
            Step(Decimal(0), Band("one-off", "Réponse ponctuelle", 0)),
            Step(simple, Band("simple", "Coordination simple", 1)),
            Step(sustained, Band("sustained", "Coordination soutenue", 2)),
            Step(intense, Band("intense", "Coordination intensive", 3)),
        ),
        source=SOURCE,
        caution=CAUTION,
    )
