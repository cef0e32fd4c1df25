"""What records were before: their previous states, made into rows again."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import BinaryField, DateTimeField, Q, QuerySet, UUIDField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from cordee.access.models import PreviousState
from cordee.access.records import Record
from cordee.access.sight import by_the_house

RecordT = TypeVar("RecordT", bound=Record)
MOST = 2_000  # states asked for at once


@by_the_house
def states_of(model: type[Record], ids: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Give the previous states of some rows of a table, the oldest first. One query, as long as
    they are few; of one row alone that has more than MOST, one for so many of them.

    By the house: what a record was is told to who was given the record, by the columns they may
    read of it today. The caller narrows both.
    """
    table = model._meta.db_table
    found: dict[UUID, list[dict[str, Any]]] = {}
    asked = [list(set(ids))]
    while asked:
        some = asked.pop()
        kept = PreviousState.objects.filter(table_name=table, record_id__in=some)
        latest = kept.order_by("-record_id", "-version", "-pk").values_list("record_id", "state")
        rows = list(latest[: MOST + 1])
        if len(rows) > MOST and len(some) > 1:  # none of them is to lose its versions
            asked += [some[: len(some) // 2], some[len(some) // 2 :]]
            continue
        if len(rows) > MOST:
            rows = list(_every(kept))
        for pk, state in reversed(rows):
            found.setdefault(pk, []).append(state)
    return found


@by_the_house
def latest_states_of(model: type[Record], pk: UUID, upto: int, limit: int) -> list[dict[str, Any]]:
    """Give the previous states of one row, up to a version, the latest first: so many. One query,
    by its index.

    By the house: as above.
    """
    kept = PreviousState.objects.filter(
        table_name=model._meta.db_table, record_id=pk, version__lte=upto
    )
    return list(kept.order_by("-version", "-pk").values_list("state", flat=True)[:limit])


def _every(kept: QuerySet[PreviousState]) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """Every state of one row, the latest first, by pages that go on after a key."""
    pages = kept.order_by("-version", "-pk").values_list("version", "pk", "record_id", "state")
    page = list(pages[:MOST])
    while page:
        yield from ((record, state) for _, _, record, state in page)
        version, pk, *_ = page[-1]
        page = list(pages.filter(Q(version__lt=version) | Q(version=version, pk__lt=pk))[:MOST])


@by_the_house
def replacements_of(
    model: type[Record], ids: Iterable[UUID]
) -> dict[UUID, list[tuple[int, datetime]]]:
    """Give when each former version of some rows was replaced, the oldest first. One query.

    By the house: only versions and moments are given, of rows that the caller narrowed.
    """
    kept = PreviousState.objects.filter(table_name=model._meta.db_table, record_id__in=list(ids))
    found: dict[UUID, list[tuple[int, datetime]]] = {}
    told = kept.order_by("record_id", "version", "pk")
    for pk, version, when in told.values_list("record_id", "version", "replaced_at"):
        found.setdefault(pk, []).append((version, when))
    return found


@by_the_house
def moments_of(
    rows: QuerySet[Any], within: Callable[[str, str], Q], limit: int, *, key: str = "id"
) -> list[tuple[datetime, UUID]]:
    """Give since when some rows were as they were before, the latest first, each with a key.

    `within` narrows by the names of the moment and of the key, a column of the rows. One query.

    By the house: only moments are given, of rows that the caller narrowed and reads as the actor.
    """
    kept = PreviousState.objects.filter(
        table_name=rows.model._meta.db_table, record_id__in=rows.order_by().values("pk")
    )
    began = Cast(KeyTextTransform("updated_at", "state"), DateTimeField())
    told = Cast(KeyTextTransform(key, "state"), UUIDField())
    found = kept.annotate(began=began, told=told).filter(within("began", "told"))
    return list(found.order_by("-began", "told", "pk").values_list("began", "told")[:limit])


def row_of(model: type[RecordT], state: dict[str, Any]) -> RecordT:
    """Make a row of a previous state; what it does not hold is what it is today."""
    fields = [one for one in model._meta.concrete_fields if one.column in state]
    values = [_value(one, state[str(one.column)]) for one in fields]
    return model.from_db("default", [one.attname for one in fields], values)


def _value(field: Any, kept: Any) -> Any:
    """A value as its field has it; bytes are kept as PostgreSQL writes them in JSON: \\x6a6f."""
    if isinstance(field, BinaryField) and isinstance(kept, str):
        return bytes.fromhex(kept.removeprefix("\\x"))
    return field.to_python(kept)
