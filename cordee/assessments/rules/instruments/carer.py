"""Fiche de l’aidant : ce que l’aide lui coûte, en dix questions de 0 à 3.

Fiche rédigée pour Cordée, sans aucun texte ni seuil d’une échelle existante. Les repères (10 et 20
sur 30) sont des points de départ à discuter, et non des seuils établis : ils sont des réglages
datés, non vérifiés. Un aidant qui dit ne plus pouvoir tenir est entendu quel que soit le total.
"""

from datetime import date
from decimal import Decimal

from cordee.assessments.rules.instruments.rows import counted, graded, most, total
from cordee.assessments.rules.results import Answers, Band, Missing, Result
from cordee.assessments.rules.scales import Dated, Scale, Step, in_force
from cordee.people.rules.readings import Reading

OFTEN = ("never", "sometimes", "often", "always")
OFTEN_SAID = ("jamais", "de temps en temps", "souvent", "presque tout le temps")
ROWS = (
    graded(
        "nights",
        "Nuits coupées",
        ("none", "1-2", "3-5", "6-7"),
        ("aucune", "une ou deux par semaine", "de trois à cinq par semaine", "presque toutes"),
    ),
    graded(
        "hours",
        "Temps donné chaque jour",
        ("under-1", "1-3", "3-6", "over-6"),
        (
            "moins d’une heure",
            "d’une à trois heures",
            "de trois à six heures",
            "plus de six heures",
        ),
    ),
    graded(
        "pause",
        "Dernière demi-journée à soi",
        ("week", "month", "quarter", "longer"),
        ("cette semaine", "ce mois-ci", "il y a un à trois mois", "plus loin encore"),
    ),
    graded("own-care", "Soins repoussés pour soi-même", OFTEN, OFTEN_SAID),
    graded("body", "Gestes qui font mal ou qui font peur", OFTEN, OFTEN_SAID),
    graded("tense", "Moments tendus", OFTEN, OFTEN_SAID),
    graded("work", "Travail ou vie de famille bousculés", OFTEN, OFTEN_SAID),
    graded("money", "Dépenses qui manquent ensuite", OFTEN, OFTEN_SAID),
    graded(
        "backup",
        "Relais en cas d’absence demain",
        ("ready", "likely", "unsure", "nobody"),
        ("quelqu’un est prêt", "sans doute quelqu’un", "ce n’est pas sûr", "personne"),
    ),
    graded(
        "hold",
        "Continuer ainsi trois mois",
        ("yes", "with-help", "unsure", "no"),
        ("oui", "oui, avec plus d’aide", "ce n’est pas sûr", "non"),
    ),
)
MARKS = (
    Dated(
        "Repères de la fiche de l’aidant",
        (Decimal(10), Decimal(20)),
        date(2026, 11, 1),
        Reading("10 et 20 sur 30", "choix de Cordée, à valider localement"),
    ),
)
SOURCE = "Fiche rédigée pour Cordée\u00a0: dix questions de 0 à 3"
CAUTION = (
    "Formulation et repères propres à Cordée, non validés\u00a0: ils aident à parler, et ne se "
    "comparent à aucune autre échelle."
)
CANNOT_GO_ON = (
    "L’aidant dit ne pas pouvoir continuer ainsi\u00a0: à entendre quel que soit le total."
)
NOBODY = "Personne ne prendrait le relais demain\u00a0: à prévoir quel que soit le total."


def scales(on: date) -> tuple[Scale, ...]:
    """Give what this instrument measures, as cut on a day."""
    return (scale(on),)


def score(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """Give the total of the ten questions, 0 to 30; all are wanted."""
    points = counted(answers, ROWS)
    if isinstance(points, Missing):
        return points
    heard = [
        words
        for link_id, code, words in (("hold", "no", CANNOT_GO_ON), ("backup", "nobody", NOBODY))
        if answers.get(link_id) == (code,)
    ]
    return (scale(on).result(total(points), points, caution=" ".join(heard)),)


def scale(on: date) -> Scale:
    """Name and cut the total, on a day."""
    sensible, heavy = in_force(MARKS, on).value
    return Scale(
        code="carer-burden",
        label="Poids de l’aide pour l’aidant",
        unit="",
        out_of=most(ROWS),
        steps=(
            Step(Decimal(0), Band("light", "Pèse peu à ce jour", 0)),
            Step(sensible, Band("sensible", "Pèse nettement", 1)),
            Step(heavy, Band("heavy", "Pèse lourd", 3)),
        ),
        source=SOURCE,
        caution=CAUTION,
    )
