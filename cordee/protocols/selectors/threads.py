"""The thread of a person as the engine reads it: what a protocol speaks of, in order."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import F, FilteredRelation, Q

from cordee.kernel.facts import StoredFact
from cordee.kernel.models import FactHeader
from cordee.people.selectors import family, surviving
from cordee.protocols.models import Pathway
from cordee.protocols.rules.conformance import Happening
from cordee.protocols.vocabulary import is_told


def happenings_of(person_id: UUID, kinds: Collection[str]) -> tuple[list[Happening], int]:
    """Read the lines of some kinds on the threads of a person and of the records that hers
    absorbed; and the number of the last line of any kind. Three queries, for the house.

    What retention took the words of keeps its kind and its moment.
    """
    lines = FactHeader._default_manager.filter(thread_id__in=family(person_id))
    last = lines.order_by("-id").values_list("id", flat=True).first() or 0
    spoken = [kind for kind in kinds if is_told(kind)]
    told = FilteredRelation("content", condition=Q(content__recorded_at=F("recorded_at")))
    rows = lines.filter(kind__in=spoken, id__lte=last).annotate(told=told)
    columns = ("id", "kind", "happened_at", "recorded_at", "told__data")
    return [
        Happening(pk, kind, happened_at, recorded_at, data or {})
        for pk, kind, happened_at, recorded_at, data in rows.order_by("id").values_list(*columns)
    ], last


def happening_of(fact: StoredFact) -> Happening:
    """Read one line as the engine does. One query."""
    rows = FactHeader._default_manager.filter(pk=fact.id)
    recorded_at = rows.values_list("recorded_at", flat=True).get()
    return Happening(fact.id, fact.kind, fact.happened_at, recorded_at, fact.data)


def pathways_moved_by(persons: Collection[UUID]) -> list[Pathway]:
    """List the pathways that facts of some records still move. One query more than records."""
    kept = {surviving(person) for person in persons}
    rows = Pathway.objects.heard().filter(person__in=kept)
    return list(rows.select_related("followed").order_by("pk"))
