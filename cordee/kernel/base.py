"""What every table of ours has."""

from collections.abc import Collection
from typing import Any

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
    return RawSQL(f"SELECT unnest(%s::{kind}[])", [list(values)])  # noqa: S611


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
