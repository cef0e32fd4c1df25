"""Records: rows with an owner's rule, a version number, and their previous states kept."""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain, islice
from typing import Any, ClassVar, Self, cast
from uuid import UUID

from django.db import connection, models

from cordee.access.actor import Actor
from cordee.access.policy import visible
from cordee.kernel.base import Table


@dataclass(frozen=True)
class Privacy:
    """What each column is, by name: scrubbed copies, exports and retention read it."""

    identifying: str = ""
    clinical: str = ""
    plain: str = ""

    def columns(self) -> dict[str, str]:
        """Column name → class."""
        return {
            name: kind
            for kind in ("identifying", "clinical", "plain")
            for name in getattr(self, kind).split()
        }


class RecordQuerySet(models.QuerySet[Any]):
    """A queryset that knows how to narrow itself to an actor."""

    def visible_to(self, actor: Actor) -> Self:
        """Only the rows that the actor may see."""
        return visible(self, actor)  # type: ignore[return-value]


class Record(Table):
    """A row of care. Triggers refuse to write it outside of an action, count its versions and keep
    each previous state; see `access/sql/records.sql`."""

    privacy: ClassVar[Privacy]
    person_path: ClassVar[str] = "person_id"

    created_at = models.DateTimeField("créé le", auto_now_add=True)
    updated_at = models.DateTimeField("modifié le", auto_now=True)
    version = models.PositiveIntegerField("version", default=1, editable=False)

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    def concerned(self) -> UUID | None:
        """The person that this row is about, for the trace; None if it is about nobody."""
        value: Any = self
        for step in self.person_path.split("."):
            value = getattr(value, step, None)
        return cast("UUID | None", value)


SLICE = 2_500
SAID = frozenset({UUID, datetime, date, time, Decimal})


def insert_rows(
    model: type[Record], rows: Iterable[Mapping[str, Any]], *, unless: str = ""
) -> set[UUID]:
    """Write new rows of one table by sets, inside a gesture, and return the identifiers written.

    Rows name the same columns, identifier included, bytes in hexadecimal ("\\x…"); the others
    take their default. `unless`: the conflict for which a row is left out. The next rows are made
    ready while the database writes those before: making them should ask it nothing.
    """
    coming = iter(rows)
    first = next(coming, None)
    if first is None:
        return set()
    insert, usual = _insertion(model, first, unless)
    connection.ensure_connection()
    session = connection.connection

    def write(said: str) -> list[tuple[UUID]]:
        return cast("list[tuple[UUID]]", session.execute(insert, [usual, said]).fetchall())

    with ThreadPoolExecutor(max_workers=1) as hand, connection.wrap_database_errors:
        written = hand.map(write, _pieces(chain([first], coming)))
        return {pk for rows_written in written for (pk,) in rows_written}


def _pieces(rows: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    while piece := list(islice(rows, SLICE)):
        said: dict[int, str] = {}
        plain = [_plain(row, said) for row in piece]
        yield json.dumps(plain, default=_said, ensure_ascii=False)


def _plain(row: Mapping[str, Any], said: dict[int, str]) -> dict[str, Any]:
    """Write out what JSON has no word for; once, the very object that many rows hold."""
    return {
        name: (said.get(id(value)) or said.setdefault(id(value), str(value)))
        if type(value) in SAID
        else value
        for name, value in row.items()
    }


def _insertion(model: type[Record], row: Mapping[str, Any], unless: str) -> tuple[str, str]:
    """Say how rows of a table are written, and what those columns hold that no row names."""
    usual: dict[str, Any] = {
        str(field.column): field.get_default()
        for field in model._meta.concrete_fields
        if field.column not in row and not field.has_db_default()
    }
    table = model._meta.db_table
    clock = {"created_at": "clock_timestamp()", "updated_at": "clock_timestamp()"}
    columns = {name: clock.get(name, f'"{name}"') for name in (*usual, *row)}
    insert = f"""INSERT INTO {table} ({", ".join(f'"{name}"' for name in columns)})
        SELECT {", ".join(columns.values())}
        FROM json_populate_recordset(json_populate_record(NULL::{table}, %s), %s)
        {unless} RETURNING id"""  # noqa: S608
    return insert, json.dumps(usual, default=_said)


def _said(value: Any) -> str:
    """Write what JSON has no word for, as the database reads it."""
    if isinstance(value, UUID | datetime | date | time | Decimal):
        return str(value)
    raise TypeError(f"a row holds no {type(value).__name__}")
