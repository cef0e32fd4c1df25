"""Quand plusieurs professionnels évaluent la même personne : quels regards se mettent côte à côte.

Aucun texte ne fixe ce délai : c’est un réglage daté, à valider localement.
"""

from collections.abc import Collection
from datetime import date, timedelta

from cordee.assessments.rules.definition import Definition
from cordee.assessments.rules.filling import Filled
from cordee.assessments.rules.scales import Dated
from cordee.people.rules.readings import Reading

WINDOW: Dated[timedelta] = Dated(
    "Délai entre deux regards d’une même équipe",
    timedelta(days=60),
    date(2026, 11, 1),
    Reading("60 jours au plus entre deux regards", "choix de Cordée"),
)


def sections_of(definition: Definition) -> dict[str, str]:
    """Donne les grandes sections d’un instrument, celles que l’on peut demander à quelqu’un :
    linkId → titre. Aucune quand il n’est pas découpé."""
    tops = [one for one in definition.items if one.type == "group" and not one.hidden]
    return {one.link_id: one.text for one in tops if one.text} if len(tops) > 1 else {}


def section_of(path: str) -> str:
    """Donne la grande section d’une question, d’après son chemin."""
    return path.partition("/")[0].partition(":")[0]


def lacking_in(filled: Filled, sections: Collection[str]) -> tuple[str, ...]:
    """Donne ce qui manque encore dans ces sections : une part ne demande rien des autres."""
    return tuple(one for one in filled.missing if section_of(one) in sections)


def is_given(filled: Filled, sections: Collection[str]) -> bool:
    """Dit si une part est donnée : une réponse au moins, rien qui manque, rien de faux nulle part.
    Une réponse fausse ailleurs serait gardée avec elle."""
    said = any(one.values and section_of(one.path) in sections for one in filled.rows)
    return said and not filled.errors and not lacking_in(filled, sections)
