"""« Mes actions »: what is entrusted to who is signed in, by name, in one order.

A professional alone has no worklist: what of a plan or of a meeting is theirs stands here. So does
what no structure may read, hence asks of nobody, once who wrote it has left: they alone read it,
and do it once who leads that structure gave it to those who may.
"""

from dataclasses import dataclass
from datetime import date
from itertools import chain

from cordee.access.actor import Actor, Role
from cordee.meetings import selectors as meetings
from cordee.meetings.models import Decision
from cordee.pathways.selectors import asked_among
from cordee.people.models import Person
from cordee.plans import selectors as plans
from cordee.plans.models import Activity


@dataclass(frozen=True)
class Line:
    """One thing to do, of a plan (`action`) or of a meeting (`decision`)."""

    origin: str
    person: Person
    due: date | None
    late: bool
    acts: bool
    """Whether who reads may say it done: they read it, and it is theirs or was given to them."""
    is_left: bool
    """Entrusted to nobody who may read it: no structure asks for it."""
    action: Activity | None = None
    decision: Decision | None = None


@dataclass(frozen=True)
class Mine:
    """The lines by their day: late, to come, without one."""

    late: list[Line]
    coming: list[Line]
    undated: list[Line]

    @property
    def persons(self) -> list[Person]:
        """Of whom the page speaks."""
        return [one.person for one in chain(self.late, self.coming, self.undated)]


def mine(actor: Actor, today: date) -> Mine:
    """List what is entrusted to who reads, late first, then by its day. Six queries at most, and
    one for what is asked elsewhere."""
    lines = [
        *(_of_action(one, today) for one in plans.entrusted_to(actor)),
        *(_of_decision(one, today) for one in meetings.entrusted_to(actor)),
        *_left(actor, today),
    ]
    lines.sort(key=lambda one: (one.due or date.max, one.origin))
    return Mine(
        late=[one for one in lines if one.late],
        coming=[one for one in lines if one.due and not one.late],
        undated=[one for one in lines if not one.due],
    )


def _left(actor: Actor, today: date) -> list[Line]:
    """What is protected, and that nobody is asked for: on the page of the professionals alone who
    read it. Whoever works for a structure has its worklist."""
    if actor.role is not Role.PRACTITIONER:
        return []
    lines = [
        *(_of_action(one, today, is_left=True) for one in plans.protected_around(actor)),
        *(_of_decision(one, today, is_left=True) for one in meetings.protected_around(actor)),
    ]
    asked = asked_among([one.origin for one in lines]) if lines else set()
    return [one for one in lines if one.origin not in asked]


def _of_action(action: Activity, today: date, *, is_left: bool = False) -> Line:
    return Line(
        origin=f"plans/action/{action.pk}",
        person=action.plan.person,
        due=action.next_on,
        late=bool(action.next_on and action.next_on < today),
        acts=not is_left or action.given_at is not None,
        is_left=is_left,
        action=action,
    )


def _of_decision(decision: Decision, today: date, *, is_left: bool = False) -> Line:
    return Line(
        origin=f"meetings/decision/{decision.pk}",
        person=decision.meeting.person,
        due=decision.due_on,
        late=decision.due_on < today,
        acts=not is_left or decision.given_at is not None,
        is_left=is_left,
        decision=decision,
    )
