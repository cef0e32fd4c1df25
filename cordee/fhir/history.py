"""What resources were: their versions, from the previous states of the row and of what is kept.

A version is a pair: that of the row, that of what a partner sent around it. Only the pairs that
somebody could read are told: what a writing went through inside its own transaction is not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q, prefetch_related_objects
from django.http import HttpResponse

from cordee.access import trace
from cordee.access.records import Record
from cordee.access.versions import row_of, states_of
from cordee.fhir.assembly import whole
from cordee.fhir.call import Call
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.instances import GONE, fetched
from cordee.fhir.models import KeptBody
from cordee.fhir.outcome import Json, Refusal, absent, invalid, not_supported
from cordee.fhir.search import dates
from cordee.fhir.search.paging import Place, after, opened, ordered, sealed
from cordee.fhir.search.words import MOST, USUAL
from cordee.fhir.selectors import Body, bodies, former_bodies
from cordee.fhir.versions import version_of
from cordee.fhir.writing import answered, etag, instant, versioned

Words = Sequence[tuple[str, str]]
LATEST = (("updated_at", True),)
AT_ONCE = 20  # rows whose versions are fetched together


@dataclass(frozen=True)
class Version:
    """One version of a resource: its row as it was, and what was kept around it."""

    mapping: Mapping
    row: Any
    body: Body | None
    today: Any

    @property
    def moment(self) -> datetime:
        """Since when it was so."""
        since = self.mapping.changed_at(self.row)
        return max(since, self.body.received_at) if self.body else since

    @property
    def code(self) -> str:
        """What names it."""
        return version_of(self.mapping, self.row, self.body)


@dataclass(frozen=True)
class Asked:
    """What a page of history is to tell: of what, since when, how much, after which version."""

    address: str
    query: str
    since: datetime | None
    count: int
    after: tuple[Any, ...] = ()


def version(call: Call, mapping: Mapping, pk: str, code: str) -> HttpResponse:
    """Give one version of a resource (vread)."""
    call.require(mapping.type, "r")
    row = fetched(call, mapping, pk)
    trace.read(call.actor, row)
    found = [one for one in versions(call, mapping, [row])[row.pk] if one.code == code]
    if not found:
        raise absent()
    if mapping.is_gone(found[0].row):
        raise Refusal(410, [GONE])
    (resource,) = _resources(call, mapping, found)
    return answered(call.request, resource, 200, versioned(resource))


def of_instance(call: Call, mapping: Mapping, pk: str, words: Words) -> HttpResponse:
    """The versions of one resource, the latest first, page by page."""
    call.require(mapping.type, "r")
    _refuse_without(mapping)
    asked = _asked(call, f"{mapping.type}/{pk}", words, MOST)
    row = fetched(call, mapping, pk)
    trace.read(call.actor, row)
    found = _known(call, mapping, [row], asked)
    return answered(call.request, _bundle(call, mapping, asked, found))


def of_type(call: Call, mapping: Mapping, words: Words) -> HttpResponse:
    """The versions of all that the caller may see of a type, what changed last first, by pages."""
    call.require(mapping.type, "r")
    call.require(mapping.type, "s")
    _refuse_without(mapping)
    asked = _asked(call, mapping.type, words, USUAL)
    found = _known(call, mapping, _changed(call, mapping, asked), asked)
    persons = [person for one in found if (person := mapping.person_of(one.today))]
    trace.listed(call.actor, mapping.model._meta.label_lower, persons)
    return answered(call.request, _bundle(call, mapping, asked, found))


def _changed(call: Call, mapping: Mapping, asked: Asked) -> list[Any]:
    """The rows that a page may tell of: the one that the page before left, then those after it."""
    rows = call.rows(mapping)
    if asked.since:
        around = KeptBody.objects.visible_to(call.actor).filter(
            kind=mapping.type, updated_at__gte=asked.since
        )
        fresh = Q(pk__in=around.order_by().values("resource_id"))
        rows = rows.filter(Q(updated_at__gte=asked.since) | fresh)
    if not asked.after:
        return list(ordered(rows, LATEST)[: asked.count + 1])
    moment, pk, _ = asked.after
    beyond = ordered(rows.filter(after(LATEST, (moment, pk))), LATEST)
    return [*call.rows(mapping).filter(pk=pk), *beyond[: asked.count + 1]]


def _known(call: Call, mapping: Mapping, rows: Sequence[Any], asked: Asked) -> list[Version]:
    """The versions that a page shows, and one more when others follow."""
    found: list[Version] = []
    for begin in range(0, len(rows), AT_ONCE):
        some = rows[begin : begin + AT_ONCE]
        known = versions(call, mapping, some)
        for row in some:
            found += _left(known[row.pk], asked)
        if len(found) > asked.count:
            break
    return found[: asked.count + 1]


def _left(known: list[Version], asked: Asked) -> list[Version]:
    """Of the versions of one row, those asked for that no page before has shown."""
    if asked.after and known[0].today.pk == asked.after[1]:
        shown = [place for place, one in enumerate(known) if one.code == asked.after[2]]
        known = known[shown[0] + 1 :] if shown else known
    if asked.since is None:
        return known
    return [one for one in known if instant(one.moment) >= instant(asked.since)]


def _refuse_without(mapping: Mapping) -> None:
    if not mapping.has_history:
        raise not_supported(
            "history.several_rows",
            "Ce type de ressource réunit plusieurs fiches : son historique n’est pas tenu ici.",
            "The resource is told of several records: its history is not kept here.",
        )


def versions(call: Call, mapping: Mapping, rows: Sequence[Any]) -> dict[Any, list[Version]]:
    """Every version of some resources that the caller may read, the latest first.

    As many queries whatever their number. Of what is told of several rows, that of today alone.
    """
    keys = [row.pk for row in rows]
    if not mapping.has_history:
        around = bodies(call.actor, mapping.type, keys)
        return {row.pk: [Version(mapping, row, around.get(row.pk), row)] for row in rows}
    model = cast("type[Record]", mapping.model)
    states = states_of(model, keys)
    kept = former_bodies(call.actor, mapping.type, keys)
    former = {row.pk: [row_of(model, one) for one in states.get(row.pk, [])] for row in rows}
    _bring(call, mapping, [one for some in former.values() for one in some])
    found = {}
    for row in rows:
        paired = _paired(mapping, [*former[row.pk], row], kept.get(row.pk, []))
        found[row.pk] = [
            one for one in paired if one.row is row or mapping.past(one.row, call.actor)
        ]
    return found


def _bring(call: Call, mapping: Mapping, former: list[Any]) -> None:
    """Fetch at once what former rows refer to, as the mapping does for those of today."""
    if former:
        query = call.rows(mapping)
        paths = _paths(query.query.select_related)
        prefetch_related_objects(former, *paths, *query._prefetch_related_lookups)  # type: ignore[attr-defined]


def _paths(related: Any, before: str = "") -> Iterator[str]:
    for name, inside in related.items() if isinstance(related, dict) else ():
        yield before + name
        yield from _paths(inside, f"{before}{name}__")


def _paired(mapping: Mapping, rows: list[Any], kept: list[Body]) -> list[Version]:
    """Each row with what was kept around it then; the latest first."""
    found: list[Version] = []
    around: Body | None = None
    left = list(kept)
    for row in rows:
        crossed = any(one.former_version < row.version < one.row_version for one in kept)
        here = [one for one in left if one.row_version <= row.version]
        left = left[len(here) :]
        first = here[0] if here else None
        arrived_with = first is not None and first.former_version < row.version
        if not (arrived_with or crossed):
            found.append(Version(mapping, row, around, rows[-1]))
        found += [Version(mapping, row, one, rows[-1]) for one in here]
        around = here[-1] if here else around
    return found[::-1]


def _resources(call: Call, mapping: Mapping, found: Sequence[Version]) -> list[Json]:
    said = mapping.to_fhir([one.row for one in found], Seeing(call.actor, call.now))
    return [
        whole(mapping, one.row, resource, one.body)
        for one, resource in zip(found, said, strict=True)
    ]


def _entries(call: Call, mapping: Mapping, found: Sequence[Version]) -> list[Json]:
    entries = []
    for one, resource in zip(found, _resources(call, mapping, found), strict=True):
        address = f"{mapping.type}/{resource['id']}"
        gone = mapping.is_gone(one.row)
        first = one.code in ("1", "1-1")
        method = "DELETE" if gone else "POST" if first else "PUT"
        entry: Json = {
            "fullUrl": call.base + address,
            "request": {"method": method, "url": mapping.type if method == "POST" else address},
            "response": {
                "status": "204" if gone else "201" if first else "200",
                "etag": etag(resource["meta"]["versionId"]),
                "lastModified": resource["meta"]["lastUpdated"],
            },
        }
        entries.append(entry if gone else entry | {"resource": resource})
    return sorted(entries, key=lambda one: str(one["response"]["lastModified"]), reverse=True)


def _bundle(call: Call, mapping: Mapping, asked: Asked, found: Sequence[Version]) -> Json:
    """A page: its versions, and where the next one is; the total when this one is all."""
    shown = found[: asked.count]
    here = f"{call.base}{asked.address}/_history"
    said = f"{here}?{asked.query}" if asked.query else here
    bundle: Json = {
        "resourceType": "Bundle",
        "type": "history",
        "link": [{"relation": "self", "url": said}],
    }
    if len(found) > len(shown):
        last = shown[-1]
        place = Place(asked.query, (last.today.updated_at, last.today.pk, last.code))
        cursor = sealed(place, call.caller, f"{asked.address}/_history")
        bundle["link"].append({"relation": "next", "url": f"{here}?_cursor={cursor}"})
    elif not asked.after:
        bundle["total"] = len(shown)
    entries = _entries(call, mapping, shown)
    return bundle | ({"entry": entries} if entries else {})


def _asked(call: Call, address: str, words: Words, usual: int) -> Asked:
    """Understand what is asked of a history. Raises Refusal (400)."""
    place = Place(urlencode(words))
    if cursor := dict(words).get("_cursor", ""):
        place = opened(cursor, call.caller, f"{address}/_history")
        words = parse_qsl(place.query, keep_blank_values=True)
    return Asked(address, place.query, _since(words), _count(words, usual), place.after)


def _since(words: Words) -> datetime | None:
    text = dict(words).get("_since", "")
    try:
        return dates.interval(text).start.astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        raise _unreadable("_since") from None


def _count(words: Words, usual: int) -> int:
    text = dict(words).get("_count", "")
    if text and not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        raise _unreadable("_count")
    return min(int(text[:9]), MOST) if text else usual


def _unreadable(name: str) -> Refusal:
    return invalid(
        "search.page",
        f"Le paramètre « {name} » n’est pas lisible.",
        f"The parameter {name} cannot be read.",
        name,
    )
