"""A visit at home that a helper noted → Encounter. A need raised by itself is none.

The other tables of the type: contacts with the person herself, visits to come, and her stays in
hospital.
"""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import coding, concept, filled, in_words, period, reference
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import Choice, Moment, Parameter, Reference, Span
from cordee.fhir.systems import DISCHARGE, ENCOUNTER_CLASS, UCUM, ours, worded
from cordee.fhir.versions import LATELY, lately
from cordee.liaison import selectors as liaison
from cordee.liaison.models import Contact
from cordee.liaison.rules import Result, Way, Whom
from cordee.people import selectors as people
from cordee.people.models import HospitalStay
from cordee.people.rules.traits import Destination
from cordee.vigilance import selectors
from cordee.vigilance.models import PlannedVisit, Visit
from cordee.vigilance.rules.marks import Kind

HOME = coding(ENCOUNTER_CLASS, "HH")
NOTED = Q(kind=Kind.VISIT.value)

WAYS = {
    Way.CALL: ("VR", "call", "Appel téléphonique"),
    Way.VISIT: ("HH", "visit", "Visite"),
    Way.MESSAGE: ("VR", "message", "Message"),
}
NATURES = {"home-visit": "Visite à domicile", "hospital-stay": "Séjour à l’hôpital"} | {
    code: text for _, code, text in WAYS.values()
}
TYPE = concept(ours("encounter-type"), "home-visit", NATURES["home-visit"])


def rows_of(actor: Actor) -> QuerySet[Visit]:
    """The visits that the actor may see, without the needs raised by themselves."""
    return selectors.visit_records(actor).filter(NOTED)


def to_fhir(rows: Sequence[Visit], seeing: Seeing) -> list[Json]:
    """Visits as they were noted. No query."""
    return [_encounter(one) for one in rows]


def _attended(account: Account | None) -> list[Json]:
    return [{"individual": one} for one in in_words(account.name if account else "")]


def _encounter(row: Visit) -> Json:
    return filled(
        {
            "status": "finished",
            "class": HOME,
            "type": [TYPE],
            "subject": reference("Patient", row.person_id),
            "participant": _attended(row.helper),
            "period": period(row.happened_at, None),
            "serviceProvider": reference(
                "Organization", row.organization_id, row.organization.name
            ),
        }
    )


STATUS = "http://hl7.org/fhir/encounter-status"
PERSON = Reference({"Patient": "person"})
OF_ALL: dict[str, Parameter] = {
    "patient": PERSON,
    "service-provider": Reference({"Organization": "organization"}),
    "subject": PERSON,
}


# --- contacts with the person, visits to come, stays in hospital --------------------------------


def contacts_of(actor: Actor) -> QuerySet[Contact]:
    """The contacts in which the person herself was reached."""
    return liaison.contact_records(actor).filter(whom=Whom.PERSON, result=Result.REACHED)


def contacts_to_fhir(rows: Sequence[Contact], seeing: Seeing) -> list[Json]:
    """Contacts as they were noted. No query."""
    return [_contact(one) for one in rows]


def _contact(row: Contact) -> Json:
    place, code, text = WAYS[Way(row.way)]
    length = {"value": row.minutes, "unit": "min", "system": UCUM, "code": "min"}
    return filled(
        {
            "status": "entered-in-error" if row.is_withdrawn else "finished",
            "class": coding(ENCOUNTER_CLASS, place),
            "type": [concept(ours("encounter-type"), code, text)],
            "subject": reference("Patient", row.person_id),
            "participant": _attended(row.author),
            "period": period(row.made_at, None),
            "length": length if row.minutes else {},
            "serviceProvider": reference(
                "Organization", row.organization_id, str(row.organization or "")
            ),
        }
    )


CONTACTS = Mapping(
    type="Encounter",
    model=Contact,
    rows=contacts_of,
    to_fhir=contacts_to_fhir,
    lines=("liaison.contact_id",),
    past=lambda row, actor: (row.whom, row.result) == (Whom.PERSON, Result.REACHED),
    search={
        "class": Choice(
            {"HH": Q(way=Way.VISIT), "VR": Q(way__in=(Way.CALL, Way.MESSAGE))}, ENCOUNTER_CLASS
        ),
        "date": Moment("made_at"),
        "status": Choice(
            {
                "finished": Q(withdrawn_at=None),
                "entered-in-error": Q(withdrawn_at__isnull=False),
            },
            STATUS,
        ),
        "type": Choice(
            {code: Q(way=way) for way, (_, code, _) in WAYS.items()}, ours("encounter-type")
        ),
        **OF_ALL,
    },
)


def planned_of(actor: Actor) -> QuerySet[PlannedVisit]:
    """The visits that were planned, and whether they took place."""
    noted = Visit.objects.filter(planned=OuterRef("pk"))
    return lately(selectors.planned_records(actor), noted).annotate(is_noted=Exists(noted))


def planned_to_fhir(rows: Sequence[PlannedVisit], seeing: Seeing) -> list[Json]:
    """Visits to come. No query."""
    return [_planned(one) for one in rows]


def _planned(row: PlannedVisit) -> Json:
    return filled(
        {
            "status": "cancelled" if row.cancelled_at else "planned",
            "class": HOME,
            "type": [TYPE],
            "subject": reference("Patient", row.person_id),
            "participant": _attended(row.helper),
            "period": period(row.starts_at, row.ends_at),
            "serviceProvider": reference(
                "Organization", row.organization_id, row.organization.name
            ),
        }
    )


PLANNED = Mapping(
    type="Encounter",
    model=PlannedVisit,
    rows=planned_of,
    to_fhir=planned_to_fhir,
    found=lambda rows: rows.filter(is_noted=False),
    is_gone=lambda row: getattr(row, "is_noted", False),
    moment=LATELY,
    search={
        "class": Choice({"HH": Q()}, ENCOUNTER_CLASS),
        "date": Span("starts_at", "ends_at"),
        "status": Choice(
            {"planned": Q(cancelled_at=None), "cancelled": Q(cancelled_at__isnull=False)}, STATUS
        ),
        "type": Choice({"home-visit": Q()}, ours("encounter-type")),
        **OF_ALL,
    },
)


STAY = concept(ours("encounter-type"), "hospital-stay", NATURES["hospital-stay"])
GOES_TO = {
    Destination.HOME: "home",
    Destination.REHABILITATION: "rehab",
    Destination.NURSING_HOME: "long",
    Destination.OTHER: "oth",
}


def stays_to_fhir(rows: Sequence[HospitalStay], seeing: Seeing) -> list[Json]:
    """Stays, as far as they were told. No query."""
    return [_stay(one) for one in rows]


def _stay(row: HospitalStay) -> Json:
    return filled(
        {
            "status": "finished" if row.left_at else "in-progress",
            "class": coding(ENCOUNTER_CLASS, "IMP"),
            "type": [STAY],
            "subject": reference("Patient", row.person_id),
            "period": period(row.entered_at, row.left_at),
            "hospitalization": _leaving(row),
            "serviceProvider": reference(
                "Organization", row.organization_id, str(row.organization or "")
            ),
        }
    )


def _leaving(row: HospitalStay) -> Json:
    if not row.destination:
        return {}
    goes = Destination(row.destination)
    return {"dischargeDisposition": worded(DISCHARGE, GOES_TO[goes], goes.label)}


STAYS = Mapping(
    type="Encounter",
    model=HospitalStay,
    rows=people.stay_records,
    to_fhir=stays_to_fhir,
    search={
        "class": Choice({"IMP": Q()}, ENCOUNTER_CLASS),
        "date": Span("entered_at", "left_at"),
        "status": Choice(
            {"in-progress": Q(left_at=None), "finished": Q(left_at__isnull=False)}, STATUS
        ),
        "type": Choice({"hospital-stay": Q()}, ours("encounter-type")),
        **OF_ALL,
    },
)


# --- search -------------------------------------------------------------------------------------

SEARCH: dict[str, Parameter] = {
    "class": Choice({"HH": Q()}, ENCOUNTER_CLASS),
    "date": Moment("happened_at"),
    "status": Choice({"finished": Q()}, STATUS),
    "type": Choice({"home-visit": Q()}, ours("encounter-type")),
    **OF_ALL,
}

COLUMNS = (
    "id",
    "version",
    "updated_at",
    "person_id",
    "organization_id",
    "helper_id",
    "happened_at",
)
MAPPING = Mapping(
    type="Encounter",
    model=Visit,
    rows=rows_of,
    to_fhir=to_fhir,
    search=SEARCH,
    columns=COLUMNS,
    only=NOTED,
    beside=("organization", "helper"),
    told=(*COLUMNS, "organization__name", "helper__name"),
    also=(CONTACTS, PLANNED, STAYS),
    lines=("vigilance.visit_id",),
    summary=("status", "class", "type", "subject", "period", "length", "serviceProvider"),
    note=(
        "Visits at home that were noted, visits to come until they are noted, contacts in which "
        "the person was reached, and stays in hospital (class IMP) as far as they were told: one "
        "whose leaving alone is known has no beginning."
    ),
)
