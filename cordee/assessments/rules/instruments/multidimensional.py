"""Évaluation multidimensionnelle : huit domaines, et dans chacun ce qui reste sans réponse.

Domaines : HAS, plan personnalisé de coordination en santé, juillet 2019 (la liste officielle des
questions n’a pas été lue : la formulation est propre à Cordée). Ce n’est pas une échelle : le
résultat est un simple compte des domaines où un besoin est sans réponse. Les souhaits sont gardés
mot pour mot, et comptent comme un domaine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cordee.assessments.rules.instruments.rows import Choice, Row, counted, total
from cordee.assessments.rules.results import Answer, Answers, Missing, Result
from cordee.assessments.rules.scales import Scale

NEEDS: Mapping[Answer, Choice] = {
    "no": Choice(Decimal(0), "rien à prévoir"),
    "watch": Choice(Decimal(0), "à surveiller"),
    "yes": Choice(Decimal(1), "un besoin sans réponse"),
}
DOMAINS = {
    "clinical": "Santé",
    "functional": "Vie quotidienne",
    "mind": "Mémoire, humeur et comportement",
    "social": "Vie sociale et ressources",
    "housing": "Logement",
    "carers": "Proches",
    "rights": "Droits",
    "wishes": "Souhaits",
}
ROWS = tuple(Row(f"{domain}-need", name, NEEDS) for domain, name in DOMAINS.items())
SCALE = Scale(
    code="unmet-needs",
    label="Domaines où un besoin est sans réponse",
    unit="",
    out_of=Decimal(len(DOMAINS)),
    steps=(),
    source="Domaines du plan personnalisé de coordination en santé (HAS, juillet 2019)",
    caution="Un simple compte, et non une échelle\u00a0: il ne dit pas la gravité.",
)


@dataclass(frozen=True)
class Need:
    """What an evaluation found in one domain: to take up in the plan, or to watch."""

    domain: str
    label: str
    is_unmet: bool
    note: str
    """The words of who evaluated; empty when there are none."""


def scales(on: date) -> tuple[Scale, ...]:
    """Give what this instrument measures, whatever the day."""
    return (SCALE,)


def score(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """Count the domains with an unmet need, 0 to 8; each domain wants its conclusion."""
    points = counted(answers, ROWS)
    if isinstance(points, Missing):
        return points
    return (SCALE.result(total(points), points),)


def needs(answers: Answers) -> tuple[Need, ...]:
    """Give what was found, domain by domain: unmet needs first, then what is to be watched.

    A domain without its conclusion, or with nothing to foresee, gives nothing."""
    found = []
    for domain, label in DOMAINS.items():
        said = answers.get(f"{domain}-need", ())
        if said in {("yes",), ("watch",)}:
            note = " ".join(str(one).strip() for one in answers.get(f"{domain}-note", ()))
            found.append(Need(domain, label, said == ("yes",), note))
    return tuple(sorted(found, key=lambda need: not need.is_unmet))
