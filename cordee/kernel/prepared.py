"""Queries that PostgreSQL plans once per connection: bound by it, not written into the text."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg import Cursor
from psycopg.pq import Format


def run(sql: str, parameters: Sequence[Any], *, binary: bool = True) -> list[tuple[Any, ...]]:
    """Run a statement through Django's wrappers, and give its rows, if it has any.

    `binary`: identifiers and moments are read without their text, which what the ORM makes of some
    columns (JSON) wants.
    """
    connection.ensure_connection()
    bound = Cursor(connection.connection)
    bound.format = Format.BINARY if binary else Format.TEXT
    connection._prepare_cursor(bound).execute(sql, parameters)  # type: ignore[attr-defined]
    has_rows = bound.pgresult is not None and bound.pgresult.nfields > 0
    return bound.fetchall() if has_rows else []
