"""The versions of many resources in the order of time: what changed last comes first.

Rows, what is kept around them and the former states of both each say when something changed. The
latest of these moments lead to resources; of each, the versions that fall among them are told. A
version has its moment, hence nothing is missed; what hides from the reader is passed over.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from cordee.access.versions import moments_of
from cordee.fhir.call import Call
from cordee.fhir.contract import Mapping
from cordee.fhir.history.pairs import Version, versions
from cordee.fhir.models import KeptBody
from cordee.fhir.search.dates import Interval

AT_ONCE = 20  # resources whose versions are fetched together
Event = tuple[datetime, str, UUID]
"""When something of a resource changed: the moment, its type, its key."""


@dataclass(frozen=True)
class Source:
    """Resources of one type whose versions are told."""

    mapping: Mapping
    rows: QuerySet[Any]


@dataclass(frozen=True)
class Reach:
    """Which versions are told: since a moment, or current within an interval; after a version."""

    count: int
    since: datetime | None = None
    during: Interval | None = None
    after: Event | None = None
    code: str = ""
    """The last version that was shown of the resource of `after`."""

    def within(self, type_name: str, place: Event | None, moment: str, key: str) -> Q:
        """The condition on a moment and a key of a type to come after a place."""
        found = Q(**{f"{moment}__gte": self.since}) if self.since else Q()
        if self.during:
            found &= Q(**{f"{moment}__lt": self.during.end})
        if place is None:
            return found
        then, kind, pk = place
        if type_name > kind:
            return found & Q(**{f"{moment}__lte": then})
        beyond = Q(**{f"{moment}__lt": then})
        if type_name == kind:
            sign = "gte" if place == self.after else "gt"
            beyond |= Q(**{moment: then, f"{key}__{sign}": pk})
        return found & beyond


def told(call: Call, sources: Sequence[Source], reach: Reach) -> list[Version]:
    """The versions that a page shows, and one more when others follow."""
    most = max(reach.count + 1, AT_ONCE)
    place, found = reach.after, list[Version]()
    while len(found) <= reach.count:
        met = sorted(_events(call, sources, reach, place, most), key=_in_order)[:most]
        if not met:
            break
        begin, place = place, met[-1]
        found += _between(call, sources, reach, met, begin)
        if len(met) < most:
            break
    return found[: reach.count + 1]


def _in_order(event: Event) -> tuple[float, str, UUID]:
    """The latest first; at one moment, by type and by key."""
    moment, kind, pk = event
    return (-moment.timestamp(), kind, pk)


def _events(
    call: Call, sources: Sequence[Source], reach: Reach, place: Event | None, most: int
) -> Iterator[Event]:
    """The latest moments of each source after a place: four queries a type, half when nothing of
    that type comes in."""
    for one in sources:
        kind = one.mapping.type

        def within(moment: str, key: str, kind: str = kind) -> Q:
            return reach.within(kind, place, moment, key)

        for moment, pk in _moments(call, one, within, most):
            yield moment, kind, pk


def _moments(
    call: Call, source: Source, within: Callable[[str, str], Q], most: int
) -> Iterator[tuple[datetime, UUID]]:
    mapping = source.mapping
    since = mapping.moment
    latest = source.rows.filter(within(since, "pk")).order_by(f"-{since}", "pk")
    yield from latest.values_list(since, "pk")[:most]
    yield from moments_of(source.rows, within, most)
    if not mapping.comes_in:
        return
    keys = source.rows.order_by().values("pk")
    kept = KeptBody.objects.visible_to(call.actor).filter(kind=mapping.type, resource_id__in=keys)
    around = kept.filter(within("updated_at", "resource_id")).order_by("-updated_at", "pk")
    yield from around.values_list("updated_at", "resource_id")[:most]
    yield from moments_of(kept, within, most, key="resource_id")


def _between(
    call: Call, sources: Sequence[Source], reach: Reach, met: Sequence[Event], begin: Event | None
) -> list[Version]:
    """The versions of the resources that were met, from a place to the last of the moments."""
    found: list[tuple[tuple[float, str, UUID], int, Version]] = []
    last = _in_order(met[-1])
    for one in sources:
        keys = list(dict.fromkeys(pk for _, kind, pk in met if kind == one.mapping.type))
        for some in (keys[at : at + AT_ONCE] for at in range(0, len(keys), AT_ONCE)):
            rows = list(one.rows.filter(pk__in=some).order_by("pk"))
            for pk, known in versions(call, one.mapping, rows).items():
                for rank, version in enumerate(_asked_for(known, reach, begin, one.mapping.type)):
                    place = _in_order((version.moment, one.mapping.type, pk))
                    if place <= last and _is_after(place, begin, reach):
                        found.append((place, rank, version))
    return [version for *_, version in sorted(found, key=lambda one: one[:2])]


def _is_after(place: tuple[float, str, UUID], begin: Event | None, reach: Reach) -> bool:
    if begin is None:
        return True
    return place >= _in_order(begin) if begin == reach.after else place > _in_order(begin)


def _asked_for(
    known: list[Version], reach: Reach, begin: Event | None, type_name: str
) -> Iterator[Version]:
    """Of the versions of one resource, the latest first, those asked for and not shown yet."""
    shown = [rank for rank, one in enumerate(known) if one.code == reach.code]
    is_here = begin == reach.after and begin and begin[1:] == (type_name, known[0].today.pk)
    skipped = shown[0] + 1 if shown and is_here else 0
    for rank, one in enumerate(known[skipped:], skipped):
        ended = known[rank - 1].moment if rank else None
        if reach.since and one.moment < reach.since:
            continue
        if not reach.during or _overlaps(one.moment, ended, reach.during):
            yield one


def _overlaps(begun: datetime, ended: datetime | None, wanted: Interval) -> bool:
    return begun < wanted.end and (ended is None or ended > wanted.start)
