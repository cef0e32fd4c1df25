"""Structure that takes part in pathways → Organization."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet

from cordee.access.actor import Actor
from cordee.directory.kinds import OrganizationKind
from cordee.directory.models import Contact, Organization
from cordee.fhir import france
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import coding, concept, filled, identifier, telecom
from cordee.fhir.nomenclatures import MADE_UP, address_of, begins, made_up
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import Choice, Code, Identifier, Parameter, Text
from cordee.fhir.systems import ours
from cordee.fhir.versions import LATELY, lately, together

KINDS = ours("organization-kind")
IDNST_OF_FINESS = "1"
"""What the national identifier of a structure puts before a FINESS number."""
SYSTEMS = {
    Contact.Kind.PHONE: "phone",
    Contact.Kind.EMAIL: "email",
    Contact.Kind.MSSANTE: "email",
    Contact.Kind.FAX: "fax",
}


def rows(actor: Actor) -> QuerySet[Organization]:
    """Every structure with its functional mailboxes, for whoever is signed in. Two queries."""
    listed = Contact.objects.visible_to(actor)
    found = Organization.objects.visible_to(actor).select_related("commune")
    inside = Prefetch("contacts", queryset=listed.order_by("kind", "label", "pk"))
    return lately(found, listed.filter(organization=OuterRef("pk"))).prefetch_related(inside)


def to_fhir(rows: Sequence[Organization], seeing: Seeing) -> list[Json]:
    """Structures as the directory says them. No query more than their rows."""
    return [_organization(one) for one in rows]


def _organization(one: Organization) -> Json:
    reached = (telecom("phone", one.phone, "work"), telecom("email", one.email, "work"))
    return filled(
        {
            "meta": MADE_UP if one.is_synthetic else {},
            "identifier": list(_numbers(one)),
            "active": one.closed_on is None,
            "type": [_kind(one)],
            "name": one.name,
            "telecom": [found for found in reached if found],
            "address": address_of(one),
            "contact": [_contact(desk) for desk in one.contacts.all()],
        }
    )


def _numbers(one: Organization) -> Iterable[Json]:
    if one.finess:
        yield identifier(france.FINESS, one.finess, "official")
        national = IDNST_OF_FINESS + one.finess
        yield identifier(france.IDNST, national, "official", _idnst())


def _idnst() -> Json:
    return concept(france.IDENTIFIER_TYPE, "IDNST")


def _kind(one: Organization) -> Json:
    label = OrganizationKind(one.kind).label
    return {"coding": [coding(KINDS, one.kind, label)], "text": one.category_name or label}


def _contact(desk: Contact) -> Json:
    return {
        "purpose": {"text": f"{desk.label} ({desk.get_kind_display()})"},
        "telecom": [telecom(SYSTEMS[Contact.Kind(desk.kind)], desk.value, "work")],
    }


def _by_national(value: str) -> Any:
    known = value.startswith(IDNST_OF_FINESS)
    return Q(finess=value[1:].upper()) if known else Q(pk__in=[])


SEARCH: dict[str, Parameter] = {
    "active": Choice({"true": Q(closed_on=None), "false": Q(closed_on__isnull=False)}),
    "address": Text("address", "commune__name", "postal_code"),
    "address-city": Text("commune__name"),
    "address-postalcode": Text("postal_code"),
    "identifier": Identifier({france.FINESS: "finess", france.IDNST: _by_national}),
    "name": Text("name", near=begins("search_key", folded_by="directory_place_key")),
    "type": Code("kind", {kind.value: kind.value for kind in OrganizationKind}, KINDS),
}

MAPPING = Mapping(
    type="Organization",
    model=Organization,
    rows=rows,
    to_fhir=to_fhir,
    search=SEARCH,
    labels=made_up("finess"),
    version_of=lambda row: together(row, row.contacts.all()),
    moment=LATELY,
    summary=("identifier", "active", "type", "name"),
    note="A name is found by its beginning; mailboxes of services stand in contact.",
)
