"""Quand plusieurs professionnels évaluent la même personne : quels regards se mettent côte à côte.

Aucun texte ne fixe ce délai : c’est un réglage daté, à valider localement.
"""

from datetime import date, timedelta

from cordee.assessments.rules.scales import Dated
from cordee.people.rules.readings import Reading

WINDOW: Dated[timedelta] = Dated(
    "Délai entre deux regards d’une même équipe",
    timedelta(days=60),
    date(2026, 11, 1),
    Reading("60 jours au plus entre deux regards", "choix de Cordée"),
)
