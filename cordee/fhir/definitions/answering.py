"""Definitions, read and searched: what the door says of itself, to whoever it knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpResponse

from cordee.fhir.assembly import marked
from cordee.fhir.call import Call
from cordee.fhir.definitions import definitions
from cordee.fhir.definitions.looking import LOOKED, Looked
from cordee.fhir.outcome import Issue, Json, absent, outcome
from cordee.fhir.search.compiler import refuse_the_unknown, refused, unknown
from cordee.fhir.search.paging import Place, opened, sealed
from cordee.fhir.search.words import Asked, Wanted, understood
from cordee.fhir.shape.tables import kind
from cordee.fhir.writing import answered, etag, version_in


def read(call: Call, type_name: str, pk: str, code: str = "") -> HttpResponse:
    """Give one definition; nothing of it when its caller has it already (304).

    Raises Refusal (404): there is none such, or not in that version.
    """
    found = definitions(type_name).get(pk)
    if found is None or code not in ("", found["meta"]["versionId"]):
        raise absent()
    version = found["meta"]["versionId"]
    known = call.request.headers.get("If-None-Match", "")
    if version in [version_in(one) for one in known.split(",")]:
        return answered(call.request, None, 304, {"ETag": etag(version)})
    return answered(call.request, found, 200, {"ETag": etag(version)})


@dataclass(frozen=True)
class Found:
    """The definitions that a search asks for, in their order, and what was not understood."""

    all: list[Json]
    ignored: list[Issue]


def searched(call: Call, type_name: str, pairs: Sequence[tuple[str, str]]) -> Json:
    """Answer a search of definitions, page by page, with their number. Raises Refusal (400)."""
    wanted, after = _wanted(call, type_name, pairs)
    found = _found(type_name, wanted)
    if call.is_strict:
        refuse_the_unknown(found.ignored)
    here = f"{call.base}{type_name}"
    begin = next((rank for rank, one in enumerate(found.all) if one["id"] == after), -1) + 1
    count = 0 if wanted.summary == "count" else wanted.count
    page = found.all[begin : begin + count]
    bundle: Json = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(found.all),
        "link": [{"relation": "self", "url": here}],
    }
    if page and begin + count < len(found.all):
        cursor = sealed(Place(wanted.query, (page[-1]["id"],)), call.caller, type_name)
        bundle["link"].append({"relation": "next", "url": f"{here}?_cursor={cursor}"})
    entries: list[Json] = [
        {
            "fullUrl": f"{here}/{one['id']}",
            "resource": _trimmed(one, wanted),
            "search": {"mode": "match"},
        }
        for one in page
    ]
    if found.ignored:
        entries.append({"resource": outcome(found.ignored), "search": {"mode": "outcome"}})
    return bundle | ({"entry": entries} if entries else {})


def _wanted(call: Call, type_name: str, pairs: Sequence[tuple[str, str]]) -> tuple[Wanted, Any]:
    wanted = understood(pairs)
    if not wanted.cursor:
        return wanted, None
    place = opened(wanted.cursor, call.caller, type_name)
    return understood(parse_qsl(place.query, keep_blank_values=True)), place.after[0]


def _found(type_name: str, wanted: Wanted) -> Found:
    found = Found(list(definitions(type_name).values()), [])
    for asked in wanted.asked:
        looked = LOOKED[type_name].get(asked.name)
        if looked is None:
            found.ignored.append(unknown(asked))
            continue
        _refuse_modifier(looked, asked)
        found.all[:] = [one for one in found.all if looked.holds(one, asked.values, asked.modifier)]
    for name, descending in reversed(wanted.sort):
        looked = LOOKED[type_name].get(name)
        if looked is None:
            raise refused(Asked("_sort", "", "", ()), "search.sort", "on ne trie pas ainsi", "sort")
        found.all.sort(key=looked.first, reverse=descending)
    return found


def _refuse_modifier(looked: Looked, asked: Asked) -> None:
    if asked.chain or asked.modifier not in ("", "missing", *looked.modifiers):
        raise refused(asked, "search.modifier", "ce n’est pas connu ici", "unknown modifier")


def _trimmed(resource: Json, wanted: Wanted) -> Json:
    """Leave out what was not wanted: the lists, in a summary; the rest, by name. What must be
    there stays: it would be no resource without."""
    must = _required(resource)
    if wanted.elements:
        kept = {"resourceType", "id", "meta", *wanted.elements, *must}
        return marked({key: one for key, one in resource.items() if key in kept})
    if wanted.summary in ("true", "text"):
        return marked(
            {key: one for key, one in resource.items() if key in must or not isinstance(one, list)}
        )
    return resource


def _required(resource: Json) -> set[str]:
    elements = kind(resource["resourceType"]).elements.values()
    return {one.name for one in elements if one.least}
