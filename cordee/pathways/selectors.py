"""The worklist as screens read it: one table, one order, paged by key."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from cordee.access.actor import Actor
from cordee.access.fetched import Fetch, FetchAbout
from cordee.access.models import Account
from cordee.access.policy import get_visible
from cordee.access.sight import by_the_house
from cordee.access.stencil import Number, Stencil, run_at_once
from cordee.directory import selectors as directory
from cordee.directory.rules import absent_covered_by
from cordee.kernel.base import among, any_of
from cordee.kernel.memory import Lately
from cordee.kernel.patterns import Named
from cordee.kernel.prepared import Asked, Octets
from cordee.pathways import rules
from cordee.pathways.models import GateTask, ShownTask, Task, TaskQuerySet
from cordee.people.rules.traits import said_name
from cordee.vigilance import selectors as vigilance

PAGE = 50
COUNTED, FURTHEST = 51, 800  # rows that are told apart, and after which a box is not walked on
KEPT, SECONDS = 4_000, 300  # lines of a process, and how long one waits for who asks it again
COVERING = 1_000  # accounts of which a process remembers whom they cover
BOXES = tuple(Task.Box.values)
NOTHING = Asked("", [], binary=True)
ORDER = ("urgency", "sorts_at", "id")

Place = tuple[int, datetime, UUID]


@dataclass(frozen=True)
class Wanted:
    """What somebody filters the worklist by. `after` is where the previous page ended."""

    box: str = ""
    whose: str = "mine"  # mine · team · closely · put_off
    urgency: int | None = None
    after: str = ""
    person: UUID | None = None  # of whom alone


class _Columns(NamedTuple):
    """What a line is made of."""

    pk: UUID
    kind: str
    urgency: int
    since_at: datetime
    due_at: datetime | None
    sorts_at: datetime
    person_id: UUID | None
    used_first_name: str | None
    first_name: str | None
    first_names: str | None
    birth_name: str | None
    used_name: str | None
    sex: str | None
    assignee: str | None


class Line(_Columns):
    """A task as the list shows it, with the names it says. Made once of what says the same, and
    then shared by all who may read it."""

    said: tuple[datetime, datetime, Named] | None = None
    """As it was last written (`lines.py`): when, and until when it says so."""

    @property
    def who(self) -> str:
        """The name of the person, as one says it; nothing while nobody is named."""
        given = self.used_first_name or self.first_name or self.first_names or ""
        return said_name(given, self.birth_name or "", self.used_name or "", self.sex or "")

    @property
    def place(self) -> Place:
        """Where it stands in the one order."""
        return self.urgency, self.sorts_at, self.pk

    @property
    def asks(self) -> str:
        """What is asked of whoever reads."""
        return rules.KINDS[self.kind].asks

    @property
    def sorts_as(self) -> str:
        """Where it stands in the one order, as text that sorts so."""
        return f"{self.urgency}{self.sorts_at.timestamp():017.6f}{self.pk}"


HELD = {"assignee": "assignee__name", "person_id": "person"}  # where the view holds them
COLUMNS = tuple(HELD.get(name, name) for name in Line._fields)


@dataclass
class Worklist:
    """A page of the worklist, and how much waits in each box."""

    tasks: list[Line]
    counts: dict[str, int] = field(default_factory=dict)
    next: str = ""

    @property
    def persons(self) -> list[UUID]:
        """Whom the page names."""
        return [task.person_id for task in self.tasks if task.person_id]

    @property
    def all_told(self) -> tuple[str, ...]:
        """How much waits in all, then in each box."""
        return tuple(self.told(box) for box in ("", *Task.Box.values))

    def told(self, box: str = "") -> str:
        """How much waits in a box, or in all, as far as a screen counts."""
        count = self.counts.get(box, 0) if box else sum(self.counts.values())
        return f"{COUNTED - 1}+" if count >= COUNTED else str(count)


def worklist(actor: Actor, wanted: Wanted, now: datetime) -> Worklist:
    """One page, most urgent first: one trip, whatever its depth; more where some are hidden.

    The order is walked by its index through a window, and who may see what is judged on the rows
    of the window alone; when it hides some, the walk goes on. The walk and the counts go through a
    gate, beside the second lock; every row that is shown is read under it.
    """
    persons = _closely(actor, wanted)
    if wanted.whose == "closely" and not persons:
        return Worklist([])
    if wanted.person:
        persons = [wanted.person]
    window, tasks, counts = _first_window(actor, wanted, persons, now)
    while len(tasks) <= PAGE:  # some were hidden, or this is the end
        walked = _walked(window=window)
        if len(walked) < window.size:
            break
        window = window._replace(after=walked[-1], size=window.size * 4)
        tasks += _lines(window=window)
    if wanted.person:
        return Worklist(tasks[:PAGE])
    following = cursor_of(*tasks[PAGE - 1].place) if len(tasks) > PAGE else ""
    return Worklist(tasks[:PAGE], _counts(window.waits, counts), following)


class _Waits(NamedTuple):
    """What waits in the organisations of the actor, before who may see it is judged."""

    actor: Actor
    whose: str
    accounts: list[UUID]
    persons: list[UUID]
    now: datetime

    def rows(self) -> TaskQuerySet:
        """Say it as rows of the gate."""
        rows = GateTask.objects.open().filter(organization__in=self.actor.organizations)
        if self.persons:
            rows = rows.filter(person__in=self.persons)
        if self.whose == "put_off":
            return rows.filter(snoozed_until__gt=self.now)
        rows = rows.awake(self.now)
        if self.accounts:
            rows = rows.filter(Q(assignee=None) | Q(assignee__in=self.accounts))
        return rows


def _first_window(
    actor: Actor, wanted: Wanted, persons: list[UUID], now: datetime
) -> tuple["_Window", list[Line], list[tuple[str, int]]]:
    """What the first window shows, and what waits in each box, asked in one trip with who covers
    whom. Whom the actor covered is remembered to ask so: where it is no more what is read, all is
    asked again for what is."""
    is_mine, account = wanted.whose == "mine", actor.account_id
    accounts = _covering.get(account, [account]) if is_mine and account else []
    while True:
        waits = _Waits(actor, wanted.whose, accounts, persons, now)
        window = _Window(waits, wanted.box, wanted.urgency, _place(wanted.after), PAGE + 1)
        counted = NOTHING if wanted.person else _counting(waits, COUNTED, BOXES)
        covers = directory.asked_of_covers(now) if accounts else NOTHING
        tasks, counts, pairs = run_at_once(_lines.asked(window=window), counted, covers)
        if not account or not accounts or (mine := _mine(account, pairs)) == accounts:
            return window, tasks, counts
        _remember(account, mine)
        accounts = mine


def _mine(account: UUID, covers: list[tuple[UUID, UUID]]) -> list[UUID]:
    """Whose work an account looks at as its own: that of whom it covers too."""
    return [account, *sorted(absent_covered_by(covers, account))]


_covering: dict[UUID, list[UUID]] = {}
"""Whose work an account looked at when it last asked; nothing is shown by it."""


def _remember(account: UUID, mine: list[UUID]) -> None:
    if len(_covering) >= COVERING:
        _covering.clear()
    _covering[account] = mine


def _closely(actor: Actor, wanted: Wanted) -> list[UUID]:
    """Whom the structures of the actor follow more closely, when only they are asked for."""
    if wanted.whose != "closely":
        return []
    followed = list(vigilance.reinforced_persons(actor))
    return [one for one in followed if wanted.person in (None, one)]


class _Window(NamedTuple):
    """Some rows of the order, from a place on, before who may see them is judged."""

    waits: _Waits
    box: str
    urgency: int | None
    after: Place | None
    size: int

    def rows(self) -> TaskQuerySet:
        """Say it as rows of the gate, in their order."""
        rows = self.waits.rows()
        if self.box:
            rows = rows.filter(box=self.box)
        if self.urgency is not None:
            rows = rows.filter(urgency=self.urgency)
        if self.after:
            rows = rows.filter(TupleGreaterThan(Tuple(*ORDER), self.after))
        return rows.order_by(*ORDER)[: self.size]


def _line(octets: Octets, row: Callable[[int], tuple[Any, ...]], place: int) -> Line:
    return Line._make(row(place))


@partial(Stencil, met=Lately(_line, most=KEPT, seconds=SECONDS))
def _lines(window: _Window) -> QuerySet[ShownTask, Any]:
    """The rows of a window that the actor may see. The window is walked first, and once."""
    rows = ShownTask.objects.visible_to(window.waits.actor)
    rows = rows.filter(among("pk", ArraySubquery(window.rows().values("pk"))))
    return rows.order_by(*ORDER).values_list(*COLUMNS)


@Stencil
def _walked(window: _Window) -> QuerySet[GateTask, Any]:
    """Where the rows of a window stand, shown or hidden."""
    return window.rows().values_list(*ORDER)


def _counting(waits: _Waits, size: int, boxes: tuple[str, ...]) -> Asked:
    """How much waits in some boxes, as far as a screen tells (« 50+ »), among their first rows;
    and, less than zero, how many rows those are.

    The first rows of each box stand for the whole table: judged as they were walked, they are not
    looked for again.
    """
    walked, values = _first.said(waits=waits, size=size, boxes=boxes)
    counted, more = _counted.said(actor=waits.actor)
    if not walked or not counted:
        return NOTHING
    gate = GateTask._meta.db_table
    told = f"""WITH {gate} ({", ".join(JUDGED)}) AS MATERIALIZED ({walked})
        {counted} UNION ALL SELECT box, -count(*) FROM {gate} GROUP BY box"""  # noqa: S608
    return Asked(told, values + more, binary=True)


def _counts(waits: _Waits, told: list[tuple[str, int]]) -> dict[str, int]:
    """How much waits in each box. One whose first rows were hidden in part is walked on, alone."""
    size, counts = COUNTED, _seen(told)
    while size < FURTHEST and (short := _short(told, counts, size)):
        size *= 4
        (told,) = run_at_once(_counting(waits, size, short))
        counts |= _seen(told)
    return counts


def _short(told: list[tuple[str, int]], counts: dict[str, int], size: int) -> tuple[str, ...]:
    """The boxes that have more rows than were walked, and of which too few were shown."""
    return tuple(
        sorted(box for box, said in told if said == -size and counts.get(box, 0) < COUNTED)
    )


def _seen(told: list[tuple[str, int]]) -> dict[str, int]:
    return {box: count for box, count in told if count > 0}


JUDGED = [str(one.column) for one in GateTask._meta.concrete_fields]


@Stencil
def _first(waits: _Waits, size: int, boxes: tuple[str, ...]) -> QuerySet[GateTask, Any]:
    """The first rows of each of these boxes, so many."""
    rows = waits.rows().order_by(*ORDER)
    first, *others = [rows.filter(box=box)[:size] for box in boxes]
    return first.union(*others, all=True).values_list(*_NAMES)


_NAMES = [one.name for one in GateTask._meta.concrete_fields]


@Stencil
def _counted(actor: Actor) -> QuerySet[GateTask, Any]:
    """How many of them the actor may see, in each box."""
    seen = GateTask.objects.visible_to(actor).order_by().values("box")
    return seen.annotate(count=Count("pk")).values_list("box", "count")


def cursor_of(urgency: int, sorts_at: datetime, pk: UUID) -> str:
    """Write a place of the one order as an address carries it."""
    return urlsafe_b64encode(f"{urgency}|{sorts_at.isoformat()}|{pk}".encode()).decode()


def _place(cursor: str) -> Place | None:
    """Read where the previous page ended; a broken cursor begins again."""
    try:
        urgency, moment, pk = urlsafe_b64decode(cursor.encode()).decode().split("|")
        return Number(urgency), datetime.fromisoformat(moment), UUID(pk)
    except ValueError:
        return None


def get_task(actor: Actor, pk: UUID | str) -> Task:
    """One task that the actor may see. Raises Http404, traced."""
    task: Task = get_visible(actor, _tasks, pk)
    return task


_tasks = Fetch(lambda: Task.objects.select_related("person", "assignee"))


def records(actor: Actor) -> TaskQuerySet:
    """List the tasks that the actor may see, settled ones too, in no order. One query."""
    return Task.objects.visible_to(actor).select_related("organization", "assignee")


def colleagues(actor: Actor, now: datetime) -> list[Account]:
    """To whom a task may be handed over: active members of the actor's organisation."""
    if actor.organization_id is None:
        return []
    return list(directory.colleagues_in(actor.organization_id, now))


def of_person(actor: Actor, person_id: UUID) -> list[Task]:
    """What waits about one person, most urgent first. Two queries, planned once."""
    return _waiting(actor, person_id)


_waiting = FetchAbout(
    lambda: Task.objects.open().select_related("person", "assignee").order_by(*ORDER)
)


def open_about(origin: str, *kinds: str) -> TaskQuerySet:
    """Open tasks that one thing gave rise to, for the conductor."""
    rows = Task.objects.open().about(origin)
    return rows.filter(kind__in=kinds) if kinds else rows


def open_origins(*kinds: str) -> list[str]:
    """Give what open tasks of some kinds are about, for the conductor. One query."""
    rows = Task.objects.open().filter(kind__in=kinds)
    return sorted(set(rows.values_list("origin", flat=True)))


def open_for(person_id: UUID, kind: str) -> TaskQuerySet:
    """Open tasks of a kind about somebody, with those of a record that hers absorbed."""
    return Task.objects.open().filter(person=person_id, kind=kind)


def every_open(kind: str) -> TaskQuerySet:
    """Open tasks of a kind, for the conductor."""
    return Task.objects.open().filter(kind=kind).order_by("pk")


def asked_since(moment: datetime, kind: str, origins: list[str]) -> set[str]:
    """Of these origins, those for which such a task was opened since: it may be settled by now."""
    rows = Task.objects.filter(kind=kind, since_at__gte=moment, origin__in=any_of(origins, "text"))
    return set(rows.values_list("origin", flat=True))


@by_the_house
def asked_among(origins: list[str]) -> set[str]:
    """Say which of some things somebody is asked for on a worklist. One query.

    By the house: who has no worklist sees no task, only whether nobody is asked but them.
    """
    rows = Task.objects.open().filter(origin__in=any_of(origins, "text"))
    return set(rows.values_list("origin", flat=True))


def settled_since(moment: datetime, kind: str, origin: str) -> bool:
    """Say whether somebody settled such a task since: what was dropped is not. One query."""
    rows = Task.objects.about(origin).filter(kind=kind, state=Task.State.DONE)
    return rows.filter(settled_at__gte=moment).exists()


def open_of(account: UUID, organization: UUID) -> TaskQuerySet:
    """Open tasks that somebody holds in a structure, for the conductor."""
    return Task.objects.open().filter(assignee=account, organization=organization)


class _Due(Protocol):
    @property
    def due_at(self) -> datetime | None: ...


def is_late(task: _Due, now: datetime) -> bool:
    """Whether a task is past its time."""
    return task.due_at is not None and task.due_at < now


def is_soon(task: _Due, now: datetime) -> bool:
    """Whether a task is due within a quarter of an hour."""
    return task.due_at is not None and now <= task.due_at < now + timedelta(minutes=15)
