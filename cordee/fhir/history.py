"""What resources were: their versions, from the previous states of the row and of what is kept.

A version is a pair: that of the row, that of what a partner sent around it. Only the pairs that
somebody could read are told: what a writing went through inside its own transaction is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpResponse

from cordee.access import trace
from cordee.access.records import Record
from cordee.access.versions import row_of, states_of
from cordee.fhir.assembly import whole
from cordee.fhir.call import Call
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.instances import GONE, fetched
from cordee.fhir.outcome import Json, Refusal, absent, invalid, not_supported
from cordee.fhir.search import dates
from cordee.fhir.search.words import MOST, USUAL
from cordee.fhir.selectors import Body, bodies, former_bodies
from cordee.fhir.versions import version_of
from cordee.fhir.writing import answered, etag, instant, versioned

Words = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Version:
    """One version of a resource: its row as it was, and what was kept around it."""

    mapping: Mapping
    row: Any
    body: Body | None

    @property
    def code(self) -> str:
        """What names it."""
        return version_of(self.mapping, self.row, self.body)


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
    """The versions of one resource, the latest first."""
    call.require(mapping.type, "r")
    _refuse_without(mapping)
    row = fetched(call, mapping, pk)
    trace.read(call.actor, row)
    entries = _entries(call, mapping, versions(call, mapping, [row])[row.pk])
    return answered(call.request, _bundle(call, f"{mapping.type}/{pk}", entries, words))


def of_type(call: Call, mapping: Mapping, words: Words) -> HttpResponse:
    """The versions of what changed last among all that the caller may see of a type."""
    call.require(mapping.type, "r")
    call.require(mapping.type, "s")
    _refuse_without(mapping)
    rows = list(call.rows(mapping).order_by("-updated_at", "-pk")[: _count(words)])
    persons = [person for row in rows if (person := mapping.person_of(row))]
    trace.listed(call.actor, mapping.model._meta.label_lower, persons)
    known = [one for some in versions(call, mapping, rows).values() for one in some]
    return answered(
        call.request, _bundle(call, mapping.type, _entries(call, mapping, known), words)
    )


def _refuse_without(mapping: Mapping) -> None:
    if not mapping.has_history:
        raise not_supported(
            "history.several_rows",
            "Ce type de ressource réunit plusieurs fiches : son historique n’est pas tenu ici.",
            "The resource is told of several records: its history is not kept here.",
        )


def versions(call: Call, mapping: Mapping, rows: Sequence[Any]) -> dict[Any, list[Version]]:
    """Every version of some resources, the latest first. Three queries, whatever their number.

    Of what is told of several rows, the version of today alone.
    """
    keys = [row.pk for row in rows]
    if not mapping.has_history:
        around = bodies(call.actor, mapping.type, keys)
        return {row.pk: [Version(mapping, row, around.get(row.pk))] for row in rows}
    model = cast("type[Record]", mapping.model)
    states = states_of(model, keys)
    kept = former_bodies(call.actor, mapping.type, keys)
    found = {}
    for row in rows:
        before = [row_of(model, state) for state in states.get(row.pk, [])]
        found[row.pk] = _paired(mapping, [*before, row], kept.get(row.pk, []))
    return found


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
            found.append(Version(mapping, row, around))
        found += [Version(mapping, row, one) for one in here]
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


def _bundle(call: Call, address: str, entries: list[Json], words: Words) -> Json:
    since = _since(words)
    shown = [one for one in entries if one["response"]["lastModified"] >= since]
    bundle: Json = {
        "resourceType": "Bundle",
        "type": "history",
        "total": len(shown),
        "link": [{"relation": "self", "url": f"{call.base}{address}/_history"}],
    }
    return bundle | ({"entry": shown} if shown else {})


def _since(words: Words) -> str:
    text = dict(words).get("_since", "")
    try:
        return instant(dates.interval(text).start) if text else ""
    except (ValueError, OverflowError):
        raise _unreadable("_since") from None


def _count(words: Words) -> int:
    text = dict(words).get("_count", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 9):
        raise _unreadable("_count")
    return min(int(text), MOST) if text else USUAL


def _unreadable(name: str) -> Refusal:
    return invalid(
        "search.page",
        f"Le paramètre « {name} » n’est pas lisible.",
        f"The parameter {name} cannot be read.",
        name,
    )
