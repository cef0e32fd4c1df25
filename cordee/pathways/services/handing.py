"""Persons and tasks go together to a colleague: all that can, at once; what cannot is said.

Rows are locked first, in one order, before anything is written on a thread, then written person by
person: two who share out the same list at once wait for each other, and the second is told.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.directory.selectors import at_work
from cordee.kernel.base import any_of
from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.queue import later
from cordee.pathways.models import HandOver, Task
from cordee.pathways.policy import OWN
from cordee.pathways.services.tasks import hand_over
from cordee.people.policy import STEERING
from cordee.plans import services as plans
from cordee.plans.models import CarePlan

MOST = 500  # lines at once
Row = Task | CarePlan


@dataclass(frozen=True)
class Handing:
    """What goes, from whom (None: what nobody has), to whom, and why.

    With a person go her plan and all that its giver has to do about her.
    """

    giver: Account | None
    receiver: Account
    reason: str
    words: str = ""
    persons: tuple[UUID, ...] = ()
    tasks: tuple[UUID, ...] = ()


@dataclass
class _Outcome:
    tasks: int = 0
    plans: int = 0
    persons: set[UUID] = field(default_factory=set)
    refused: list[dict[str, str]] = field(default_factory=list)

    def refuse(self, pk: UUID, why: str) -> None:
        self.refused.append({"pk": str(pk), "why": why})


@action("pathways.reassign", on="asked")
def reassign(*, actor: Actor, asked: Handing, now: datetime) -> HandOver:
    """Give persons and tasks to a colleague, all at once, and keep why. Both are told.

    Raises DomainError (pathways.receiver, pathways.too_many, pathways.nothing_moved).
    """
    roles = _roles_of(asked, actor, now)
    rows, out = _locked_rows(actor, asked), _Outcome()
    if len(rows) > MOST:
        raise DomainError(
            "pathways.too_many",
            f"{len(rows)} lignes à la fois, c’est trop : {MOST} au plus. Rien n’a changé de "
            "mains ; choisissez moins de personnes.",
        )
    for row in rows:
        out.persons |= {row.person_id} if row.person_id else set()
        if why := _why_not(row, asked, roles):
            out.refuse(row.pk, why)
        else:
            _give(actor, asked.receiver, row, out, now)
    for person in sorted({*asked.persons} - out.persons):
        out.refuse(person, "moved")
    return _kept(actor, asked, out, now)


def _give(actor: Actor, to: Account, row: Row, out: _Outcome, now: datetime) -> None:
    try:
        if isinstance(row, Task):
            hand_over(actor=actor, task=row, to=to, now=now)
            out.tasks += 1
        else:
            plans.hand_over(actor=actor, plan=row, to=to, now=now)
            out.plans += 1
    except (DomainError, Forbidden):  # its own savepoint is undone, the rest goes on
        out.refuse(row.pk, "kept")


def _why_not(row: Row, asked: Handing, roles: frozenset[str]) -> str:
    giver = asked.giver.pk if asked.giver else None
    if isinstance(row, CarePlan):
        return "" if row.is_open else "ended"
    if row.state != Task.State.OPEN:
        return "settled"
    if row.assignee_id != giver:
        return "moved"
    return "reserved" if row.role and row.role not in roles else ""


def _roles_of(asked: Handing, actor: Actor, now: datetime) -> frozenset[str]:
    """The roles of who receives: a colleague who coordinates, there today, and not who gives."""
    members = at_work(now).filter(organization=actor.organization_id, account=asked.receiver)
    roles = frozenset(members.values_list("role", flat=True))
    if not roles & STEERING or asked.receiver == asked.giver:
        raise DomainError(
            "pathways.receiver",
            "Choisissez, pour recevoir ces suivis, un autre membre de l’équipe qui coordonne. Rien "
            "n’a changé de mains.",
        )
    return roles


def _locked_rows(actor: Actor, asked: Handing) -> list[Row]:
    """What was chosen, held still; tasks before plans, then told person by person.

    What is one’s own is as if it were not there: to refuse it would tell of it.
    """
    theirs = Q(person__in=any_of(asked.persons, "uuid"), assignee=asked.giver, state="open")
    chosen = theirs | Q(pk__in=any_of(asked.tasks, "uuid"))
    tasks = Task.objects.visible_to(actor).filter(chosen, organization=actor.organization_id)
    tasks = tasks.exclude(role=OWN)
    held = CarePlan.objects.visible_to(actor).filter(
        person__in=any_of(asked.persons, "uuid"),
        organization=actor.organization_id,
        referent=asked.giver,
    )
    found: list[Row] = []
    for rows in (tasks, held.open()):
        found += rows.order_by("pk").select_for_update(of=("self",))
    return sorted(found, key=lambda row: (str(row.person_id or ""), str(row.pk)))


def _kept(actor: Actor, asked: Handing, out: _Outcome, now: datetime) -> HandOver:
    if not out.tasks and not out.plans:
        raise DomainError(
            "pathways.nothing_moved",
            "Rien n’a changé de mains : ces lignes sont terminées, ou quelqu’un d’autre s’en "
            "occupe déjà. Rouvrez la page pour voir où elles en sont.",
        )
    made = HandOver(
        organization_id=actor.organization_id or UUID(int=0),
        giver=asked.giver,
        receiver=asked.receiver,
        reason=asked.reason,
        words=asked.words.strip()[:300],
        made_by_id=actor.signatory,
        made_at=now,
        tasks_moved=out.tasks,
        plans_moved=out.plans,
        refused=out.refused,
    )
    made.save(force_insert=True)
    later("cordee.pathways.jobs.handed.tell", hand_over_id=str(made.pk))
    return made
