"""From an alert to its end: who is told and when, how alerts are ranked, what a site learns.

Règles d’organisation de Cordée, à valider par chaque service : aucun texte connu ne fixe de délai
ni de nombre d’alertes. Rien ici n’est une règle de soin.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cordee.people.rules.labels import Coded
from cordee.vigilance.rules.trend import Signal

MINUTES = 30
"""Minutes before somebody else is told of an alert that nobody saw; each team sets its own."""
LEARNT_OVER = timedelta(weeks=4)
"""Between two corrections of the limits by what was judged."""
WEIGHT_OF_BEFORE = 6.0
"""False alerts that « as was expected » is worth, before what a site says changes its limits."""
FURTHEST = 4.0


class Deed(Coded):
    """What was done on an alert: somewhere else in the house, or by hand."""

    CALL = "call", "appel à la personne ou à ses proches"
    HELPER = "helper", "échange avec l’aide à domicile"
    PLAN = "plan", "action ajoutée au plan"
    REQUEST = "request", "demande d’intervention"
    EQUIPMENT = "equipment", "demande de matériel"
    EVERYDAY = "everyday", "petite action du quotidien, à essayer"
    DOCTOR = "doctor", "médecin traitant prévenu"


class Verdict(Coded):
    """What an alert was worth, said by who closes it."""

    RIGHT = "right", "juste : il fallait être prévenu"
    KNOWN = "known", "juste, mais connu et déjà suivi"
    LATE = "late", "trop tard : cela se voyait avant"
    FALSE = "false", "fausse alerte"


class Effect(Coded):
    """How it went after what was done."""

    BETTER = "better", "mieux"
    SAME = "same", "pareil"
    WORSE = "worse", "moins bien"
    UNKNOWN = "unknown", "on ne sait pas encore"


RANK = {Signal.IMMEDIATE: 0, Signal.REPEATED: 1, Signal.DROP: 2, Signal.DECLINE: 3}


@dataclass(frozen=True, slots=True)
class Standing:
    """What ranks an alert: `weight` is the reasons of an immediate one, or how far over a limit."""

    signal: Signal
    weight: float
    raised_at: datetime
    is_seen: bool


def rank(one: Standing) -> tuple[bool, int, float, datetime]:
    """Order alerts: those nobody saw, then what cannot wait, the strongest, the oldest."""
    return one.is_seen, RANK[one.signal], -one.weight, one.raised_at


def by_person(alerts: Iterable[Any]) -> list[list[Any]]:
    """Group alerts, already in order, by person: each person stands where her first alert does."""
    groups: dict[Any, list[Any]] = {}
    for alert in alerts:
        groups.setdefault(alert.person_id, []).append(alert)
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class Record:
    """What alerts were worth, as judged by who closed them."""

    right: int = 0
    known: int = 0
    late: int = 0
    false: int = 0

    @property
    def judged(self) -> int:
        """How many were judged."""
        return self.right + self.known + self.late + self.false


def correction(record: Record, *, expected: float, before: float = 1.0) -> float:
    """Say how many false alerts a site has for one that was expected; 1 as long as little is known.

    `expected`: those that the limits were to let through among the alerts judged, themselves set
    with the correction `before`. Between a quarter and four: beyond, the detector is wrong there
    and somebody should look.
    """
    found = (record.false + WEIGHT_OF_BEFORE) / (max(expected, 0.0) + WEIGHT_OF_BEFORE)
    return min(max(before * found, 1 / FURTHEST), FURTHEST)


def is_told_at_once(signal: Signal, *, desk_is_open: bool) -> bool:
    """Say whether a text leaves now: what cannot wait always; a trend while the desk is open."""
    return signal == Signal.IMMEDIATE or desk_is_open


def is_escalated(signal: Signal, *, seen: bool, desk_is_open: bool) -> bool:
    """Say whether an alert that waited goes to somebody else: a trend waits for opening hours."""
    return not seen and (signal == Signal.IMMEDIATE or desk_is_open)
