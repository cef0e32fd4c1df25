"""The lines of the thread that speak of one thing."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from cordee.kernel.models import FactContent, on_threads


def lines_spoken_of(key: UUID, kinds: Iterable[str], person: UUID) -> QuerySet[FactContent]:
    """The contents of the lines of these kinds about one thing, on the threads of its person, each
    looked for in its month. One query; not narrowed to a reader."""
    family = RawSQL("SELECT unnest(people_family(ARRAY[people_surviving(%s)]))", [person])  # noqa: S611
    lines = on_threads(family, "fact__") & Q(recorded_at=F("fact__recorded_at"))
    return FactContent._default_manager.filter(lines, fact__kind__in=list(kinds), subject=str(key))
