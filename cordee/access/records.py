"""Records: rows with an owner's rule, a version number, and their previous states kept."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self, cast
from uuid import UUID

from django.db import models

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
