"""The thread of a person as the engine reads it: what a protocol speaks of, in order."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F, FilteredRelation, Q

from cordee.access.sight import by_the_house
from cordee.kernel.facts import Fact, StoredFact
from cordee.kernel.models import FactHeader, on_threads
from cordee.people.selectors import family, surviving
from cordee.protocols.models import Pathway
from cordee.protocols.rules.conformance import Happening
from cordee.protocols.vocabulary import is_told

COLUMNS = ("id", "kind", "happened_at", "recorded_at", "told__data")


def happenings_of(person_id: UUID, kinds: Collection[str]) -> tuple[list[Happening], int]:
    """Read the lines of some kinds on the threads of a person and of the records that hers
    absorbed; and the number of the last line of any kind. Three queries, for the house.

    What retention took the words of keeps its kind and its moment. What was written by mistake,
    and taken back since, is left out.
    """
    lines = FactHeader._default_manager.filter(on_threads(family(person_id)))
    last = lines.order_by("-id").values_list("id", flat=True).first() or 0
    spoken = [kind for kind in kinds if is_told(kind)]
    told = FilteredRelation("content", condition=Q(content__recorded_at=F("recorded_at")))
    rows = lines.filter(kind__in=[*spoken, *undoing(spoken)], id__lte=last).annotate(told=told)
    read = list(rows.order_by("id").values_list("told__subject", *COLUMNS))
    undone = undone_among((subject, kind) for subject, _, kind, *_ in read)
    return [
        Happening(pk, kind, happened_at, recorded_at, data or {})
        for subject, pk, kind, happened_at, recorded_at, data in read
        if kind in spoken and (subject, kind) not in undone
    ], last


def undoing(kinds: Collection[str]) -> dict[str, str]:
    """Give the kinds of lines that say that one of these did not happen, each with which."""
    return {kind: one.undoes for kind, one in Fact.known.items() if one.undoes in kinds}


def undone_among(lines: Iterable[tuple[str | None, str]]) -> set[tuple[str | None, str]]:
    """Say which lines are undone, by their subject and their kind, among those of a thread."""
    known = undoing(Fact.known)
    return {(subject, known[kind]) for subject, kind in lines if kind in known}


def undone_by(fact: StoredFact) -> tuple[str, datetime] | None:
    """Say which kind of line a fact undoes, and when that was to have happened. One query."""
    kind = undoing(Fact.known).get(fact.kind)
    if kind is None or fact.thread_id is None:
        return None
    rows = FactHeader._default_manager.filter(on_threads(family(fact.thread_id)), kind=kind)
    told = rows.filter(content__subject=fact.subject, content__recorded_at=F("recorded_at"))
    moment = told.order_by("id").values_list("happened_at", flat=True).first()
    return kind, moment or fact.happened_at


@by_the_house
def judged_thread(person_id: UUID, kinds: Collection[str]) -> list[Happening]:
    """Read what a pathway is judged by. Three queries.

    By the house: a preview that left out what its reader may not see would say « rompue » where the
    pathway will say « respectée ». Only states come of it, as on the page of a pathway."""
    return happenings_of(person_id, kinds)[0]


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
