"""Who reads, told to the database: the second lock (ADR 0015) shows a session only what they know.

Each door says it once. A session to which nobody was named is shown nothing of anybody. Where a
door asks one thing alone, the statement says it itself, for as long as it runs (ADR 0050).
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection
from django.db.models import DateTimeField, Func
from psycopg.pq import TransactionStatus

from cordee.access.actor import ANONYMOUS, Actor, Purpose, Role
from cordee.kernel.facts import current_gesture
from cordee.kernel.prepared import run

HOUSE = Actor(role=Role.SYSTEM, name="Cordée", purpose=Purpose.TECHNICAL)  # reads; never acts
INERROR = TransactionStatus.INERROR
P = ParamSpec("P")
ReturnT = TypeVar("ReturnT")
FoundT = TypeVar("FoundT")

NAMES = ("", "_account", "_practitioner", "_organizations", "_territories", "_persons")
NARROWING = ("_profession", "_purpose", "_only", "_medium")
SETTINGS = tuple(f"cordee.reader{name}" for name in (*NAMES, *NARROWING))
_TELL = "SELECT " + ", ".join(f"set_config('{name}', %s, false)" for name in SETTINGS)
# One row, made before what hangs from it: by then the settings are told, and they last as long as
# the transaction, which is the statement. Were they told later, the session would be nobody’s
# still, and nothing would be seen.
_READER = f"""reader AS MATERIALIZED (SELECT
    {", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS)} AS told),"""
_SHOWN = """SELECT shown.* FROM reader CROSS JOIN LATERAL (
    SELECT * FROM ({seen}) AS one WHERE reader.told IS NOT NULL OFFSET 0) AS shown"""
_FROM_THE_START = f"-c {SETTINGS[0]}={Role.SYSTEM.value}"

_reader: ContextVar[Actor | None] = ContextVar("reader", default=None)


class RightsNow(Func):
    """The moment by which rights end: the clock of the database, not that of a late job."""

    function = "access_now"
    output_field = DateTimeField()


def house_from_the_start() -> None:
    """Have every connection of this process read as the house: commands, worker, carriers' link.

    Said to libpq itself, so that a connection opened again after a cut is the house's at once.
    """
    os.environ["PGOPTIONS"] = _FROM_THE_START


def reader() -> Actor:
    """Say for whom this session reads now."""
    told = _reader.get()
    return told if told is not None else _from_the_start()


def _from_the_start() -> Actor:
    return HOUSE if os.environ.get("PGOPTIONS") == _FROM_THE_START else ANONYMOUS


@contextmanager
def seen_by(actor: Actor) -> Iterator[None]:
    """Show the session what this actor knows, and afterwards what it showed before."""
    before = reader()
    token = _reader.set(actor)
    try:
        _tell(before, actor)
        yield
    finally:
        _reader.reset(token)
        _tell(actor, before)


@contextmanager
def seen_by_found(
    find: Callable[[], FoundT], actor_of: Callable[[FoundT], Actor]
) -> Iterator[FoundT]:
    """Look for who comes in with the eyes of the house, which knows nobody yet; then show the
    session what they know, and afterwards what it showed before.

    One statement less than `by_the_house`, then `seen_by`: nothing is shown in between.
    """
    before = reader()
    token = _reader.set(HOUSE)
    try:
        _tell(before, HOUSE)
        found = find()
        _reader.set(actor_of(found))
        _tell(HOUSE, reader())
        yield found
    finally:
        last = reader()
        _reader.reset(token)
        _tell(last, before)


def run_for(actor: Actor, statement: str, seen: str, values: Sequence[Any]) -> list[Any]:
    """Run one statement that shows a query what an actor knows, and nothing afterwards.

    `statement` holds `{reader}`, where its first set goes, and `{seen}`, the query. Once somebody
    was named, or where others run in the same transaction, it is the session that shows it.
    """
    if reader() is ANONYMOUS and not connection.in_atomic_block:
        return run(_alone(statement, seen), [*_settings(actor), *values])
    with seen_by(actor):
        return run(statement.format(reader="", seen=seen), values)


@lru_cache(1_000)
def _alone(statement: str, seen: str) -> str:
    return statement.format(reader=_READER, seen=_SHOWN.format(seen=seen))


def by_the_house(function: Callable[P, ReturnT]) -> Callable[P, ReturnT]:
    """Let a selector look with more than the actor’s eyes: its docstring says why.

    Whatever it gives back must have been read by then: a lazy queryset is judged when it is run.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> ReturnT:
        if current_gesture() is not None:  # a gesture already reads everything
            return function(*args, **kwargs)
        with seen_by(HOUSE):
            return function(*args, **kwargs)

    return run


def hearers(lines: Sequence[int], readers: Sequence[Actor]) -> list[set[int]]:
    """Say, of many readers at once, which lines of the thread the second lock lets each hear of.

    One query; the session keeps its own reader.
    """
    if not lines or not readers:
        return [set() for _ in readers]
    told = [tuple(_settings(one)) for one in readers]
    # Several screens of one account, or several accounts of one desk: asked once.
    heard: dict[tuple[str, ...], set[int]] = {one: set() for one in told}
    kinds = list(heard)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, line FROM access_hearers(%s, %s)", [list(lines), json.dumps(kinds)]
        )
        for place, line in cursor.fetchall():
            heard[kinds[place - 1]].add(line)
    return [heard[one] for one in told]


def _tell(before: Actor, actor: Actor) -> None:
    if actor is before:
        return
    told = _settings(actor)
    if told != _settings(before) and not _is_lost():
        run(_TELL, told)
        connection.connection.is_told = told != _settings(_from_the_start())


def _is_lost() -> bool:
    """After an error nothing more can be told; the rollback brings back what was told before."""
    session = connection.connection
    failed = session is not None and session.info.transaction_status == INERROR
    return failed or (connection.in_atomic_block and connection.needs_rollback)


def _settings(actor: Actor) -> list[str]:
    """What the session is told of an actor: worked out once, and changed by nobody."""
    if "settings" not in actor.memory:
        actor.memory["settings"] = _settings_of(actor)
    found: list[str] = actor.memory["settings"]
    return found


def _settings_of(actor: Actor) -> list[str]:
    role = "" if actor.role is Role.ANONYMOUS else actor.role.value
    if role in ("", Role.SYSTEM.value):
        return [role] + [""] * 2 + ["{}"] * 3 + [""] * 4
    return [
        role,
        str(actor.account_id or ""),
        str(actor.practitioner_id or ""),
        _listed(actor.organizations),
        _listed(actor.territories),
        _listed(actor.person_ids),
        actor.profession,
        actor.purpose.value,
        str(actor.only_person or ""),
        "system" if actor.by_software else "screen",
    ]


def _listed(identifiers: Iterable[object]) -> str:
    return "{" + ",".join(sorted(map(str, identifiers))) + "}"
