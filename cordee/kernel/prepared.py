"""Queries that PostgreSQL plans once per connection: bound by it, not written into the text."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any, Self

from django.db import connection
from psycopg import OperationalError, RawCursor
from psycopg._preparing import Prepare
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, Format, TransactionStatus

KEPT = 2_000  # texts: those of all stencils, of which a house that lives asks a few hundred


def run(sql: str, parameters: Sequence[Any], *, binary: bool = True) -> list[tuple[Any, ...]]:
    """Run a statement through Django's wrappers, and give its rows, if it has any.

    `binary`: identifiers and moments are read without their text, which what the ORM makes of some
    columns (JSON) wants.
    """
    connection.ensure_connection()
    bound = _cursor_of(connection.connection)
    bound.format = Format.BINARY if binary else Format.TEXT
    connection._prepare_cursor(bound).execute(sql, parameters)  # type: ignore[attr-defined]
    has_rows = bound.pgresult is not None and bound.pgresult.nfields > 0
    return bound.fetchall() if has_rows else []


class _Written(RawCursor[Any]):
    """A cursor whose texts are made ready once. The library does it at each run where a text is
    long (4,096 octets), as those that say who may see what are: 0.2 ms for one of 5,500."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._tx = Transformer(self)

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        written = _numbered(query)
        if self._ran_at_once(written, params):
            return self
        return super().execute(written, params, **options)

    def _ran_at_once(self, written: bytes, params: Any) -> bool:
        """Run what this session has prepared by one call of libpq, which waits without holding the
        other threads: the library’s own steps cost as much again. All else is left to it."""
        session = self._conn
        if session.closed or not (session.autocommit or _is_begun(session)):
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


def _is_begun(session: Any) -> bool:
    return bool(session.pgconn.transaction_status != TransactionStatus.IDLE)


def _cursor_of(session: Any) -> _Written:
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
