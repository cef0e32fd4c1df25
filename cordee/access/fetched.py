"""Records fetched by their keys, relations along, by a query that is written and planned once.

What the ORM makes of a row stays the ORM's: its columns, its converters, its relations. ADR 0019.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

from cordee.access.about import note_reading
from cordee.access.actor import Actor
from cordee.access.policy import seen_about
from cordee.access.stencil import Stencil, Word, filled_up
from cordee.kernel.once import keep, once
from cordee.kernel.prepared import Asked, run, run_in_one_trip


class Fetch:
    """Read rows of a queryset, by key, as records. One query, prepared by the server.

    `limit`: the first ones only.
    """

    def __init__(self, build: Callable[[], QuerySet[Any]], *, limit: int | None = None) -> None:
        self.build = build
        self.asking = Stencil(lambda keys: build().filter(pk__in=keys)[:limit])

    def __call__(self, keys: Iterable[UUID | Word]) -> dict[Any, Any]:
        """Give the records by key, in the order of the queryset. No key: no query. Raises
        Unsteady."""
        asked = self.asked(keys)
        return self.records(run(*asked)) if asked else {}

    def asked(self, keys: Iterable[UUID | Word]) -> Asked | None:
        """Say what is asked of the server; nothing without a key. Raises Unsteady."""
        listed = filled_up(dict.fromkeys(keys))
        return Asked(*self.asking.said(keys=listed), self.layout.binary) if listed else None

    def records(self, rows: Iterable[tuple[Any, ...]]) -> dict[Any, Any]:
        """Give what the server answered as records, by key."""
        return {one.pk: one for one in map(self.layout.record, rows)}

    @cached_property
    def layout(self) -> "_Layout":
        """What is made of a row."""
        return _Layout(self.build())

    @cached_property
    def model(self) -> type[Any]:
        """The table of these records."""
        return self.build().model

    def one(self, key: UUID | Word) -> Any | None:
        """Give one record, if it is there. One query, prepared by the server."""
        return self([key]).get(key)

    def in_order(self, keys: Iterable[UUID]) -> list[Any]:
        """Give the records in the order of their keys; one that is gone is left out."""
        listed = list(keys)
        found = self(listed)
        return [found[pk] for pk in listed if pk in found]


class FetchAbout:
    """Read what an actor may see about one person, in the order of a queryset.

    The keys, then the records: two queries written and planned once. Where there is no key there
    is no second query, and the ORM writes nothing.
    """

    def __init__(self, build: Callable[[], QuerySet[Any]], *, limit: int | None = None) -> None:
        self.fetch = Fetch(build, limit=limit)

    @cached_property
    def model(self) -> type[Any]:
        """The table of these records."""
        return self.fetch.model

    def __call__(self, actor: Actor, person_id: UUID) -> list[Any]:
        """Give the records. Two queries at most, prepared by the server. Raises Unsteady."""
        note_reading(self)
        return list(self.fetch.records(_rows_about(self, actor, person_id)).values())

    def asked(self, actor: Actor, person_id: UUID) -> Asked | None:
        """Say what is asked of the server once the keys are known. Raises Unsteady."""
        path = self.model.person_path.replace(".", "__")
        return self.fetch.asked(seen_about(actor, self.model, person_id, path=path))


@once
def _rows_about(reading: FetchAbout, actor: Actor, person_id: UUID) -> list[tuple[Any, ...]]:
    asked = reading.asked(actor, person_id)
    return run(*asked) if asked else []


def read_about(actor: Actor, person_id: UUID, readings: Iterable[FetchAbout]) -> None:
    """Ask in one trip, within `asked_once`, what these readings give of somebody."""
    told = [(one, one.asked(actor, person_id)) for one in readings]
    asked = {reading: one for reading, one in told if one}
    for reading, rows in zip(asked, run_in_one_trip(list(asked.values())), strict=True):
        if rows is not None:
            keep(_rows_about, rows, reading, actor, person_id)


PLAIN = (
    *(models.BooleanField, models.CharField, models.TextField, models.UUIDField),
    *(models.IntegerField, models.DateTimeField, models.DateField, models.TimeField),
)


def _is_plain(column: "models.Field[Any, Any]") -> bool:
    """Whether what PostgreSQL sends of a column, and what its text says, are read alike."""
    if isinstance(column, ArrayField):
        return _is_plain(column.base_field)
    kept = column.target_field if isinstance(column, models.ForeignKey) else column
    return isinstance(kept, PLAIN) or _is_open(kept)


def _is_open(column: "models.Field[Any, Any]") -> bool:
    """Whether what is read without its text is already what Django would make of the text."""
    return type(column) is models.JSONField and column.decoder is None


class _Layout:
    """Which columns of a row make which record, and what each goes through."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        compiler = rows.query.get_compiler(connection=connection)
        compiler.setup_query()
        told, columns = compiler.klass_info, [one[0] for one in compiler.select]
        first, end = told["select_fields"][0], told["select_fields"][-1] + 1
        self.model: type[Model] = told["model"]
        self.own = slice(first, end)
        self.names = [one.target.attname for one in columns[self.own]]
        # Moments and keys are read without their text, unless a column is made of its text alone.
        self.binary = all(_is_plain(one.output_field) for one in columns)
        made = [self.binary and _is_open(one.output_field) for one in columns]
        self.through = compiler.get_converters(
            [None if is_made else one for one, is_made in zip(columns, made, strict=True)]
        )
        self.relations = get_related_populators(  # type: ignore[call-arg]  # stub of Django 6
            told, compiler.select, connection.alias
        )

    def record(self, row: tuple[Any, ...]) -> Model:
        """Make a record, and those it is related to, of one row."""
        if self.through:
            row = self._converted(list(row))
        made = self.model.from_db(connection.alias, self.names, row[self.own])
        for relation in self.relations:
            relation.populate(row, made)
        return made

    def _converted(self, row: list[Any]) -> Any:
        for place, (converters, expression) in self.through.items():
            for convert in converters:
                row[place] = convert(row[place], expression, connection)
        return row
