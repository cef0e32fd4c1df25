"""A visit at home that a helper noted → Encounter. A need raised by itself is none."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import coding, concept, filled, period, reference
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import Choice, Moment, Parameter, Reference
from cordee.fhir.systems import ENCOUNTER_CLASS, ours
from cordee.vigilance import selectors
from cordee.vigilance.models import Visit
from cordee.vigilance.rules.marks import Kind

HOME = coding(ENCOUNTER_CLASS, "HH")
TYPE = concept(ours("encounter-type"), "home-visit", "Visite à domicile")


def rows_of(actor: Actor) -> QuerySet[Visit]:
    """The visits that the actor may see, without the needs raised by themselves."""
    return selectors.visit_records(actor).filter(kind=Kind.VISIT.value)


def to_fhir(rows: Sequence[Visit], seeing: Seeing) -> list[Json]:
    """Visits as they were noted. No query."""
    return [_encounter(one) for one in rows]


def _encounter(row: Visit) -> Json:
    return filled(
        {
            "status": "finished",
            "class": HOME,
            "type": [TYPE],
            "subject": reference("Patient", row.person_id),
            "participant": [{"individual": {"display": row.helper.name}}],
            "period": period(row.happened_at, None),
            "serviceProvider": reference(
                "Organization", row.organization_id, row.organization.name
            ),
        }
    )


SEARCH: dict[str, Parameter] = {
    "class": Choice({"HH": Q()}, ENCOUNTER_CLASS),
    "date": Moment("happened_at"),
    "patient": Reference({"Patient": "person"}),
    "service-provider": Reference({"Organization": "organization"}),
    "status": Choice({"finished": Q()}, "http://hl7.org/fhir/encounter-status"),
    "subject": Reference({"Patient": "person"}),
    "type": Choice({"home-visit": Q()}, ours("encounter-type")),
}

MAPPING = Mapping(
    type="Encounter",
    model=Visit,
    rows=rows_of,
    to_fhir=to_fhir,
    search=SEARCH,
    summary=("status", "class", "type", "subject", "period", "serviceProvider"),
    note="Visits at home that were noted. Stays in hospital are facts of the thread, not rows.",
)
