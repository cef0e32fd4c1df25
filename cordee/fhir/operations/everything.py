"""Patient `$everything`: all that the caller may see about somebody, type after type, by key.

Source: https://hl7.org/fhir/R4/patient-operation-everything.html. Neither the thread nor who looked
is in it, unless asked for by `_type`: reading would add to it. Of a record that another absorbed
comes that record, whose link says who is left, then all about who is left.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from cordee.access import trace
from cordee.fhir.assembly import assembled
from cordee.fhir.call import Call
from cordee.fhir.contract import Mapping
from cordee.fhir.instances import fetched
from cordee.fhir.operations import Operation, Part
from cordee.fhir.operations.given import Given
from cordee.fhir.outcome import Issue, Json, invalid
from cordee.fhir.registry import mapping_of, mappings
from cordee.fhir.search.answering import said
from cordee.fhir.search.compiler import parameters_of, refuse_the_unknown, unknown
from cordee.fhir.search.paging import Place, opened, sealed
from cordee.fhir.search.parameters import Reference, Unreadable
from cordee.fhir.search.words import Asked
from cordee.people.models import Person

USUAL, MOST = 50, 200
NOT_UNASKED = frozenset({"AuditEvent", "Provenance"})
BOUND = "Patient/$everything"  # what the address of a page is good for


def everything(call: Call, pk: str, given: Given) -> Json:
    """A page of what is known of somebody. Raises Refusal: hidden or absent (404)."""
    call.require("Patient", "r")
    patient = mapping_of("Patient")
    person = fetched(call, patient, pk)
    trace.read(call.actor, person)
    wanted, after = _asked(call, given)
    nowhere, shut = _leading_nowhere(wanted, person), _out_of_scope(call, wanted, person)
    if call.is_strict:
        refuse_the_unknown(nowhere)
        for name in shut:
            raise call.out_of_scope(name)
    count = given.number("_count", USUAL, MOST)
    found: list[tuple[Mapping, Any]] = []
    for mapping, rows in _sources(call, person, wanted, after):
        found += [(mapping, row) for row in rows.order_by("pk")[: count + 1 - len(found)]]
        if len(found) > count:
            break
    page = found[:count]
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "link": []}
    bundle["link"].append({"relation": "self", "url": _address(call, pk)})
    if len(found) > count:
        last, row = page[-1]
        place = Place(_said(wanted), (_named(last), row.pk))
        cursor = sealed(place, call.caller, f"{BOUND}/{pk}")
        onward = f"{_address(call, pk)}?_cursor={cursor}&_count={count}"
        bundle["link"].append({"relation": "next", "url": onward})
    entries = [*_entries(call, page), *said([*nowhere, *map(_not_granted, shut)])]
    return bundle | ({"entry": entries} if entries else {})


def _asked(call: Call, given: Given) -> tuple[dict[str, str], tuple[Any, ...]]:
    """Which types, since when, and after what one goes on. Raises Refusal (400)."""
    cursor = given.text("_cursor")
    if not cursor:
        if given.joined("start") or given.joined("end"):
            raise invalid("operation.dates", *NO_DATES)
        return {"_type": given.joined("_type"), "_since": given.text("_since")}, ()
    path = call.request.path.rstrip("/").split("/")
    place = opened(cursor, call.caller, f"{BOUND}/{path[-2]}")
    types, _, since = place.query.partition("&")
    return {"_type": types, "_since": since}, place.after


def _said(wanted: dict[str, str]) -> str:
    return f"{wanted['_type']}&{wanted['_since']}"


def _types(wanted: dict[str, str]) -> set[str]:
    return set(filter(None, wanted["_type"].split(",")))


def _leading_nowhere(wanted: dict[str, str], person: Person) -> list[Issue]:
    """The warning that some types asked for tell of nobody, or are not known: nothing comes."""
    strangers = sorted(_types(wanted) - _told_of(person))
    return [unknown(Asked(f"_type={','.join(strangers)}", "", "", ()))] if strangers else []


def _out_of_scope(call: Call, wanted: dict[str, str], person: Person) -> list[str]:
    """The types asked for by their name of which what was granted lets nothing through."""
    named = sorted(_types(wanted) & _told_of(person))
    return [one for one in named if not call.caller.scopes.allow(one, "r")]


def _told_of(person: Person) -> set[str]:
    return {one.type for one in _in_order() if _about(one, person) is not None}


def _not_granted(name: str) -> Issue:
    return Issue(
        "forbidden",
        "caller.scope",
        f"L’autorisation donnée à ce système ne comprend pas « {name} » : rien n’en est dit ici.",
        f"The scopes granted to this client do not include {name}: nothing of it is told here.",
        severity="warning",
    )


def _sources(
    call: Call, person: Person, wanted: dict[str, str], after: tuple[Any, ...]
) -> Iterator[tuple[Mapping, QuerySet[Any]]]:
    """The rows of each type that are about somebody, in the order of types."""
    types = _types(wanted)
    for mapping in _in_order():
        name = mapping.type
        if (types and name not in types) or (not types and name in NOT_UNASKED):
            continue
        whose = _about(mapping, person)
        if whose is None or not call.caller.scopes.allow(name, "r"):
            continue
        if after and _named(mapping) < after[0]:
            continue
        rows = call.rows(mapping).filter(whose)
        if name != "Patient":  # the one who was named is told, absorbed or not
            rows = mapping.found(rows)
        if wanted["_since"]:
            rows = rows.filter(_since(call, mapping, wanted["_since"]))
        if after and _named(mapping) == after[0]:
            rows = rows.filter(pk__gt=after[1])
        yield mapping, rows


def _about(mapping: Mapping, person: Person) -> Q | None:
    """The rows of a type that are about somebody, by the record that is left of theirs; None of
    what is about nobody."""
    key = person.merged_into_id or person.pk
    if mapping.type == "Patient":
        return Q(pk__in={person.pk, key})
    if path := path_to_person(mapping):
        return Q(**{path: key})
    return mapping.within(key) if mapping.within else None


def path_to_person(mapping: Mapping) -> str | None:
    """How a row of a type leads to the person it is about; None when it is about nobody."""
    if mapping.type == "Patient":
        return "pk"
    for name in ("patient", "subject"):
        one = parameters_of(mapping).get(name)
        if isinstance(one, Reference) and "Patient" in one.paths:
            return one.paths["Patient"]
    return None


def _in_order() -> list[Mapping]:
    return sorted((table for one in mappings().values() for table in one.tables), key=_named)


def _named(mapping: Mapping) -> str:
    """A word by which tables are sorted: the person first, then types, each with its tables."""
    first, rank = mapping.type == "Patient", mappings()[mapping.type].tables.index(mapping)
    return f"{'' if first else mapping.type}/{rank}"


def _since(call: Call, mapping: Mapping, since: str) -> Any:
    try:
        changed = parameters_of(mapping)["_lastUpdated"]
        return changed.condition(f"ge{since}", "", call.asking(mapping.type))
    except Unreadable:
        raise invalid(
            "operation.parameter",
            "Le paramètre « _since » ne se lit pas.",
            "The parameter _since cannot be read.",
            "Parameters.parameter.where(name='_since')",
        ) from None


def _entries(call: Call, page: Sequence[tuple[Mapping, Any]]) -> Iterator[Json]:
    """The page, made type after type; one line of trace by type."""
    for mapping in _in_order():
        rows = [row for one, row in page if one is mapping]
        if not rows:
            continue
        trace.listed(call.actor, mapping.model._meta.label_lower, mapping.concerned(rows))
        for resource in assembled(mapping, rows, call.seeing):
            address = f"{call.base}{mapping.type}/{resource['id']}"
            yield {"fullUrl": address, "resource": resource, "search": {"mode": "match"}}


def _address(call: Call, pk: str) -> str:
    return f"{call.base}Patient/{pk}/$everything"


NO_DATES = (
    "« start » et « end » ne sont pas tenus ici : demandez par « _since », ou cherchez chaque type "
    "par ses dates.",
    "start and end are not supported: use _since, or search each type by its dates.",
)
OPERATIONS = (
    Operation(
        "everything",
        "Patient",
        "http://hl7.org/fhir/OperationDefinition/Patient-everything",
        everything,
        takes=(Part("_type", "code"), Part("_since", "instant"), Part("_count", "integer")),
    ),
)
