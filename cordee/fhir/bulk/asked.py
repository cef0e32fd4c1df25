"""What an export is asked for: which types, since when, which elements, under which filters.

Source: HL7, Bulk Data Access 2.0.0, « Bulk Data Kick-off Request ».
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from cordee.fhir.call import Call
from cordee.fhir.caller import OUT_OF_SCOPE
from cordee.fhir.outcome import Refusal, invalid, not_supported
from cordee.fhir.reading import resource_of
from cordee.fhir.registry import mappings
from cordee.fhir.search import dates

Pairs = Sequence[tuple[str, str]]
FORMATS = frozenset({"application/fhir+ndjson", "application/ndjson", "ndjson"})
KNOWN = frozenset({"_type", "_since", "_outputFormat", "_elements", "_typeFilter"})
OF_ANSWERS = frozenset({"_format", "_pretty"})  # how each answer is written, here as everywhere
NOT_UNASKED = frozenset({"AuditEvent", "Provenance"})
"""Who looked and what came in: exported when they are named; reading would add to them."""
MOST_FILTERS = 20


@dataclass(frozen=True)
class Wanted:
    """What is exported; `filters`: a type, and the words of a search that narrows it."""

    types: tuple[str, ...]
    since: datetime | None = None
    elements: tuple[str, ...] = ()
    filters: tuple[tuple[str, str], ...] = ()

    def told(self) -> dict[str, Any]:
        """The same, as it is kept."""
        since = self.since.isoformat() if self.since else ""
        named = {"types": list(self.types), "elements": list(self.elements)}
        return named | {"since": since, "filters": [list(one) for one in self.filters]}

    def elements_of(self, type_name: str) -> list[str]:
        """The elements that are wanted of a type: named for it, or for all."""
        found = []
        for one in self.elements:
            kind, _, name = one.rpartition(".")
            if kind in ("", type_name):
                found.append(name)
        return found

    def filters_of(self, type_name: str) -> list[str]:
        """The searches that narrow a type: a resource is wanted when one of them finds it."""
        return [query for kind, query in self.filters if kind == type_name]


def heard(told: dict[str, Any]) -> Wanted:
    """What was kept of a request."""
    since = datetime.fromisoformat(told["since"]) if told["since"] else None
    filters = tuple((kind, query) for kind, query in told["filters"])
    return Wanted(tuple(told["types"]), since, tuple(told["elements"]), filters)


def wanted_by(call: Call, possible: Iterable[str]) -> Wanted:
    """Understand what is asked, of the types that are possible there. Raises Refusal (400, 403)."""
    pairs = _pairs(call)
    _refuse_the_unknown(call, pairs)
    words = dict(pairs)
    if words.get("_outputFormat", "ndjson").replace(" ", "+") not in FORMATS:
        raise not_supported(
            "bulk.format",
            "Un export ne s’écrit qu’en lignes de JSON : « application/fhir+ndjson ».",
            "An export is written in NDJSON only: application/fhir+ndjson.",
        )
    found = Wanted(
        types=_types(call, _listed(pairs, "_type"), sorted(possible)),
        since=_since(words.get("_since", "")),
        elements=tuple(_listed(pairs, "_elements")),
    )
    filters = [value for name, value in pairs if name == "_typeFilter" and value]
    if len(filters) > MOST_FILTERS:
        raise _unreadable("_typeFilter")
    return replace(found, filters=tuple(_filter(found, one) for one in filters))


def _pairs(call: Call) -> Pairs:
    """The parameters: words of the address, or those of a Parameters that is posted."""
    query = call.request.META.get("QUERY_STRING", "")
    pairs = parse_qsl(query, keep_blank_values=True)
    if call.request.method != "POST":
        return pairs
    given = resource_of(call.request, "Parameters").get("parameter")
    for one in given if isinstance(given, list) else []:
        if not isinstance(one, dict):
            raise _unreadable("parameter")
        values = [v for k, v in one.items() if k.startswith("value")]
        if not values or not isinstance(values[0], str):
            raise _unreadable(str(one.get("name", ""))[:60])
        pairs.append((str(one.get("name")), values[0]))
    return pairs


def _refuse_the_unknown(call: Call, pairs: Pairs) -> None:
    """What narrows an export and is not understood would tell more than was asked."""
    unknown = [name for name, _ in pairs if name not in KNOWN | OF_ANSWERS]
    if unknown and "handling=lenient" not in call.prefers:
        name = unknown[0][:60]
        raise not_supported(
            "bulk.parameter",
            f"Le paramètre « {name} » n’est pas connu d’un export : retirez-le, ou demandez qu’il "
            "soit ignoré (« Prefer: handling=lenient »).",
            f"The parameter {name} is not supported by $export (see Prefer: handling=lenient).",
        )


def _types(call: Call, named: list[str], possible: list[str]) -> tuple[str, ...]:
    """The types to export: those named, else all that the scopes let be read and searched."""
    scopes = call.caller.scopes
    within = [one for one in possible if scopes.allow(one, "r") and scopes.allow(one, "s")]
    if not named:
        named = [one for one in within if one not in NOT_UNASKED]
    if strangers := [one for one in named if one not in possible]:
        raise not_supported(
            "bulk.type",
            f"Le type « {strangers[0][:60]} » ne s’exporte pas ici.",
            f"The type {strangers[0][:60]} is not exported here.",
        )
    if not named or not set(named) <= set(within):
        for one in named:
            call.require(one, "r")
            call.require(one, "s")
        raise Refusal(403, [OUT_OF_SCOPE])
    return tuple(one for one in possible if one in named)


def _since(text: str) -> datetime | None:
    try:
        return dates.interval(text).start.astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        raise _unreadable("_since") from None


def _filter(wanted: Wanted, text: str) -> tuple[str, str]:
    """A filter is a search of one of the types that are exported."""
    kind, _, query = text.partition("?")
    if kind not in wanted.types or kind not in mappings() or not query or "\0" in query:
        raise _unreadable("_typeFilter")
    return kind, query


def _listed(pairs: Pairs, name: str) -> list[str]:
    return [one for key, value in pairs if key == name for one in value.split(",") if one]


def _unreadable(name: str) -> Refusal:
    return invalid(
        "bulk.value",
        f"Le paramètre « {name} » ne se lit pas.",
        f"The parameter {name} cannot be read.",
        name,
    )
