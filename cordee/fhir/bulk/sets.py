"""The rows of an export, judged by sets and fetched as values: a table is thousands of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.base import ModelState

from cordee.access.actor import Actor
from cordee.access.bysets import BySets, looked_up
from cordee.fhir.contract import Mapping


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

    def seen(self, rows: QuerySet[Any], limit: int) -> list[Any]:
        """Those of these rows that the actor may see, in their order. A few queries."""
        names = self.mapping.columns
        found = self.judge.seen(rows, names, limit)
        model, ties = self.mapping.model, self._ties(found)
        told = []
        for values, beside in zip(found, ties, strict=True):
            row = model.__new__(model)
            row.__dict__.update(zip(names, values, strict=True))
            row._state = state = ModelState()
            state.adding, state.db = False, "default"
            state.fields_cache = dict(zip(self.mapping.beside, beside, strict=True))
            told.append(row)
        return told

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
            met, keys, lambda new: tie.related_model._base_manager.in_bulk(new - {None})
        )
