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

from cordee.access.actor import Actor
from cordee.access.policy import seen_about
from cordee.access.stencil import Stencil, Word, filled_up
from cordee.kernel.prepared import run


class Fetch:
    """Read rows of a queryset, by key, as records. One query, prepared by the server.

    `limit`: the first ones only.
    """

    def __init__(self, build: Callable[[], QuerySet[Any]], *, limit: int | None = None) -> None:
        self.build = build
        self.asking = Stencil(lambda keys: build().filter(pk__in=keys)[:limit])
        self.layout: _Layout | None = None

    def __call__(self, keys: Iterable[UUID | Word]) -> dict[Any, Any]:
        """Give the records by key, in the order of the queryset. No key: no query. Raises
        Unsteady."""
        asked = filled_up(dict.fromkeys(keys))
        if not asked:
            return {}
        self.layout = self.layout or _Layout(self.build())
        sql, values = self.asking.said(keys=asked)
        rows = run(sql, values, binary=self.layout.binary)
        return {one.pk: one for one in map(self.layout.record, rows)}

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
        path = self.model.person_path.replace(".", "__")
        return list(self.fetch(seen_about(actor, self.model, person_id, path=path)).values())


PLAIN = (
    *(models.BooleanField, models.CharField, models.TextField, models.UUIDField),
    *(models.IntegerField, models.DateTimeField, models.DateField, models.TimeField),
)


def _is_plain(column: "models.Field[Any, Any]") -> bool:
    """Whether what PostgreSQL sends of a column, and what its text says, are read alike."""
    if isinstance(column, ArrayField):
        return _is_plain(column.base_field)
    kept = column.target_field if isinstance(column, models.ForeignKey) else column
    return isinstance(kept, PLAIN)


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
        self.through = compiler.get_converters(columns)
        # Moments and keys are read without their text, unless a column is made of its text alone.
        self.binary = all(_is_plain(one.output_field) for one in columns)
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
