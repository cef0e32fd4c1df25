"""Queries that PostgreSQL plans once per connection: bound by it, not written into the text."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any, Self

from django.db import connection
from psycopg import RawCursor
from psycopg.pq import Format

KEPT = 2_000  # texts: those of all stencils, of which a house that lives asks a few hundred


def run(sql: str, parameters: Sequence[Any], *, binary: bool = True) -> list[tuple[Any, ...]]:
    """Run a statement through Django's wrappers, and give its rows, if it has any.

    `binary`: identifiers and moments are read without their text, which what the ORM makes of some
    columns (JSON) wants.
    """
    connection.ensure_connection()
    bound = _Written(connection.connection)
    bound.format = Format.BINARY if binary else Format.TEXT
    connection._prepare_cursor(bound).execute(sql, parameters)  # type: ignore[attr-defined]
    has_rows = bound.pgresult is not None and bound.pgresult.nfields > 0
    return bound.fetchall() if has_rows else []


class _Written(RawCursor[Any]):
    """A cursor whose texts are made ready once. The library does it at each run where a text is
    long (4,096 octets), as those that say who may see what are: 0.2 ms for one of 5,500."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(_numbered(query), params, **options)


@lru_cache(KEPT)
def _numbered(sql: str) -> bytes:
    """The same text as PostgreSQL wants it: its values are numbered."""
    numbers = count(1)
    said = _HOLE.sub(lambda hole: "%" if hole[0] == "%%" else f"${next(numbers)}", sql)
    return said.encode()


_HOLE = re.compile("%s|%%")
