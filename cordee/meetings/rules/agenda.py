"""What is proposed to the agenda of a meeting: what is late, asked, due or disputed in the plan.

Source : HAS, PPCS 2019 et PPS 2013 : suivre les actions, revoir les objectifs à leur date, évaluer
avec la personne. Ce qui est proposé, et son ordre, sont une règle de Cordée : chaque ligne est
retenue ou écartée par quelqu’un.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from cordee.people.rules.labels import Coded
from cordee.plans.rules.lines import Answer, Effect


class Reason(Coded):
    """Why a line is on the agenda. Proposed in this order."""

    CANNOT = "cannot", "ne peut pas être faite"
    LATE = "late", "action en retard"
    ASKED = "asked", "question posée"
    DISPUTED = "disputed", "avis différents"
    REVIEW = "review", "objectif à revoir"
    TYPED = "typed", "ajoutée"


PROPOSED = tuple(reason for reason in Reason if reason != Reason.TYPED)


@dataclass(frozen=True)
class Line:
    """A line of the plan as the agenda needs it: who reads it is said by its category."""

    origin: str
    """"room/kind/id": which line of which plan."""
    words: str
    category: str
    author: UUID
    due_on: date | None = None
    answer: str = ""
    effects: tuple[str, str] = ("", "")
    """The last effect that the person felt, and the last one that the professional did."""


@dataclass(frozen=True)
class Proposal:
    """One line that is proposed to the agenda."""

    reason: Reason
    line: Line

    @property
    def words(self) -> str:
        """The line as the agenda says it."""
        return self.line.words


def differ(person: str, team: str) -> bool:
    """Say whether an effect is judged differently by the person and by the professional.

    One who does not know disagrees with nobody.
    """
    unsaid = ("", Effect.UNKNOWN)
    return person not in unsaid and team not in unsaid and person != team


def proposed(actions: Iterable[Line], goals: Iterable[Line], today: date) -> list[Proposal]:
    """List what the agenda is proposed: actions under way and objectives pursued, once a reason."""
    found = [Proposal(reason, line) for line in actions if (reason := _of_action(line, today))]
    for line in goals:
        if differ(*line.effects):
            found.append(Proposal(Reason.DISPUTED, line))
        elif line.due_on is not None and line.due_on <= today:
            found.append(Proposal(Reason.REVIEW, line))
    return sorted(found, key=lambda one: PROPOSED.index(one.reason))


def _of_action(line: Line, today: date) -> Reason | None:
    if line.answer == Answer.CANNOT:
        return Reason.CANNOT
    if line.due_on is not None and line.due_on < today:
        return Reason.LATE
    return Reason.ASKED if line.answer == Answer.QUESTION else None
