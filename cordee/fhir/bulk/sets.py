"""The rows of an export, judged by sets and fetched as values: a table is thousands of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import Model, Q, QuerySet, Subquery, TextField, UUIDField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast
from django.db.models.sql import Query

from cordee.access.actor import Actor
from cordee.access.bysets import BySets, Values, looked_up
from cordee.fhir.contract import Mapping
from cordee.kernel.base import among, array_of, as_read

BEYOND = (Query, Subquery, RawSQL)
BATCH = 1_000  # rows that are told together
AT_ONCE = 5_000  # rows of which one query gives the values


class Batch(NamedTuple):
    """Rows that were told together: the key of the last that was met, how many were, whom those
    that are told are about, their lines, and those of the ones that ended."""

    place: str
    size: int
    persons: set[str]
    lines: list[bytes]
    ended: Sequence[bytes] = ()


def is_one_of(path: str, keys: Iterable[UUID]) -> Q:
    """The rows that lead to one of these: told as one value, hence by one text, however many."""
    told = Value(array_of(keys), TextField())
    return Q(among(path, Cast(told, ArrayField(UUIDField()))))


def by_whole_batches(count: int) -> int:
    """Ask for so many rows, or some more: how many is a part of what is asked, and its texts are to
    be few."""
    return -(-count // BATCH) * BATCH


def asks_itself_alone(rows: QuerySet[Any, Any]) -> bool:
    """Whether a query asks nothing but the columns of its own table.

    Of what else it asks the actor is shown what they know, and the house would be shown all.
    """
    query = rows.query
    joined = [one for one in query.alias_map if query.alias_refcount[one]]
    is_alone = len(joined) <= 1 and not query.annotations
    return is_alone and not any(isinstance(one, BEYOND) for one in _asked(query.where))


def _asked(node: Any) -> Iterator[Any]:
    """A condition, and all that it is made of."""
    yield node
    inside: list[Any] = getattr(node, "get_source_expressions", list)()
    for one in [*getattr(node, "children", ()), *inside]:
        yield from _asked(one)


@dataclass
class Sets:
    """The rows of a table, each made of its values alone, with the rows that it hangs from."""

    mapping: Mapping
    judge: BySets
    _beside: dict[str, dict[Any, Model]] = field(default_factory=dict)

    @classmethod
    def of(cls, mapping: Mapping, actor: Actor) -> "Sets | None":
        """Make ready to tell a table; None: row by row, as a search does. One query."""
        judge = BySets.of(actor, mapping.model) if mapping.columns else None
        return cls(mapping, judge) if judge else None

    @property
    def rows(self) -> QuerySet[Any]:
        """The rows of the table that are of this type: judged for nobody yet."""
        return self.mapping.model._default_manager.filter(self.mapping.only)

    def seen(self, rows: QuerySet[Any], limit: int) -> list[Any]:
        """Those of these rows that the actor may see, in their order. A few queries."""
        return self.made(self.judge.seen(rows, self.mapping.columns, limit))

    def each(self, rows: QuerySet[Any], room: int) -> Iterator[Any]:
        """The same, up to so many, some thousands at a time."""
        for found in self.judged(rows, self.mapping.columns, room):
            yield from self.made(found)

    def judged(
        self, rows: QuerySet[Any], columns: Sequence[Any], room: int
    ) -> Iterator[list[Values]]:
        """The values of those of these rows that the actor may see, up to so many, some thousands
        at a time."""
        some, after = self.judge.among(rows), ""
        while room > 0:
            wanted = min(by_whole_batches(room), AT_ONCE)
            found = some.seen(columns, wanted, after)
            if found:
                yield found[:room]
            if len(found) < wanted:
                return
            room, after = room - wanted, found[-1][-1]

    def made(self, found: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Rows, of the values of their columns (what comes behind them is left). A few queries."""
        names, model, ties = self.mapping.columns, self.mapping.model, self._ties(found)
        return [
            as_read(
                model,
                dict(zip(names, values, strict=False)),
                dict(zip(self.mapping.beside, beside, strict=True)),
            )
            for values, beside in zip(found, ties, strict=True)
        ]

    def _ties(self, found: Sequence[tuple[Any, ...]]) -> list[tuple[Model | None, ...]]:
        """What each row hangs from, in the order of their names."""
        each = [self._tie(name, found) for name in self.mapping.beside]
        return list(zip(*each, strict=True)) if each else [()] * len(found)

    def _tie(self, name: str, found: Sequence[tuple[Any, ...]]) -> list[Model | None]:
        tie: Any = self.mapping.model._meta.get_field(name)
        place = self.mapping.columns.index(tie.attname)
        met = self._beside.setdefault(name, {})
        keys = [values[place] for values in found]
        return looked_up(
            met, keys, lambda new: tie.related_model._base_manager.in_bulk({*new} - {None})
        )
