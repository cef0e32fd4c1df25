"""The worklist as screens read it: one table, one order, paged by key."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.access.policy import get_visible
from cordee.directory import selectors as directory
from cordee.directory.models import Membership
from cordee.pathways.models import GateTask, Task, TaskQuerySet

PAGE = 50
COUNTED = 100
ORDER = ("urgency", "sorts_at", "id")


@dataclass(frozen=True)
class Wanted:
    """What somebody filters the worklist by. `after` is where the previous page ended."""

    box: str = ""
    whose: str = "mine"  # mine · team · put_off
    urgency: int | None = None
    after: str = ""


@dataclass
class Worklist:
    """A page of the worklist, and how much waits in each box."""

    tasks: list[Task]
    counts: dict[str, int] = field(default_factory=dict)
    next: str = ""

    def told(self, box: str = "") -> str:
        """How much waits in a box, or in all, as far as a screen counts."""
        count = self.counts.get(box, 0) if box else sum(self.counts.values())
        return f"{COUNTED - 1}+" if count >= COUNTED else str(count)


def worklist(actor: Actor, wanted: Wanted, now: datetime) -> Worklist:
    """One page, most urgent first: three queries, whatever its depth and whatever waits.

    The order is walked by its index through a window, and who may see what is judged on the rows
    of the window alone; when it hides some, the walk goes on. The walk and the counts go through a
    gate, beside the second lock; every row that is shown is read under it.
    """
    waiting = _waiting(actor, wanted, now)
    tasks: list[Task] = []
    after, size = wanted.after, PAGE + 1
    while len(tasks) <= PAGE:
        rows = _in_order(waiting.filter(**_narrowed(wanted)), after)
        window = list(rows.values_list(*ORDER)[:size])
        seen = Task.objects.visible_to(actor).filter(pk__in=[row[-1] for row in window])
        tasks += seen.select_related("person", "assignee").order_by(*ORDER)
        if len(window) < size:
            break
        after, size = _cursor(*window[-1]), size * 4
    following = _cursor(*_place(tasks[PAGE - 1])) if len(tasks) > PAGE else ""
    return Worklist(tasks[:PAGE], _counts(actor, waiting), following)


def _waiting(actor: Actor, wanted: Wanted, now: datetime) -> TaskQuerySet:
    """What waits in the organisations of the actor, before who may see it is judged."""
    rows = GateTask.objects.open().filter(organization__in=actor.organizations)
    if wanted.whose == "put_off":
        return rows.filter(snoozed_until__gt=now)
    rows = rows.awake(now)
    if wanted.whose == "mine" and actor.account_id:
        covered = directory.accounts_covered_by(actor.account_id, now)
        rows = rows.filter(Q(assignee=None) | Q(assignee__in=[actor.account_id, *covered]))
    return rows


def _in_order(rows: TaskQuerySet, after: str) -> TaskQuerySet:
    return (rows.filter(_beyond(after)) if after else rows).order_by(*ORDER)


def _counts(actor: Actor, waiting: TaskQuerySet) -> dict[str, int]:
    """How much waits in each box, counted as far as a screen tells: a hundred is « 99+ »."""
    boxes = [
        waiting.filter(box=box).order_by(*ORDER).values("pk")[:COUNTED] for box in Task.Box.values
    ]
    some = GateTask.objects.filter(pk__in=boxes[0].union(*boxes[1:], all=True))
    seen = some.visible_to(actor).order_by().values_list("box").annotate(count=Count("pk"))
    return dict(seen.values_list("box", "count"))


def _narrowed(wanted: Wanted) -> dict[str, object]:
    filters: dict[str, object] = {}
    if wanted.box:
        filters["box"] = wanted.box
    if wanted.urgency is not None:
        filters["urgency"] = wanted.urgency
    return filters


def _place(task: Task) -> tuple[int, datetime, UUID]:
    return task.urgency, task.sorts_at, task.pk


def _cursor(urgency: int, sorts_at: datetime, pk: UUID) -> str:
    return urlsafe_b64encode(f"{urgency}|{sorts_at.isoformat()}|{pk}".encode()).decode()


def _beyond(cursor: str) -> Q:
    """What comes after a cursor in the one order; a broken cursor begins again."""
    try:
        urgency, moment, pk = urlsafe_b64decode(cursor.encode()).decode().split("|")
        place = int(urgency), datetime.fromisoformat(moment), UUID(pk)
    except ValueError:
        return Q()
    return Q(TupleGreaterThan(Tuple("urgency", "sorts_at", "id"), place))


def get_task(actor: Actor, pk: UUID | str) -> Task:
    """One task that the actor may see. Raises Http404, traced."""
    return get_visible(actor, Task.objects.select_related("person", "assignee"), pk)


def colleagues(actor: Actor, now: datetime) -> list[Account]:
    """To whom a task may be handed over: active members of the actor's organisation."""
    if actor.organization_id is None:
        return []
    members = Membership.objects.filter(
        directory.current_memberships(now), organization=actor.organization_id
    )
    return list(
        Account.objects.filter(is_active=True, pk__in=members.values("account")).order_by(
            "name", "pk"
        )
    )


def of_person(actor: Actor, person_id: UUID) -> TaskQuerySet:
    """What waits about one person, most urgent first. One query."""
    rows = Task.objects.visible_to(actor).open().filter(person=person_id)
    return rows.select_related("person", "assignee").order_by("urgency", "sorts_at", "id")


def open_about(origin: str, *kinds: str) -> TaskQuerySet:
    """Open tasks that one thing gave rise to, for the conductor."""
    rows = Task.objects.open().about(origin)
    return rows.filter(kind__in=kinds) if kinds else rows


def is_late(task: Task, now: datetime) -> bool:
    """Whether a task is past its time."""
    return task.due_at is not None and task.due_at < now


def is_soon(task: Task, now: datetime) -> bool:
    """Whether a task is due within a quarter of an hour."""
    return task.due_at is not None and now <= task.due_at < now + timedelta(minutes=15)
