"""Records: rows with an owner's rule, a version number, and their previous states kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, cast
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
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


SLICE = 5_000


def insert_rows(
    model: type[Record], rows: Sequence[Mapping[str, Any]], *, unless: str = ""
) -> set[UUID]:
    """Write new rows of one table by sets, inside a gesture, and return the identifiers written.

    Rows name the same columns, identifier included, bytes in hexadecimal ("\\x…"); the others
    take their default. `unless`: the conflict for which a row is left out.
    """
    if not rows:
        return set()
    usual: dict[str, Any] = {
        str(field.column): field.get_default()
        for field in model._meta.concrete_fields
        if field.column not in rows[0] and not field.has_db_default()
    }
    table = model._meta.db_table
    clock = {"created_at": "clock_timestamp()", "updated_at": "clock_timestamp()"}
    columns = {name: clock.get(name, f'"{name}"') for name in (*usual, *rows[0])}
    insert = f"""INSERT INTO {table} ({", ".join(f'"{name}"' for name in columns)})
        SELECT {", ".join(columns.values())}
        FROM json_populate_recordset(NULL::{table}, %s) {unless} RETURNING id"""  # noqa: S608
    written: set[UUID] = set()
    with connection.cursor() as cursor:
        for first in range(0, len(rows), SLICE):
            listed = [{**usual, **row} for row in rows[first : first + SLICE]]
            cursor.execute(insert, [json.dumps(listed, cls=DjangoJSONEncoder)])
            written.update(pk for (pk,) in cursor.fetchall())
    return written
