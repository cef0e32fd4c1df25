"""The answer to a history: a version, the versions of a resource, of a type, of the whole door."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpResponse

from cordee.access import trace
from cordee.fhir.assembly import whole
from cordee.fhir.call import Call
from cordee.fhir.caller import OUT_OF_SCOPE
from cordee.fhir.contract import Mapping
from cordee.fhir.history.one import latest, named, place_in
from cordee.fhir.history.pairs import Version
from cordee.fhir.history.timeline import Event, Reach, Source, told
from cordee.fhir.instances import GONE, fetched, looked, to_the_letter
from cordee.fhir.outcome import Json, Refusal, absent, not_supported
from cordee.fhir.registry import mappings
from cordee.fhir.search import dates
from cordee.fhir.search.dates import Interval
from cordee.fhir.search.paging import Place, opened, sealed
from cordee.fhir.search.words import MOST, USUAL, page_of, unreadable
from cordee.fhir.writing import answered, etag, versioned

Words = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """What a page of history is to tell: of what, how it was asked for, and how far it goes."""

    address: str
    query: str
    reach: Reach


def version(call: Call, mapping: Mapping, pk: str, code: str) -> HttpResponse:
    """Give one version of a resource (vread)."""
    call.require(mapping.type, "r")
    row = fetched(call, mapping, pk)
    table = mapping.table_of(row)
    looked(call.actor, table, row)
    found = named(call, table, row, code)
    if found is None:
        raise absent()
    if table.is_gone(found.row):
        raise Refusal(410, [GONE])
    ((_, resource),) = _resources(call, [found])
    said = to_the_letter(table, found.row, resource)
    return answered(call.request, said, 200, versioned(resource))


def of_instance(call: Call, mapping: Mapping, pk: str, words: Words) -> HttpResponse:
    """The versions of one resource, the latest first, page by page."""
    call.require(mapping.type, "r")
    _refuse_without(mapping)
    asked = _asked(call, f"{mapping.type}/{pk}", words, MOST)
    row = fetched(call, mapping, pk)
    trace.read(call.actor, row)
    table = mapping.table_of(row)
    _refuse_without(table)
    return answered(call.request, _bundle(call, asked, _of_one(call, table, row, asked.reach)))


def _of_one(call: Call, table: Mapping, row: Any, reach: Reach) -> list[Version]:
    """What a page shows of one resource, and one version more when others follow: in their order,
    unless it is asked by moments."""
    if not (reach.since or reach.during):
        return latest(call, table, row, reach.count + 1, place_in(reach.code))
    return told(call, [Source(table, call.rows(table).filter(pk=row.pk))], reach)


def of_type(call: Call, mapping: Mapping, words: Words) -> HttpResponse:
    """The versions of all that the caller may see of a type, what changed last first, by pages.

    Where parts of scopes narrow it, versions of today alone: of former ones, nothing tells in which
    part they were.
    """
    call.require(mapping.type, "r")
    call.require(mapping.type, "s")
    _refuse_without(mapping)
    return _listed(call, _kept(mapping), _asked(call, mapping.type, words, USUAL))


def of_all(call: Call, words: Words) -> HttpResponse:
    """The versions of all that the caller may see: of the types within the scopes that keep them.

    Raises Refusal (403): no type is within the scopes.
    """
    scopes = call.caller.scopes
    kept = [one for one in mappings().values() if one.has_history]
    within = [one for one in kept if scopes.allow(one.type, "r") and scopes.allow(one.type, "s")]
    if not within:
        trace.refused(call.actor, "fhir.history", reason="scope")
        raise Refusal(403, [OUT_OF_SCOPE])
    tables = [table for one in within for table in _kept(one)]
    return _listed(call, tables, _asked(call, "", words, USUAL))


def _listed(call: Call, kept: Sequence[Mapping], asked: Asked) -> HttpResponse:
    """A page of the history of some tables; one line of trace for each that it tells of."""
    sources = [Source(mapping, call.rows(mapping, "rs")) for mapping in kept]
    found = told(call, sources, asked.reach)
    for mapping in kept:
        mine = [one.today for one in found if one.mapping is mapping]
        if mine or len(kept) == 1:
            trace.listed(call.actor, mapping.model._meta.label_lower, mapping.concerned(mine))
    return answered(call.request, _bundle(call, asked, found))


def _kept(mapping: Mapping) -> list[Mapping]:
    """The tables of a type whose former versions are kept."""
    return [one for one in mapping.tables if one.has_history]


def _refuse_without(mapping: Mapping) -> None:
    if not mapping.has_history:
        raise not_supported(
            "history.several_rows",
            "Ce type de ressource réunit plusieurs fiches : son historique n’est pas tenu ici.",
            "The resource is told of several records: its history is not kept here.",
        )


def _resources(call: Call, found: Sequence[Version]) -> list[tuple[Version, Json]]:
    """Versions with the resources that they are, in their order: made type after type."""
    made: dict[int, Json] = {}
    for mapping in {id(one.mapping): one.mapping for one in found}.values():
        mine = [(place, one) for place, one in enumerate(found) if one.mapping is mapping]
        said = mapping.to_fhir([one.row for _, one in mine], call.seeing)
        for (place, one), resource in zip(mine, said, strict=True):
            made[place] = whole(mapping, one.row, resource, one.body)
    return [(one, made[place]) for place, one in enumerate(found)]


def _entries(call: Call, found: Sequence[Version]) -> Iterator[Json]:
    for one, resource in _resources(call, found):
        kind = one.mapping.type
        address = f"{kind}/{resource['id']}"
        gone = one.mapping.is_gone(one.row)
        first = one.code in ("1", "1-1")
        method = "DELETE" if gone else "POST" if first else "PUT"
        entry: Json = {
            "fullUrl": call.base + address,
            "request": {"method": method, "url": kind if method == "POST" else address},
            "response": {
                "status": "204" if gone else "201" if first else "200",
                "etag": etag(resource["meta"]["versionId"]),
                "lastModified": resource["meta"]["lastUpdated"],
            },
        }
        yield entry if gone else entry | {"resource": resource}


def _bundle(call: Call, asked: Asked, found: Sequence[Version]) -> Json:
    """A page: its versions, and where the next one is; the total when this one is all."""
    shown = found[: asked.reach.count]
    here = f"{call.base}{_history(asked.address)}"
    said = f"{here}?{asked.query}" if asked.query else here
    bundle: Json = {
        "resourceType": "Bundle",
        "type": "history",
        "link": [{"relation": "self", "url": said}],
    }
    if len(found) > len(shown):
        last = shown[-1]
        after = (last.moment, last.mapping.type, last.today.pk, last.code)
        cursor = sealed(Place(asked.query, after), call.caller, _history(asked.address))
        bundle["link"].append({"relation": "next", "url": f"{here}?_cursor={cursor}"})
    elif asked.reach.after is None:
        bundle["total"] = len(shown)
    entries = list(_entries(call, shown))
    return bundle | ({"entry": entries} if entries else {})


def _history(address: str) -> str:
    return f"{address}/_history".lstrip("/")


def _asked(call: Call, address: str, words: Words, usual: int) -> Asked:
    """Understand what is asked of a history. Raises Refusal (400)."""
    place = Place(urlencode(words))
    if cursor := dict(words).get("_cursor", ""):
        place = opened(cursor, call.caller, _history(address))
        words = parse_qsl(place.query, keep_blank_values=True)
    after: Event | None = None
    code = ""
    if place.after:
        moment, kind, pk, code = place.after
        after = (moment, kind, pk)
    since, during = _interval(words, "_since"), _interval(words, "_at")
    begin: datetime | None = since.start.astimezone(UTC) if since else None
    count = page_of(words, usual, 1)
    return Asked(address, place.query, Reach(count, begin, during, after, code))


def _interval(words: Words, name: str) -> Interval | None:
    text = dict(words).get(name, "")
    try:
        return dates.interval(text) if text else None
    except (ValueError, OverflowError):
        raise unreadable(name) from None
