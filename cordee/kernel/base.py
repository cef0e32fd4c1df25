"""What every table of ours has."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import BooleanField, F, Func
from django.db.models.base import ModelState
from django.db.models.expressions import RawSQL

from cordee.kernel.identifiers import uuid7

RowT = TypeVar("RowT", bound=models.Model)


class Table(models.Model):
    """A row with an identifier that means nothing and sorts by time of birth."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


def as_read(
    model: type[RowT], values: Mapping[str, Any], beside: Mapping[str, Any] | None = None
) -> RowT:
    """A row made of what was read of it, by column, as `from_db` makes it; a column that was left
    out is read when it is asked for. `beside`: the rows that it hangs from, by the name of the tie.

    `from_db` sets each field through what guards a row that is written, then looks for who listens:
    several times what the values cost. Nobody listens here, and what was read is set as it is.
    """
    row = model.__new__(model)
    row.__dict__.update(values)
    row._state = state = ModelState()
    state.adding, state.db, state.fields_cache = False, DEFAULT_DB_ALIAS, dict(beside or {})
    return row


def as_new(model: type[RowT], values: Mapping[str, Any]) -> RowT:
    """A row about to be written by sets, made of some of its columns; the others take their
    default. As `as_read`, where Django would guard each field."""
    row = model.__new__(model)
    same, made = _defaults(model)
    row.__dict__.update(same)
    row.__dict__.update([(name, default()) for name, default in made if name not in values])
    row.__dict__.update(values)
    row._state = ModelState()
    return row


@cache
def _defaults(
    model: type[models.Model],
) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """The defaults of a table that are the same for every row, and those made for each."""
    fields = [one for one in model._meta.concrete_fields if not one.generated]
    made = [one for one in fields if one.has_db_default() or _is_made_for_each(one)]
    same = {one.attname: one.get_default() for one in fields if one not in made}
    return same, [(one.attname, one.get_default) for one in made]


def _is_made_for_each(field: "models.Field[Any, Any]") -> bool:
    return field.has_default() and callable(field.default)


def any_of(values: Collection[Any], kind: str) -> RawSQL:
    """Say a long list for `…__in` as one parameter, an array of a type of the database."""
    told = values if isinstance(values, str) else list(values)
    return RawSQL(f"SELECT unnest(%s::{kind}[])", [told])  # noqa: S611


def is_any_of(column: str, keys: Iterable[UUID]) -> Func:
    """Keep the rows whose column is one of many keys, each looked up among them as it is met.

    Said as `…__in` alone PostgreSQL goes by the keys: of thousands of persons it looks for the rows
    of each, and sorts all that it found, for a page of a table in its own order.
    """
    return Func(
        F(column),
        any_of(array_of(keys), "uuid"),
        template="((%(expressions)s) IS TRUE)",
        arg_joiner=" IN ",
        output_field=BooleanField(),
    )


def array_of(keys: Iterable[UUID | str | None]) -> str:
    """Say identifiers as PostgreSQL reads an array: the library looks into each for a quote."""
    return "{" + ",".join("NULL" if key is None else str(key) for key in keys) + "}"


def among(column: str, array: Any) -> Func:
    """Keep the rows whose column is in an array, which is made before any row is looked at.

    `…__in` a subquery joins it; under a view that PostgreSQL may not look into it finds no index.
    """
    return Func(
        F(column),
        array,
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
