"""Queries that PostgreSQL plans once per connection: bound by it, not written into the text."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple, Self

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import OperationalError, RawCursor
from psycopg._preparing import Prepare, PrepareManager
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.errors import FeatureNotSupported
from psycopg.generators import fetch_many, send
from psycopg.pq import ConnStatus, Format, TransactionStatus

from cordee.kernel.memory import Lately

KEPT = 2_000  # texts: those of all stencils, of which a house that lives asks a few hundred


Octets = tuple[Any, ...]
Met = Lately[Octets, Any]
"""Rows that were lately read, by the types and the octets of their columns: those that come again
with the same, whoever asks, are not made again. It is told where to read a row that it has not met.
"""


def run(
    sql: str, parameters: Sequence[Any], binary: bool = True, met: Met | None = None
) -> list[Any]:
    """Run a statement through Django's wrappers, and give its rows, if it has any.

    `binary`: identifiers and moments are read without their text, which what the ORM makes of some
    columns (JSON) wants. `met`: what makes rows of this statement, and of it alone.
    """
    here = connections[DEFAULT_DB_ALIAS]  # the proxy looks for it at each word
    here.ensure_connection()
    bound = cursor_of(here.connection)
    bound.format = Format.BINARY if binary else Format.TEXT
    here._prepare_cursor(bound).execute(sql, parameters)  # type: ignore[attr-defined]
    has_rows = bound.pgresult is not None and bound.pgresult.nfields > 0
    return bound.rows(met) if has_rows else []


class Asked(NamedTuple):
    """A statement as `run` is given it."""

    sql: str
    values: Sequence[Any]
    binary: bool
    met: Met | None = None


def run_in_one_trip(asked: Sequence[Asked]) -> list[list[Any] | None]:
    """Run statements that only read in one trip, through Django’s wrappers, and give the rows of
    each. None: this session has not prepared it yet, it is for `run`.

    Each trip costs a page a wait, during which its process makes no other. ADR 0051.
    """
    if not asked:
        return []
    here = connections[DEFAULT_DB_ALIAS]
    here.ensure_connection()
    together = _Together(cursor_of(here.connection), asked)
    here._prepare_cursor(together).execute(together.said)  # type: ignore[attr-defined]
    return together.rows


class _Said(NamedTuple):
    query: bytes


class _Written(RawCursor[Any]):
    """A cursor whose texts are made ready once. The library does it at each run where a text is
    long (4,096 octets), as those that say who may see what are: 0.2 ms for one of 5,500."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._tx = Transformer(self)

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        written = _numbered(query)
        try:
            if not self._ran_at_once(written, params):
                super().execute(written, params, **options)
        except FeatureNotSupported:
            _forget(self._conn)
            raise
        # Where Django’s log of statements looks: of what it prepares the library says nothing.
        self._query = _Said(written)  # type: ignore[assignment]
        return self

    def _ran_at_once(self, written: bytes, params: Any) -> bool:
        """Run what this session has prepared by one call of libpq, which waits without holding the
        other threads: the library’s own steps cost as much again. All else is left to it."""
        session = self._conn
        if not _is_at_hand(session):
            return False
        with session.lock:
            self._reset()
            asked = self._convert_query(written, params)
            prepared, name = session._prepared.get(asked, None)  # noqa: SLF001
            if prepared is not Prepare.YES:
                return False
            values: Any = asked.params
            told = session.pgconn.exec_prepared(name, values, asked.formats, self.format)
            session._prepared.maybe_add_to_cache(asked, prepared, name)  # noqa: SLF001
        if session.pgconn.status == ConnStatus.BAD:
            raise OperationalError("the server hung up")
        self._check_results([told])
        self._set_results([told])
        return True

    def rows_of(self, results: list[Any], met: Met | None) -> list[Any]:
        """Read what a statement of this session gave. Raises what it failed of."""
        self._reset()
        self._check_results(results)
        self._set_results(results)
        return self.rows(met)

    def rows(self, met: Met | None) -> list[Any]:
        """The rows of what was just run; those that were met are given as they were made."""
        if met is None:
            return self.fetchall()
        told: Any = self.pgresult
        octets, columns = told.get_value, range(told.nfields)
        types = tuple([told.ftype(column) for column in columns])
        return [
            met((types, *[octets(place, column) for column in columns]), self._row, place)
            for place in range(told.ntuples)
        ]

    def _row(self, place: int) -> tuple[Any, ...]:
        found: list[tuple[Any, ...]] = self._tx.load_rows(place, place + 1, self._make_row)
        return found[0]


class _Together:
    """Several statements as one cursor: Django’s wrappers see one."""

    def __init__(self, bound: _Written, asked: Sequence[Asked]) -> None:
        self.bound, self.asked = bound, asked
        self.rows: list[list[Any] | None] = [None] * len(asked)
        self.said = ";\n".join([one.sql for one in asked])
        self._query = _Said(self.said.encode())

    def execute(self, _: str) -> None:
        """Run those that are prepared, and read what each gives."""
        session: Any = self.bound._conn  # noqa: SLF001
        if not _is_at_hand(session):
            return
        with session.lock:
            said = {place: self._sent(one) for place, one in enumerate(self.asked)}
            ready = {place: sent for place, sent in said.items() if sent}
            given = session.wait(_in_one_trip(session.pgconn, list(ready.values())))
        try:
            for place, results in zip(ready, given, strict=True):
                self.rows[place] = self.bound.rows_of(results, self.asked[place].met)
        except FeatureNotSupported:
            _forget(session)
            raise

    def _sent(self, one: Asked) -> tuple[Any, ...] | None:
        session: Any = self.bound._conn  # noqa: SLF001
        said = self.bound._convert_query(_numbered(one.sql), one.values)  # noqa: SLF001
        prepared, name = session._prepared.get(said, None)  # noqa: SLF001
        if prepared is not Prepare.YES:
            return None
        session._prepared.maybe_add_to_cache(said, prepared, name)  # noqa: SLF001 — asked lately
        return name, said.params, said.formats, Format.BINARY if one.binary else Format.TEXT


def _in_one_trip(server: Any, sent: list[tuple[Any, ...]]) -> PQGen[list[Any]]:
    """Send what is prepared, then read what each gives."""
    server.enter_pipeline_mode()
    try:
        for one in sent:
            server.send_query_prepared(*one)
        server.pipeline_sync()
        yield from send(server)
        given = []
        for _ in range(len(sent) + 1):  # the last is the end of the trip
            given.append((yield from fetch_many(server)))
    finally:
        if server.status != ConnStatus.BAD:
            server.exit_pipeline_mode()
    return given[:-1]


def _forget(session: Any) -> None:
    """Prepare all anew: a migration changed what a statement gives, which PostgreSQL refuses until
    it is. It is told now, or, where a transaction is to be undone first, by what undoes it."""
    with session.lock:
        PrepareManager.clear(session._prepared)  # noqa: SLF001
        if session.pgconn.transaction_status != TransactionStatus.INERROR:
            session.wait(session._prepared.maintain_gen(session))  # noqa: SLF001


def _is_at_hand(session: Any) -> bool:
    """Whether a session may be asked without the library’s own beginning of a transaction."""
    if session.closed:
        return False
    begun = session.pgconn.transaction_status != TransactionStatus.IDLE
    return bool(session.autocommit or begun)


def cursor_of(session: Any) -> _Written:
    """The one cursor of a session: what a statement gave is read before another is run."""
    found: _Written | None = getattr(session, "written", None)
    if found is None:
        found = session.written = _Written(session)
    return found


@lru_cache(KEPT)
def _numbered(sql: str) -> bytes:
    """The same text as PostgreSQL wants it: its values are numbered."""
    numbers = count(1)
    said = _HOLE.sub(lambda hole: "%" if hole[0] == "%%" else f"${next(numbers)}", sql)
    return said.encode()


_HOLE = re.compile("%s|%%")
