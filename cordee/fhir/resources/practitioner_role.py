"""Place where a professional practises → PractitionerRole: who, as what, where, for whom."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.directory.models import Practice, PracticeSite
from cordee.directory.phones import parse_phone
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import filled, period, reference, telecom
from cordee.fhir.nomenclatures import MADE_UP, SPECIALTIES, coded, made_up
from cordee.fhir.outcome import Json
from cordee.fhir.resources.practitioner import profession, specialty
from cordee.fhir.search.parameters import Asking, Choice, Made, Parameter, Reference
from cordee.fhir.systems import PROFESSIONS


def rows(actor: Actor) -> QuerySet[PracticeSite]:
    """Every place of practice, for whoever is signed in. One query."""
    return PracticeSite.objects.visible_to(actor).select_related("practitioner", "organization")


def to_fhir(rows: Sequence[PracticeSite], seeing: Seeing) -> list[Json]:
    """Places of practice, with what is offered there to who may know it. One query."""
    offers = _offers(rows, seeing.actor)
    return [_role(one, offers.get(one.practitioner_id)) for one in rows]


def _offers(rows: Sequence[PracticeSite], actor: Actor) -> dict[UUID, UUID]:
    asked = {one.practitioner_id for one in rows}
    found = Practice.objects.visible_to(actor).filter(practitioner__in=asked)
    return dict(found.values_list("practitioner_id", "pk"))


def _role(one: PracticeSite, offer: UUID | None) -> Json:
    who = one.practitioner
    ended = one.closed_on or who.closed_on
    organization = reference("Organization", one.organization_id, str(one.organization or ""))
    return filled(
        {
            "meta": MADE_UP if who.is_synthetic else {},
            "active": ended is None,
            "period": period(None, ended),
            "practitioner": reference("Practitioner", who.pk, str(who)),
            "organization": organization or filled({"display": one.name}),
            "code": [profession(who)] if profession(who) else [],
            "specialty": [specialty(who)] if specialty(who) else [],
            "location": [reference("Location", one.pk, one.name)],
            "healthcareService": [reference("HealthcareService", offer)] if offer else [],
            "telecom": [telecom("phone", one.phone, "work")] if one.phone else [],
        }
    )


def by_phone(value: str, asking: Asking) -> Q:
    """The place that a number rings at, however it is written."""
    number = value.rpartition("|")[2]
    return Q(phone__in={number, parse_phone(number) or number})


WORKS = Q(closed_on=None, practitioner__closed_on=None)
SEARCH: dict[str, Parameter] = {
    "active": Choice({"true": WORKS, "false": ~WORKS}),
    "location": Reference({"Location": "pk"}),
    "organization": Reference({"Organization": "organization"}),
    "phone": Made("token", by_phone),
    "practitioner": Reference({"Practitioner": "practitioner"}),
    "role": coded("practitioner__profession", PROFESSIONS),
    "service": Reference({"HealthcareService": "practitioner__practice"}),
    "specialty": coded("practitioner__specialty", SPECIALTIES),
    "telecom": Made("token", by_phone),
}

MAPPING = Mapping(
    type="PractitionerRole",
    model=PracticeSite,
    rows=rows,
    to_fhir=to_fhir,
    search=SEARCH,
    labels=made_up("practitioner__rpps"),
    person_of=lambda row: None,
    summary=("active", "period", "practitioner", "organization", "code", "specialty", "location"),
    note="One per place of practice of the national directory, which alone writes them.",
)
