"""The rows of an export, judged by sets and fetched as values: a table is thousands of them."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.base import ModelState

from cordee.access.actor import Actor
from cordee.access.bysets import BySets
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
        for values in found:
            row = model.__new__(model)
            row.__dict__.update(zip(names, values, strict=True))
            row._state = ModelState()
            row._state.adding, row._state.db = False, "default"
            row._state.fields_cache = {name: rows.get(values[place]) for name, place, rows in ties}
            told.append(row)
        return told

    def _ties(self, found: list[tuple[Any, ...]]) -> list[tuple[str, int, dict[Any, Model]]]:
        """What rows hang from: its name, where its key stands, and those that were met."""
        return [self._tie(name, found) for name in self.mapping.beside]

    def _tie(self, name: str, found: list[tuple[Any, ...]]) -> tuple[str, int, dict[Any, Model]]:
        tie: Any = self.mapping.model._meta.get_field(name)
        place = self.mapping.columns.index(tie.attname)
        met = self._beside.setdefault(name, {})
        if new := {values[place] for values in found} - met.keys() - {None}:
            met.update(tie.related_model._base_manager.in_bulk(new))
        return name, place, met
