"""Line of the thread of a person → Provenance: what was done, to what, by whom, by which door."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from cordee.access.actor import Actor, Origin
from cordee.fhir.contract import Mapping, Seeing, by_number, by_uuid
from cordee.fhir.datatypes import coding, filled, reference, said
from cordee.fhir.history.then import versions_then
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import Asking, Code, Made, Moment, Parameter
from cordee.fhir.systems import ours, told, worded
from cordee.kernel.facts import Fact
from cordee.kernel.models import FactHeader, on_threads
from cordee.people import selectors
from cordee.people.selectors import Telling

FACTS = ours("fact")
ORIGIN = ours("origin")
AUTHOR = worded(
    "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author", "auteur"
)
UNKNOWN = "Auteur effacé selon une règle de conservation"
Named = dict[int, list[Json]]
"""What each line speaks of, by line."""


def rows(actor: Actor) -> QuerySet[FactHeader]:
    """The lines of the threads of those whom the actor knows, each by what it tells. One query."""
    return selectors.lines_of_persons(actor)


def to_fhir(rows: Sequence[FactHeader], seeing: Seeing) -> list[Json]:
    """Lines with what they speak of and who wrote them. Three queries, four at most for each type
    that they speak of, one more when some content is archived."""
    lines = selectors.tellings(rows)
    things = _things(rows, lines, seeing)
    return [
        _provenance(row, one, things.get(row.pk, [])) for row, one in zip(rows, lines, strict=True)
    ]


def _provenance(row: FactHeader, one: Telling, things: list[Json]) -> Json:
    line, whom = one.line, reference("Patient", row.thread_id)
    is_named = any(thing["reference"].startswith(whom["reference"]) for thing in things)
    return filled(
        {
            "extension": [told("origin", row.origin, line.source)] if row.origin else [],
            "target": things if is_named else [*things, whom],
            "occurredDateTime": said(row.happened_at),
            "recorded": said(row.recorded_at),
            "activity": {"coding": [coding(FACTS, row.kind)], "text": line.text},
            "agent": [_author(one)],
        }
    )


def _things(rows: Sequence[FactHeader], lines: Sequence[Telling], seeing: Seeing) -> Named:
    """What each line speaks of, in the version that it then was, as far as its reader may see it
    today, within the scopes."""
    met: dict[int, tuple[Mapping, list[tuple[FactHeader, UUID]]]] = {}
    for row, line in zip(rows, lines, strict=True):
        key = by_uuid(line.subject)
        for table in _tables_of(row.kind) if key else ():
            met.setdefault(id(table), (table, []))[1].append((row, key))  # type: ignore[arg-type]
    found: Named = {}
    for table, said_of in met.values():
        seen = _seen(table, seeing).filter(pk__in={key for _, key in said_of})
        today = dict(seen.order_by().values_list("pk", "version"))
        mine = [(row, key) for row, key in said_of if key in today]
        codes = versions_then(
            seeing.actor, table, today, [(key, row.recorded_at) for row, key in mine]
        )
        for row, key in mine:
            code = codes.get((key, row.recorded_at))
            address = f"{table.type}/{key}" + (f"/_history/{code}" if code else "")
            found.setdefault(row.pk, []).append({"reference": address})
    return found


def _seen(table: Mapping, seeing: Seeing) -> QuerySet[Any]:
    """The rows of a table that may be named to a reader: those that they may read."""
    if seeing.asking is None:
        return table.rows(seeing.actor)
    return _read(table, seeing.asking)


def _read(table: Mapping, asking: Asking) -> QuerySet[Any]:
    from cordee.fhir.search.compiler import let_through

    if not asking.scopes.allow(table.type, "r"):
        return table.rows(asking.actor).none()
    return let_through(table, asking, "r")


@cache
def _tables_of(kind: str) -> tuple[Mapping, ...]:
    """The tables of which the lines of a kind name a row."""
    from cordee.fhir.registry import mappings

    fact = Fact.known.get(kind)
    named = f"{kind.partition('.')[0]}.{fact.subject}" if fact and fact.subject else ""
    tables = (table for one in mappings().values() for table in one.tables)
    return tuple(table for table in tables if named in table.lines)


def _author(one: Telling) -> Json:
    practitioner = one.author.get("practitioner")
    house = one.author.get("organization")
    named = filled({"display": one.line.who or UNKNOWN})
    return filled(
        {
            "type": AUTHOR,
            "who": reference("Practitioner", UUID(practitioner), one.line.who)
            if practitioner
            else named,
            "onBehalfOf": reference("Organization", UUID(house), one.line.organization)
            if house
            else {},
        }
    )


# --- search ------------------------------------------------------------------------------------


def _about(value: str, asking: Asking) -> Q:
    """The thread of a person with those of the records that hers absorbed."""
    kind, key = _address(value)
    return _of_person(key) if key and kind in ("", "Patient") else Q(pk__in=[])


def _of_person(key: UUID) -> Q:
    family = RawSQL("SELECT unnest(people_family(ARRAY[people_surviving(%s)]))", [key])  # noqa: S611
    return on_threads(family)


def _address(value: str) -> tuple[str, UUID | None]:
    """The type and the key that a reference names, in whatever version."""
    before, _, key = value.partition("/_history/")[0].rpartition("/")
    return before.rpartition("/")[2], by_uuid(key)


def _spoken_of(value: str, asking: Asking) -> Q:
    """The lines that speak of something that the caller may read; of a person, all of hers."""
    from cordee.fhir.registry import mappings

    kind, key = _address(value)
    if kind in ("", "Patient"):
        return _about(value, asking)
    found = Q(pk__in=[])
    for table in mappings()[kind].tables if key and kind in mappings() else ():
        row = _read(table, asking).filter(pk=key).first()
        if row is not None and (person := table.person_of(row)):
            kinds = [name for name in Fact.known if table in _tables_of(name)]
            lines = selectors.lines_spoken_of(row.pk, kinds, person)
            found |= Q(pk__in=lines.values("fact_id"))
    return found


def _of_key(value: str, asking: Asking) -> Q:
    key = by_number(value)
    return Q(pk=key) if key is not None else Q(pk__in=[])


def _of_kind(value: str, asking: Asking) -> Q:
    system, bar, code = value.rpartition("|")
    return Q(kind=code) if not bar or system == FACTS else Q(pk__in=[])


def _person(row: Any) -> UUID | None:
    found: UUID | None = row.thread_id
    return found


SEARCH: dict[str, Parameter] = {
    "_id": Made("token", _of_key, "pk"),
    "activity": Made("token", _of_kind),
    "origin": Code("origin", {one.value: one.value for one in Origin}, ORIGIN),
    "patient": Made("reference", _about),
    "recorded": Moment("recorded_at"),
    "target": Made("reference", _spoken_of),
    "when": Moment("happened_at"),
}

MAPPING = Mapping(
    type="Provenance",
    model=FactHeader,
    rows=rows,
    to_fhir=to_fhir,
    search=SEARCH,
    key_of=by_number,
    version_of=lambda row: "1",
    moment="recorded_at",
    person_of=_person,
    within=_of_person,
    summary=("target", "occurredDateTime", "recorded", "activity", "agent"),
    note="One per line of the thread; origin says through which door it came in. target names what "
    "the line speaks of, in the version that it then was, to who may see it; then the person.",
)
