"""A reference to what may hide while the row that refers to it is seen."""

from dataclasses import dataclass

from django.db.models import Q

from cordee.fhir.search.parameters import NOTHING, Asking, Reference


@dataclass(frozen=True)
class Shown(Reference):
    """A reference that answers only as long as its reader may see what it leads to."""

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        from cordee.fhir.registry import mappings

        seen = NOTHING
        for type_name, path in self.paths.items():
            for one in mappings()[type_name].tables:
                rows = one.found(one.rows(asking.actor))
                seen |= Q(**{f"{path}__in": rows.order_by().values("pk")})
        return super().condition(value, modifier, asking) & seen

    def missing(self) -> None:  # type: ignore[override]
        """It cannot be asked: the answer would tell what hides."""
