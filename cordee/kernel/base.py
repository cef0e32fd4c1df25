"""What every table of ours has."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import BooleanField, F, Func
from django.db.models.expressions import RawSQL

from cordee.kernel.identifiers import uuid7


class Table(models.Model):
    """A row with an identifier that means nothing and sorts by time of birth."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


def any_of(values: Collection[Any], kind: str) -> RawSQL:
    """Say a long list for `…__in` as one parameter, an array of a type of the database."""
    told = values if isinstance(values, str) else list(values)
    return RawSQL(f"SELECT unnest(%s::{kind}[])", [told])  # noqa: S611


def array_of(keys: Iterable[UUID | None]) -> str:
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
