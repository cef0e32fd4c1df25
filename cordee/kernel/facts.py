"""The thread: what happened, said once, chained, and heard by the rooms above.

A fact is a frozen dataclass of identifiers and codes, never free clinical text. `publish` works
only inside an `@action`: the line, the rows that the gesture changed and the jobs of the listeners
are one commit.
"""

import dataclasses
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform
from uuid import UUID

import orjson
from django.db import connection

from cordee.kernel.errors import Unruled
from cordee.kernel.hand import Hand, working
from cordee.kernel.prepared import run

if TYPE_CHECKING:
    from cordee.kernel.queue import Later


@dataclass(frozen=True, slots=True)
class Gesture:
    """Who is doing what, when and through which door, while an action runs."""

    actor: dict[str, str]
    verb: str
    origin: str
    now: datetime


_gesture: ContextVar[Gesture | None] = ContextVar("gesture", default=None)


def current_gesture() -> Gesture | None:
    """Return the gesture under way, if any."""
    return _gesture.get()


@contextmanager
def during(gesture: Gesture) -> Iterator[None]:
    """Name the gesture that what follows belongs to."""
    token = _gesture.set(gesture)
    try:
        yield
    finally:
        _gesture.reset(token)


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Fact:
    """Base of all facts: `class Filled(Fact, kind="broker.filled"): …` is a frozen dataclass.

    One without a kind holds what others share, and is never published.

    `thread` and `subject` name the fields that hold the person and the thing spoken of. The first
    line of the docstring is what the thread shows. `undoes` names the kind of a line about the same
    thing that is to be read as if it had not happened: it was written by mistake, and stays.
    `turn` names, for lines that have no thread, the field whose lines are heard one after another:
    one that cannot be heard holds back those of its turn alone. Without it, all of its kind wait.
    `waits_for` names the kind that they wait for too, as if they were of it: what says that a thing
    is over is never heard before what said that it began.
    """

    kind: ClassVar[str]
    thread: ClassVar[str | None] = None
    subject: ClassVar[str | None] = None
    turn: ClassVar[str | None] = None
    waits_for: ClassVar[str] = ""
    undoes: ClassVar[str] = ""
    known: ClassVar[dict[str, type["Fact"]]] = {}

    def __init_subclass__(cls, kind: str = "") -> None:
        dataclass(frozen=True, kw_only=True)(cls)
        if not kind:
            return
        if kind in Fact.known and Fact.known[kind].__qualname__ != cls.__qualname__:
            raise TypeError(f"two facts are called {kind}")
        cls.kind = kind
        Fact.known[kind] = cls


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A line as it was kept; `data` holds strings, numbers and lists of them."""

    id: int
    kind: str
    thread_id: UUID | None
    happened_at: datetime
    recorded_at: datetime
    origin: str
    subject: str
    actor: dict[str, str]
    data: dict[str, Any]


def plain(value: Any) -> Any:
    """Turn a field of a fact into what JSON holds. Raises TypeError on anything that is not an
    identifier, a code, a number, a moment or a list of these."""
    match value:
        case None | bool() | int() | str():
            return str(value) if isinstance(value, str) else value
        case UUID():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case list() | tuple() | frozenset():
            return [plain(item) for item in value]
    raise TypeError(f"a fact holds identifiers and codes, not {type(value).__name__}")


def publish(fact: Fact, *, happened_at: datetime | None = None) -> int:
    """Append the fact to its thread and queue its listeners, in the gesture's transaction.

    Returns the line's number. Raises Unruled outside of an action.
    """
    from cordee.kernel.queue import later_many

    gesture = _writing(fact)
    line = _line(fact, happened_at, gesture, json.dumps(gesture.actor))
    said = "SELECT kernel_append(%s, %s, %s, %s, %s, %s, %s)"
    ((fact_id,),) = run(said, list(line.values()))
    if heard := _hearings(fact, line):
        later_many([job._replace(identifiers={"fact_id": fact_id}) for job in heard])
    return int(fact_id)


APPEND = "SELECT FROM kernel_append_set(%s)"
APPEND_AND_QUEUE = """WITH line AS MATERIALIZED (SELECT place, id FROM kernel_append_set(%s))
    SELECT procrastinate_defer_jobs_v1(ARRAY(
        SELECT jsonb_populate_record(
            NULL::procrastinate_job_to_defer_v1,
            CASE WHEN line.id IS NULL THEN job
                 ELSE jsonb_set(job, '{args,fact_id}', to_jsonb(line.id)) END)
        FROM jsonb_array_elements(%s) WITH ORDINALITY AS queued(job, rank)
        LEFT JOIN line ON line.place = (job->>'line')::bigint
        ORDER BY rank))"""


def publish_many(
    facts: Sequence[Fact], *, jobs: "Sequence[Later]" = (), by: Hand | None = None
) -> None:
    """Append facts to their threads, in this order, and queue their listeners: as `publish` would
    one by one, in one query. `jobs`: queued after those who listen, by that query too. `by`: the
    hand that does it, where one is at work. Raises Unruled outside of an action."""
    from cordee.kernel.queue import said_of

    if not facts and not jobs:  # a phone that asks, with nothing to send
        return
    lines = _lines(facts)
    said = [orjson.dumps(lines, default=plain).decode()]
    pairs = enumerate(zip(facts, lines, strict=True), 1)
    heard = [(place, job) for place, (fact, line) in pairs for job in _hearings(fact, line)]
    places = [place for place, _ in heard] + [None] * len(jobs)
    if queued := said_of([*(job for _, job in heard), *jobs]):
        numbered = [job | {"line": place} for job, place in zip(queued, places, strict=True)]
        said.append(orjson.dumps(numbered).decode())
    sql = APPEND_AND_QUEUE if queued else APPEND

    with working(by) as hand:
        hand.give(lambda cursor: cursor.execute(sql, said))


def _writing(fact: Fact) -> Gesture:
    """The gesture in which a fact is published. Raises Unruled where there is none."""
    gesture = _gesture.get()
    if gesture is None or not connection.in_atomic_block:
        raise Unruled(f"{fact.kind} published outside of an action")
    return gesture


def _lines(facts: Sequence[Fact]) -> list[dict[str, Any]]:
    """Say facts of one gesture."""
    if not facts:
        return []
    gesture = _writing(facts[0])
    actor = json.dumps(gesture.actor)
    return [_line(fact, None, gesture, actor) for fact in facts]


def _line(fact: Fact, happened_at: datetime | None, gesture: Gesture, actor: str) -> dict[str, Any]:
    """Say a fact in the words of `kernel_append`, in its order."""
    names = _names_of(type(fact))  # type: ignore[arg-type]  # a class may be a key
    data = {name: plain(getattr(fact, name)) for name in names}
    return {
        "kind": fact.kind,
        "thread": getattr(fact, fact.thread) if fact.thread else None,
        "happened_at": happened_at or gesture.now,
        "origin": gesture.origin,
        "subject": str(getattr(fact, fact.subject) or "") if fact.subject else "",
        "actor": actor,
        "data": orjson.dumps(data).decode(),
    }


@cache
def _names_of(kind: type[Fact]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))  # type: ignore[arg-type]


_listeners: dict[str, list[str]] = defaultdict(list)
_only: dict[str, Callable[[Any], bool]] = {}


def listens(
    *kinds: str, only: Callable[[Any], bool] | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function of an upper room hear facts: at least once, in thread order.

    All the functions of a room share that order: one that a dying worker leaves undone holds back
    what the others would hear after it. The function receives `fact: StoredFact` and must be
    idempotent. `only`: whether there is anything to hear in a fact, by what it says itself; of the
    others no job is queued, as for the hundreds of notes of a history that nobody waits for.
    """
    from cordee.kernel.queue import job

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        def hear(*, fact_id: int) -> None:
            function(fact=stored(fact_id))

        hear.__module__, hear.__name__ = function.__module__, function.__name__
        job(queue="facts", attempts=12)(hear)
        name = f"{function.__module__}.{function.__name__}"
        for kind in kinds:
            _listeners[kind].append(name)
        if only is not None:
            _only[name] = only
        return function

    return decorate


def listeners_of(kind: str) -> list[str]:
    """The dotted names of those who hear a kind of fact."""
    return list(_listeners.get(kind, ()))


def _hearings(fact: Fact, line: dict[str, Any]) -> "list[Later]":
    """Those who hear a line, whose number is still to be told to them."""
    from cordee.kernel.queue import Later

    kind, queue = line["kind"], line["thread"] or _turn_of(fact)
    return [
        Later(name, None, {}, f"{name.rpartition('.')[0]}:{queue}")
        for name in listeners_of(kind)
        if name not in _only or _only[name](fact)
    ]


def _turn_of(fact: Fact) -> str:
    """Say with which others a line of no thread is heard in order."""
    own, kind = getattr(fact, fact.turn) if fact.turn else None, fact.waits_for or fact.kind
    return f"{kind}:{own}" if own else kind


_COLUMNS = """fact.id, fact.kind, fact.thread_id, fact.happened_at, fact.recorded_at,
    fact.origin, content.subject, content.actor, content.data"""


def _stored(row: tuple[Any, ...]) -> StoredFact:
    *head, actor, data = row
    return StoredFact(*head, *map(_parsed, (actor, data)))


def _parsed(kept: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kept) if isinstance(kept, str) else kept or {}
    return found


def stored(fact_id: int) -> StoredFact:
    """Read one line again. Raises LookupError when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {_COLUMNS} FROM kernel_fact fact
            LEFT JOIN kernel_fact_content content
                ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
            WHERE fact.id = %s""",  # noqa: S608
            [fact_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise LookupError(f"no line {fact_id}")
    return _stored(row)


def unheard(listener: str, kinds: Collection[str]) -> list[StoredFact]:
    """List the lines of some kinds that a listener has not heard yet, because their turn has not
    come, oldest first. What is being heard, or waits to be tried again, is not among them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {_COLUMNS} FROM procrastinate_jobs job
            JOIN kernel_fact fact ON fact.id = (job.args->>'fact_id')::bigint
            LEFT JOIN kernel_fact_content content
                ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
            WHERE job.task_name = %s AND job.status = 'todo' AND job.attempts = 0
                AND fact.kind = ANY (%s)
            ORDER BY fact.id""",  # noqa: S608
            [listener, list(kinds)],
        )
        return [_stored(row) for row in cursor.fetchall()]


def feed_end() -> tuple[int, int]:
    """The cursor of `feed` past every line that it would give now. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1")
        return int(cursor.fetchone()[0]), 2**63 - 1


def feed(after: tuple[int, int], limit: int = 500) -> list[tuple[tuple[int, int], StoredFact]]:
    """Lines committed after a cursor (transaction, line), oldest first, none missed nor doubled.

    Lines of transactions that an older one still under way could precede are left for later.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT fact.transaction_id, {_COLUMNS} FROM kernel_fact fact
            LEFT JOIN kernel_fact_content content
                ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
            WHERE (fact.transaction_id, fact.id) > (%s, %s)
              AND fact.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            ORDER BY fact.transaction_id, fact.id LIMIT %s""",  # noqa: S608
            [*after, limit],
        )
        rows = cursor.fetchall()
    return [((row[0], row[1]), _stored(row[1:])) for row in rows]
