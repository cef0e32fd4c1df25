"""Who is followed more closely for a while, and when that may end: rules propose, people decide.

The windows and the counts are ours: no text sets them. They are written in `docs/vigilance.md`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LATELY = timedelta(days=14)
"""How far back what happened counts for an entry."""
BAD_VISITS = 2
"""How many visits with a very low mark, or said urgent, propose an entry."""
LOW_VISITS = 3
"""How many visits with a low mark propose an entry."""
VERY_LOW, LOW = 1, 2
CALM = timedelta(days=21)
"""How long all must have been well before an exit is proposed."""
CALM_VISITS = 3
"""How many visits that calm must rest on: no visit is no good news."""
QUIET = timedelta(days=7)
"""Without a visit for longer, the page says so."""


class Ground(StrEnum):
    """Why somebody is followed more closely."""

    BAD_MARKS = "bad_marks"
    LOW_MARKS = "low_marks"
    FALL = "fall"
    DISCHARGE = "discharge"
    ALONE = "alone"
    CARER = "carer"
    OTHER = "other"


GROUNDS = {
    Ground.BAD_MARKS: "Plusieurs signaux graves rapprochés",
    Ground.LOW_MARKS: "Notes basses qui durent",
    Ground.FALL: "Chute à domicile",
    Ground.DISCHARGE: "Retour d’hôpital",
    Ground.ALONE: "Isolement",
    Ground.CARER: "Proche épuisé ou absent",
    Ground.OTHER: "Autre motif",
}


class Outcome(StrEnum):
    """How it ended."""

    STABLE = "stable"
    PLAN_CHANGED = "plan_changed"
    HOSPITAL = "hospital"
    INSTITUTION = "institution"
    HER_CHOICE = "her_choice"
    DIED = "died"
    OTHER = "other"


OUTCOMES = {
    Outcome.STABLE: "La situation est redevenue stable",
    Outcome.PLAN_CHANGED: "Le plan a changé et suffit",
    Outcome.HOSPITAL: "Hospitalisation",
    Outcome.INSTITUTION: "Entrée en établissement",
    Outcome.HER_CHOICE: "La personne ne le souhaite plus",
    Outcome.DIED: "Décès",
    Outcome.OTHER: "Autre raison",
}


@dataclass(frozen=True)
class Marked:
    """What came from home, as this rule looks at it: its moment, its lowest mark, what was ticked.

    A need, or a visit without a mark, has no lowest mark: it may worry, it reassures of nothing.
    """

    at: datetime
    lowest: int | None
    urgent: bool = False
    """Said urgent, or an urgent sign was ticked (`urgency.URGENT_SIGNS`)."""
    fell: bool = False

    @property
    def is_bad(self) -> bool:
        """A mark at the bottom, or said urgent."""
        return self.urgent or self.lowest == VERY_LOW

    @property
    def is_low(self) -> bool:
        """Bad, or a mark one step above the bottom."""
        return self.is_bad or (self.lowest is not None and self.lowest <= LOW)


def proposed(visits: Iterable[Marked], now: datetime) -> tuple[Ground, ...]:
    """Say what in the last fourteen days proposes an entry, the gravest first."""
    lately = [one for one in visits if now - LATELY <= one.at <= now]
    found = []
    if sum(one.is_bad for one in lately) >= BAD_VISITS:
        found.append(Ground.BAD_MARKS)
    if any(one.fell for one in lately):
        found.append(Ground.FALL)
    if Ground.BAD_MARKS not in found and sum(one.is_low for one in lately) >= LOW_VISITS:
        found.append(Ground.LOW_MARKS)
    return tuple(found)


def may_leave(visits: Iterable[Marked], started_at: datetime, now: datetime) -> bool:
    """Say whether an exit is proposed: three weeks in, three visits in them, none low."""
    if now - started_at < CALM:
        return False
    lately = [one for one in visits if now - CALM <= one.at <= now]
    marked = [one for one in lately if one.lowest is not None]
    return len(marked) >= CALM_VISITS and not any(one.is_low or one.fell for one in lately)


def days_without(visits: Iterable[Marked], started_at: datetime, now: datetime) -> int | None:
    """Count the days since the last visit when there are more than a week of them, else None.

    Before a first visit, since the follow-up began.
    """
    marked = [one.at for one in visits if one.lowest is not None and one.at <= now]
    last = max(marked, default=started_at)
    return (now - last).days if now - last > QUIET else None
