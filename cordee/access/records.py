"""Records: rows with an owner's rule, a version number, and their previous states kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import chain, islice
from typing import Any, ClassVar, Self, cast
from uuid import UUID

import orjson
from django.db import connection, models
from psycopg import Cursor

from cordee.access.actor import Actor
from cordee.access.policy import seen_about, visible
from cordee.kernel.base import Table
from cordee.kernel.hand import Hand, working


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

    def seen_about(self, actor: Actor, person_id: UUID) -> Self:
        """Only those about one person that the actor may see: for what is read of somebody.

        Their keys are fetched at once, by a query planned once per connection.
        """
        path = self.model.person_path.replace(".", "__")
        return self.filter(pk__in=seen_about(actor, self.model, person_id, path=path))


class Record(Table):
    """A row of care. Triggers refuse to write it outside of an action, count its versions, say when
    it changed and keep each previous state; see `access/sql/records.sql`, `access/sql/dated.sql`.
    """

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


class Written(list["Future[list[tuple[UUID]]]"]):
    """Rows given to be written, by sets."""

    def keys(self) -> set[UUID]:
        """Wait until they are, and give the identifiers of those that were."""
        with connection.wrap_database_errors:
            return {pk for rows in self for (pk,) in rows.result()}


def insert_rows(
    model: type[Record],
    rows: Iterable[Mapping[str, Any]],
    *,
    unless: str = "",
    by: Hand | None = None,
) -> Written:
    """Write new rows of one table by sets, inside a gesture.

    Rows name the same columns, identifier included, bytes in hexadecimal ("\\x…"); the others
    take their default. `unless`: the conflict for which a row is left out. The next rows are made
    ready while the database writes those before: making them should ask it nothing. `by`: the hand
    that writes, where one is at work; all is written when its block ends.
    """
    coming = iter(rows)
    first = next(coming, None)
    if first is None:
        return Written()
    insert, usual = _insertion(model, first, unless)

    def writing(said: str) -> Callable[[Cursor[Any]], list[tuple[UUID]]]:
        return lambda cursor: cursor.execute(insert, [usual, said]).fetchall()

    with working(by) as hand:
        return Written(hand.give(writing(said)) for said in _pieces(chain([first], coming)))


def _pieces(rows: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    while piece := list(islice(rows, SLICE)):
        yield orjson.dumps(piece, default=_said).decode()


def _insertion(model: type[Record], row: Mapping[str, Any], unless: str) -> tuple[str, str]:
    """Say how rows of a table are written, and what those columns hold that no row names."""
    insert, unnamed = _written(model, tuple(row), unless)
    usual = {str(field.column): field.get_default() for field in unnamed}
    return insert, orjson.dumps(usual, default=_said).decode()


@cache
def _written(
    model: type[Record], named: tuple[str, ...], unless: str
) -> tuple[str, tuple["models.Field[Any, Any]", ...]]:
    unnamed = tuple(
        field
        for field in model._meta.concrete_fields
        if not (field.column in named or field.has_db_default() or field.generated)
    )
    table = model._meta.db_table
    clock = {"created_at": "access_now()", "updated_at": "access_now()"}
    columns = {
        name: clock.get(name, f'"{name}"')
        for name in (*(str(one.column) for one in unnamed), *named)
    }
    insert = f"""INSERT INTO {table} ({", ".join(f'"{name}"' for name in columns)})
        SELECT {", ".join(columns.values())}
        FROM json_populate_recordset(json_populate_record(NULL::{table}, %s), %s)
        {unless} RETURNING id"""  # noqa: S608
    return insert, unnamed


def _said(value: Any) -> str:
    """Write what the library has no word for, as the database reads it."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a row holds no {type(value).__name__}")
