"""Equipment for somebody’s home: from the day it is asked for to the day it serves, or not.

Règles d’organisation de Cordée, à valider par chaque service : aucun texte connu ne fixe les jours
proposés ci-dessous (réglage daté). Ce qui doit être prescrit, et par qui, n’est pas écrit ici : la
demande suit une ordonnance attendue ou reçue, elle ne dit pas s’il en faut une.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from cordee.people.rules.labels import Coded


class What(Coded):
    """What is asked for: everyday words."""

    WALKING = "walking", "aide à la marche (canne, déambulateur)"
    WHEELCHAIR = "wheelchair", "fauteuil roulant"
    BED = "bed", "lit, matelas"
    LIFTING = "lifting", "aide au lever, au transfert"
    WASHING = "washing", "toilette, bain, douche"
    TOILET = "toilet", "toilettes (rehausseur, chaise percée)"
    ALARM = "alarm", "téléassistance"
    HOME = "home", "aménagement du logement (barre, rampe)"
    OTHER = "other", "autre matériel"


class Stage(Coded):
    """Where it stands."""

    ASKED = "asked", "demandé"
    AWAITED = "awaited", "ordonnance attendue"
    PRESCRIBED = "prescribed", "ordonnance reçue"
    ORDERED = "ordered", "commandé"
    DELIVERED = "delivered", "livré, à essayer"
    IN_USE = "in_use", "en usage"
    NOT_FITTING = "not_fitting", "ne convient pas"
    DROPPED = "dropped", "abandonné"


NEXT = {
    Stage.ASKED: (Stage.AWAITED, Stage.PRESCRIBED, Stage.ORDERED, Stage.DELIVERED, Stage.DROPPED),
    Stage.AWAITED: (Stage.PRESCRIBED, Stage.DROPPED),
    Stage.PRESCRIBED: (Stage.ORDERED, Stage.DELIVERED, Stage.DROPPED),
    Stage.ORDERED: (Stage.DELIVERED, Stage.DROPPED),
    Stage.DELIVERED: (Stage.IN_USE, Stage.NOT_FITTING),
    Stage.NOT_FITTING: (Stage.AWAITED, Stage.ORDERED, Stage.DROPPED),
    Stage.IN_USE: (Stage.NOT_FITTING,),
    Stage.DROPPED: (),
}
"""What may follow each stage; equipment in use may fit no more."""

ENDED = frozenset({Stage.IN_USE, Stage.DROPPED})
"""Nothing is awaited any more."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Within how many days the next step is looked for, by stage, from a day on."""

    since: date
    days: dict[Stage, int]
    source: str


SETTINGS = (
    Setting(
        since=date(2026, 1, 1),
        days={
            Stage.ASKED: 3,
            Stage.AWAITED: 7,
            Stage.PRESCRIBED: 2,
            Stage.ORDERED: 7,
            Stage.DELIVERED: 7,
            Stage.NOT_FITTING: 3,
        },
        source="règle d’organisation de Cordée, à valider par chaque service (non vérifiée)",
    ),
)


def may_follow(stage: Stage, wanted: Stage) -> bool:
    """Say whether a stage may follow another."""
    return wanted in NEXT[stage]


def proposed_due(stage: Stage, today: date) -> date | None:
    """Propose the day on which the next step is looked for; None once nothing is awaited."""
    ordered = sorted(SETTINGS, key=lambda one: one.since)
    setting = [ordered[0], *(one for one in ordered if one.since <= today)][-1]
    days = setting.days.get(stage)
    return None if days is None else today + timedelta(days=days)
