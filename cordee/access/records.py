"""Records: rows with an owner's rule, a version number, and their previous states kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
FEW = 4  # rows that are read from one list, not from a list for each column: dozens for a person
NOTHING: Mapping[str, Any] = {}


class Written(list["Future[list[tuple[UUID]]]"]):
    """Rows given to be written, by sets."""

    def keys(self) -> set[UUID]:
        """Wait until they are, and give the identifiers of those that were; of what names the
        conflict for which a row is left out (`unless`): elsewhere, all of them are."""
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

    Rows name the same columns, identifier included; the others take their default. `unless`: the
    conflict for which a row is left out. The next rows are made ready while the database writes
    those before: making them should ask it nothing. `by`: the hand that writes, where one is at
    work; all is written when its block ends.
    """
    coming = iter(rows)
    first = next(coming, None)
    if first is None:
        return Written()
    names = tuple(first)
    lines = ([row[name] for name in names] for row in chain([first], coming))
    return insert_lines(model, names, lines, unless=unless, by=by)


def insert_lines(  # noqa: PLR0913 — one table, whole
    model: type[Record],
    names: Sequence[str],
    lines: Iterable[Sequence[Any]],
    *,
    same: Mapping[str, Any] = NOTHING,
    unless: str = "",
    by: Hand | None = None,
) -> Written:
    """Write new rows as `insert_rows`: lines hold what these columns do, in their order. `same`:
    what every row holds, said once."""
    usual = _usual(model, names, same)
    told = model, tuple(names), tuple(usual), unless
    shared = orjson.dumps(usual, default=_said).decode()

    def writing(piece: list[Sequence[Any]]) -> Callable[[Cursor[Any]], list[tuple[UUID]]]:
        if len(piece) <= FEW:
            insert, said = _insertion(*told, few=True), [_row_by_row(names, usual, piece)]
        else:
            insert, said = _insertion(*told, few=False), [shared, *_column_by_column(piece)]

        def write(cursor: Cursor[Any]) -> list[tuple[UUID]]:
            cursor.execute(insert, said)
            return cursor.fetchall() if unless else []

        return write

    with working(by) as hand:
        return Written(hand.give(writing(piece)) for piece in _pieces(iter(lines)))


def _pieces(lines: Iterator[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    while piece := list(islice(lines, SLICE)):
        yield piece


def _row_by_row(names: Sequence[str], usual: Mapping[str, Any], piece: list[Sequence[Any]]) -> str:
    rows = [{**usual, **dict(zip(names, line, strict=True))} for line in piece]
    return orjson.dumps(rows, default=_said).decode()


def _column_by_column(piece: list[Sequence[Any]]) -> list[str]:
    """Say many rows: names once, and each value as the database reads it."""
    return [orjson.dumps(column, default=_said).decode() for column in zip(*piece, strict=True)]


def _usual(model: type[Record], names: Sequence[str], same: Mapping[str, Any]) -> dict[str, Any]:
    """Say what those columns hold that no line tells."""
    defaults = {
        str(field.column): field.get_default()
        for field in model._meta.concrete_fields
        if not (field.column in names or field.has_db_default() or field.generated)
    }
    return defaults | dict(same)


@cache
def _insertion(
    model: type[Record], names: tuple[str, ...], usual: tuple[str, ...], unless: str, *, few: bool
) -> str:
    """Say how rows of a table are written: a few as they are, from one list; many, what all hold,
    then column by column, each from a list of its own."""
    fields = {str(field.column): field for field in model._meta.concrete_fields}
    table = model._meta.db_table
    said = [*usual, *names] if few else names
    columns = {name: f'usual."{name}"' for name in usual}
    columns |= {name: _read(fields[name], f'line."{name}"') for name in said}
    columns |= {name: "access_now()" for name in ("created_at", "updated_at") if name in fields}
    texts = ", ".join(f'"{name}" text' for name in said)
    lists = ", ".join(["json_array_elements_text(%s)"] * len(names))
    source = (
        f"json_to_recordset(%s) AS line({texts})"
        if few
        else f"""json_populate_record(NULL::{table}, %s) AS usual,
            ROWS FROM ({lists}) AS line({_quoted(names)})"""
    )
    return f"""INSERT INTO {table} ({_quoted(columns)}) SELECT {", ".join(columns.values())}
        FROM {source} {unless and unless + " RETURNING id"}"""  # noqa: S608


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _read(field: "models.Field[Any, Any]", text: str) -> str:
    """Say how a value is read from its text. What is too long for its column is refused, where a
    cast would cut it."""
    kind = str(field.db_type(connection))
    base, is_array = kind.removesuffix("[]"), kind.endswith("[]")
    cast = "" if base.startswith("varchar") or base == "text" else f"::{kind}"
    if is_array:
        read = f"ARRAY(SELECT json_array_elements_text({text}::json))"
        text = f"CASE WHEN {text} IS NOT NULL THEN {read} END"
    return f"({text}){cast}"


def _said(value: Any) -> str:
    """Write what the library has no word for, as the database reads it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"a row holds no {type(value).__name__}")
