"""Which version of a resource is which: that of its row, and that of what is kept around it."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any
from zlib import crc32

from django.db.models import F, QuerySet, Subquery
from django.db.models.functions import Greatest

from cordee.fhir.contract import WRITTEN, Mapping
from cordee.fhir.selectors import Body


def version_of(mapping: Mapping, row: Any, body: Body | None) -> str:
    """The version of a resource as its reader sees it: "3", or "3-2" with a body of version 2."""
    return version_with(mapping, row, body.version if body else None)


def version_with(mapping: Mapping, row: Any, kept: int | None) -> str:
    """The same, of which the version of the body alone is known."""
    own = mapping.version_of(row)
    return f"{own}-{kept}" if kept else own


def together(row: Any, parts: Iterable[Any]) -> str:
    """The version of a row that is told with others: "3", or "3.9f1c02aa" with the parts it has.

    Another part, one less or one that changed make another version.
    """
    return beside(str(row.version), parts)


def beside(own: str, parts: Iterable[Any]) -> str:
    """The same, of a row whose version is said otherwise."""
    return marked(own, (f"{part.pk}:{part.version}" for part in parts))


def marked(own: str, words: Iterable[str]) -> str:
    """The same with whatever else tells one state of the parts from another."""
    told = ",".join(sorted(words))
    return f"{own}.{crc32(told.encode()):08x}" if told else own


def dated(row: Any) -> str:
    """The version of a row that also moves by what few read: since when what it tells is so, and of
    whom, whom a merge changes."""
    person = crc32(str(row.concerned()).encode())
    return f"{row.updated_at.astimezone(UTC):%Y%m%d%H%M%S%f}.{person:08x}"


LATELY = "changed_lately"


def lately(rows: QuerySet[Any], *parts: QuerySet[Any] | str) -> QuerySet[Any]:
    """Rows, each with when it or one of its parts last changed: `moment=LATELY` of a mapping.

    A part is a query by `OuterRef("pk")`, with what was taken away, or the name of the row that
    this one hangs from. One query more for each part, inside that of the rows.
    """
    moments = [
        F(f"{one}__{WRITTEN}")
        if isinstance(one, str)
        else Subquery(one.order_by(f"-{WRITTEN}").values(WRITTEN)[:1])
        for one in parts
    ]
    return rows.annotate(**{LATELY: Greatest(F(WRITTEN), *moments)})
