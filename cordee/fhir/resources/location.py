"""Place of practice → Location: where one goes, and whose it is."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.directory.models import PracticeSite
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import filled, reference, telecom
from cordee.fhir.nomenclatures import MADE_UP, address_of, made_up
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import Choice, Parameter, Reference, Text

UNNAMED = "Lieu d’exercice"


def rows(actor: Actor) -> QuerySet[PracticeSite]:
    """Every place of practice, for whoever is signed in. One query."""
    found = PracticeSite.objects.visible_to(actor)
    return found.select_related("commune", "organization", "practitioner")


def to_fhir(rows: Sequence[PracticeSite], seeing: Seeing) -> list[Json]:
    """Places as the national directory says them. No query."""
    return [_location(one) for one in rows]


def _location(one: PracticeSite) -> Json:
    at = address_of(one)
    return filled(
        {
            "meta": MADE_UP if one.practitioner.is_synthetic else {},
            "status": "active" if one.closed_on is None else "inactive",
            "name": one.name or UNNAMED,
            "mode": "instance",
            "telecom": [telecom("phone", one.phone, "work")] if one.phone else [],
            "address": at[0] if at else {},
            "managingOrganization": reference(
                "Organization", one.organization_id, str(one.organization or "")
            ),
        }
    )


SEARCH: dict[str, Parameter] = {
    "address": Text("address", "commune__name", "postal_code"),
    "address-city": Text("commune__name"),
    "address-postalcode": Text("postal_code"),
    "name": Text("name"),
    "organization": Reference({"Organization": "organization"}),
    "status": Choice(
        {"active": Q(closed_on=None), "inactive": Q(closed_on__isnull=False)},
        "http://hl7.org/fhir/location-status",
    ),
}

MAPPING = Mapping(
    type="Location",
    model=PracticeSite,
    rows=rows,
    to_fhir=to_fhir,
    search=SEARCH,
    labels=made_up("practitioner__rpps"),
    person_of=lambda row: None,
    summary=("status", "name", "mode", "address", "managingOrganization"),
    note="The places of practice of the national directory, which alone writes them.",
)
