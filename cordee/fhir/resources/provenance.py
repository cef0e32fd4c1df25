"""Line of the thread of a person → Provenance: what was done, by whom, through which door."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from cordee.access.actor import Actor, Origin
from cordee.fhir.contract import Mapping, Seeing, by_number, by_uuid
from cordee.fhir.datatypes import coding, filled, reference, said
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import Asking, Code, Made, Moment, Parameter
from cordee.fhir.systems import ours, told, worded
from cordee.kernel.models import FactHeader, on_threads
from cordee.people import selectors
from cordee.people.selectors import Telling

FACTS = ours("fact")
ORIGIN = ours("origin")
AUTHOR = worded(
    "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author", "auteur"
)
UNKNOWN = "Auteur effacé selon une règle de conservation"


def rows(actor: Actor) -> QuerySet[FactHeader]:
    """The lines of the threads of those whom the actor knows, each by what it tells. One query."""
    return selectors.lines_of_persons(actor)


def to_fhir(rows: Sequence[FactHeader], seeing: Seeing) -> list[Json]:
    """Lines with who wrote them. Three queries, one more when some content is archived."""
    lines = selectors.tellings(rows)
    return [_provenance(row, one) for row, one in zip(rows, lines, strict=True)]


def _provenance(row: FactHeader, one: Telling) -> Json:
    line = one.line
    return filled(
        {
            "extension": [told("origin", row.origin, line.source)] if row.origin else [],
            "target": [reference("Patient", row.thread_id)],
            "occurredDateTime": said(row.happened_at),
            "recorded": said(row.recorded_at),
            "activity": {"coding": [coding(FACTS, row.kind)], "text": line.text},
            "agent": [_author(one)],
        }
    )


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
    key = by_uuid(value.rpartition("/")[2])
    if key is None or value.rpartition("/")[0].rpartition("/")[2] not in ("", "Patient"):
        return Q(pk__in=[])
    family = RawSQL("SELECT unnest(people_family(ARRAY[people_surviving(%s)]))", [key])  # noqa: S611
    return on_threads(family)


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
    "target": Made("reference", _about),
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
    summary=("target", "occurredDateTime", "recorded", "activity", "agent"),
    note="One per line of the thread; origin says through which door it came in.",
)
