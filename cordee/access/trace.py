"""Who looked, did or was refused: one line each, inserted without a lock before the answer."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

from cordee.access.actor import Actor
from cordee.access.sight import by_the_house, run_for
from cordee.access.stencil import Said, Stencil
from cordee.kernel.hand import Hand, working
from cordee.kernel.http import tracing
from cordee.kernel.prepared import run

_LINES = """INSERT INTO access_trace (kind, verb, role, account_id, practitioner_id,
    organization_id, purpose, origin, session, subject_kind, subject_id, persons, reason)
    SELECT %s, %s, %s, %s::uuid, %s::uuid, %s::uuid, %s, %s, %s, %s, %s, %s::uuid[], %s"""
_INSERT = f"{_LINES} FROM generate_series(1, %s)"
_BEGUN = f"""WITH told AS MATERIALIZED (SELECT set_config('cordee.gesture', %s, true))
    {_LINES} FROM told"""  # noqa: S608
_SHOWN = """SELECT EXISTS (SELECT 1 FROM access_trace
    WHERE account_id = %s AND session = %s AND kind IN ('list', 'read') AND verb = %s
      AND at > now() - interval '15 minutes' AND persons @> %s AND subject_id = %s
      AND role = %s AND organization_id IS NOT DISTINCT FROM %s::uuid AND purpose = %s)"""
_UNLESS_SHOWN = f"""WITH shown(just_now) AS MATERIALIZED ({_SHOWN}),
    told AS ({_LINES} FROM shown WHERE NOT just_now) SELECT just_now FROM shown"""  # noqa: S608
_READ = f"WITH {{reader}} seen AS MATERIALIZED ({{seen}}), told AS ({_LINES} FROM seen) TABLE seen"
_OF_THOSE = _LINES.replace("%s::uuid[]", "persons")
_LISTED = f"""WITH {{reader}} seen AS MATERIALIZED ({{seen}}),
    shown AS (SELECT array_agg(id ORDER BY id) AS persons
        FROM (SELECT id FROM seen ORDER BY id LIMIT %s) AS page),
    told AS ({_OF_THOSE} FROM shown WHERE persons IS NOT NULL)
    SELECT * FROM seen ORDER BY id"""  # noqa: S608


_told: ContextVar[set[UUID] | None] = ContextVar("told", default=None)


@contextmanager
def one_page() -> Iterator[None]:
    """Make one page of several views one line: whom it has already told of is not told again."""
    token = _told.set(set())
    try:
        yield
    finally:
        _told.reset(token)


_looks: ContextVar[list[list[Any]] | None] = ContextVar("looks", default=None)


@contextmanager
def looks_that_last() -> Iterator[None]:
    """Write again, after the rollback of the transaction within, the looks that were told in it.

    What was read was read all the same, and which refusal comes may tell it. Each line once.
    """
    outer = _looks.get()
    looks: list[list[Any]] = []
    token = _looks.set(looks)
    try:
        yield
    except Exception:
        if not connection.needs_rollback:  # else whoever stands around it writes them
            for line in {repr(one): one for one in looks}.values():
                with tracing():
                    run(_INSERT, [*line, 1])
        raise
    finally:
        _looks.reset(token)
        if outer is not None:
            outer += looks


def _looked(kind: str, line: list[Any]) -> None:
    looks = _looks.get()
    if looks is not None and kind in ("read", "list"):
        looks.append(line)


def _already_told(kind: str, persons: Iterable[UUID]) -> bool:
    told = _told.get() or set()
    return bool(told) and kind in ("read", "list") and told.issuperset(persons)


def _now_told(kind: str, persons: Iterable[UUID]) -> None:
    told = _told.get()
    if told is not None and kind in ("read", "list"):
        told.update(persons)


def _write(
    kind: str,
    actor: Actor,
    verb: str,
    subject: tuple[str, Any],
    persons: Iterable[UUID],
    reason: str = "",
) -> None:
    if _already_told(kind, persons):
        return
    _now_told(kind, persons)
    line = _line(kind, actor, verb, subject, persons, reason)
    with tracing():
        run(_INSERT, [*line, 1])
    _looked(kind, line)


def _write_unless_shown(
    kind: str, actor: Actor, verb: str, subject: tuple[str, Any], persons: list[UUID]
) -> None:
    """Write a line, unless the same session was shown the same just now, under the same hat: for
    another service, or in emergency, it is another look. One query."""
    if _already_told(kind, persons):
        return
    shown = [actor.account_id, actor.session_key[:8], verb, persons, str(subject[1] or "")]
    shown += [actor.role.value, actor.organization_id, actor.purpose.value]
    line = _line(kind, actor, verb, subject, persons)
    with tracing():
        ((was_shown,),) = run(_UNLESS_SHOWN, [*shown, *line])
    if not was_shown:
        _now_told(kind, persons)
        _looked(kind, line)


def _line(
    kind: str,
    actor: Actor,
    verb: str,
    subject: tuple[str, Any] = ("", ""),
    persons: Iterable[UUID] = (),
    reason: str = "",
) -> list[Any]:
    return [
        kind,
        verb,
        actor.role.value,
        actor.account_id,
        actor.practitioner_id,
        actor.organization_id,
        actor.purpose.value,
        actor.origin.value,
        actor.session_key[:8],
        subject[0],
        str(subject[1] or ""),
        list(persons),
        reason,
    ]


def _subject(record: Any) -> tuple[str, Any]:
    if isinstance(record, Model):
        return record._meta.label_lower, record.pk
    return "", ""


def _concerned(record: Any) -> list[UUID]:
    person = record.concerned() if hasattr(record, "concerned") else None
    return [person] if person else []


def read(actor: Actor, record: Model, *, refresh: object = False) -> None:
    """Say that a record was opened.

    A live refresh of what the same session has just opened adds no line.
    """
    kind, pk = _subject(record)
    persons = _concerned(record)
    write = _write_unless_shown if refresh else _write
    write("read", actor, f"{kind}.read", (kind, pk), persons)


def read_as_seen(
    actor: Actor, kind: str, subject_id: UUID, persons: Iterable[UUID], rows: Stencil, **named: Any
) -> list[tuple[Any, ...]]:
    """Fetch what a stencil sees of one record and say that it was opened, by one statement.

    Whoever sees nothing leaves no line here: the door says that they were refused.
    """
    sql, values = rows.said(actor=actor, **named)
    if not sql:
        return []
    line = _line("read", actor, f"{kind}.read", (kind, subject_id), persons)
    with tracing():
        seen = run_for(actor, _READ, sql, [*values, *line])
    if seen:
        _looked("read", line)
    return seen


def listed_as_seen(actor: Actor, kind: str, most: int, seen: Said) -> list[tuple[Any, ...]]:
    """Fetch persons whom a query sees, by their key, its first column (`id`), and say that the
    first ones, so many, were shown in a list, by one statement. Nobody is seen: no line."""
    sql, values = seen
    if not sql:
        return []
    *before, _, reason = _line("list", actor, f"{kind}.list", (kind, ""))
    with tracing():
        rows = run_for(actor, _LISTED, sql, [*values, most, *before, reason])
    if rows:
        shown = sorted((key for key, *_ in rows), key=attrgetter("int"))[:most]
        _looked("list", [*before, shown, reason])
    return rows


def listed(actor: Actor, kind: str, persons: Iterable[UUID], *, refresh: object = False) -> None:
    """Say that a list was shown: one line, with the identifiers of the persons on it.

    A live refresh that adds nobody to what the same session was just shown adds no line.
    """
    shown = sorted(set(persons), key=attrgetter("int"))
    if shown:
        write = _write_unless_shown if refresh else _write
        write("list", actor, f"{kind}.list", (kind, ""), shown)


def counted(actor: Actor, kind: str) -> None:
    """Say that figures were shown, which are about nobody by name: one line."""
    _write("list", actor, f"{kind}.list", (kind, ""), [])


def did(actor: Actor, verb: str, record: Any) -> None:
    """Say that a gesture was done, in the gesture's own transaction."""
    _write("act", actor, verb, _subject(record), _concerned(record))


def begun(actor: Actor, verb: str, gesture: str) -> None:
    """Say the same of a gesture about no record, as it begins: the database is told of both by one
    statement."""
    with tracing():
        run(_BEGUN, [gesture, *_line("act", actor, verb)])


def did_many(actor: Actor, verb: str, times: int, *, by: Hand | None = None) -> None:
    """Say that a gesture about no record was done so many times: as many lines, in one query. `by`:
    the hand that does it, where one is at work."""
    said = [*_line("act", actor, verb), times]
    with tracing(), working(by) as hand:
        hand.give(lambda cursor: cursor.execute(_INSERT, said))


def refused(
    actor: Actor, verb: str, record: Any = None, *, subject_id: Any = "", reason: str = ""
) -> None:
    """Say that somebody was refused, or asked for what they may not see."""
    subject = _subject(record) if record is not None else (verb.rpartition(".")[0], subject_id)
    _write("refused", actor, verb, subject, _concerned(record), reason)


@by_the_house
def refusals_from(session_key: str, verbs: set[str], within: timedelta) -> int:
    """Count the latest refusals of one source, up to a hundred. One query, by its own index.

    By the house: a visitor whose tries are counted is not told of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM (SELECT 1 FROM access_trace
            WHERE kind = 'refused' AND session = %s AND at > now() - make_interval(secs => %s)
              AND verb = ANY (%s)
            LIMIT 100) AS latest""",
            [session_key[:8], within.total_seconds(), sorted(verbs)],
        )
        (count,) = cursor.fetchone() or (0,)
        return int(count)


@by_the_house
def was_read(record: Model, *, by: UUID, since: datetime | None = None) -> bool:
    """Tell whether a professional opened a record, ever or since a moment. One query, by the person
    it is about.

    By the house: who works for somebody else does not see what was looked at, only whether.
    """
    kind, pk = _subject(record)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT 1 FROM access_trace WHERE kind = 'read' AND verb = %s
              AND persons @> %s AND subject_id = %s AND practitioner_id = %s
              AND at >= coalesce(%s::timestamptz, '-infinity'))""",
            [f"{kind}.read", _concerned(record), str(pk), by, since],
        )
        return bool(cursor.fetchone()[0])


def signed(actor: Actor, verb: str, reason: str = "") -> None:
    """Say that somebody signed in, out, failed to, or changed how they do."""
    _write("session", actor, verb, ("access.account", actor.account_id), [], reason)
