"""Places of practice and territories → Location: where one goes, and what a service covers.

Sources : FHIR R4, `location-physical-type` (« area ») ; the communes of a territory have no element
there, and stand in an extension of ours.
"""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from cordee.access.actor import Actor
from cordee.directory.kinds import TerritoryKind
from cordee.directory.models import PracticeSite, Territory, TerritoryCommune
from cordee.fhir import france
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import coding, concept, extension, filled, reference, telecom
from cordee.fhir.nomenclatures import MADE_UP, address_of, made_up, of_commune
from cordee.fhir.outcome import Json
from cordee.fhir.search.either import Never
from cordee.fhir.search.parameters import Choice, Code, Parameter, Reference, Text
from cordee.fhir.systems import STRUCTURES, ours
from cordee.fhir.versions import LATELY, lately, together

UNNAMED = "Lieu d’exercice"
KINDS = ours("territory-kind")
COMMUNE = STRUCTURES + "territory-commune"
AREA = concept("http://terminology.hl7.org/CodeSystem/location-physical-type", "area", "Area")


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


# --- territories --------------------------------------------------------------------------------


def territories(actor: Actor) -> QuerySet[Territory]:
    """Every territory with its communes, those that were closed too. Two queries."""
    places = TerritoryCommune.objects.visible_to(actor)
    inside = Prefetch(
        "places", queryset=places.select_related("commune").order_by("commune_id", "pk")
    )
    found = Territory.objects.visible_to(actor).select_related("heir")
    return lately(found, places.filter(territory=OuterRef("pk"))).prefetch_related(inside)


def territories_to_fhir(rows: Sequence[Territory], seeing: Seeing) -> list[Json]:
    """Territories as they are drawn here. No query more than their rows."""
    return [_territory(one) for one in rows]


def _territory(one: Territory) -> Json:
    kind = TerritoryKind(one.kind)
    communes = [place.commune for place in one.places.all()]
    return filled(
        {
            "extension": [
                extension(COMMUNE, "Coding", coding(france.COMMUNES, commune.pk, commune.name))
                for commune in communes
            ],
            "status": "active" if one.closed_on is None else "inactive",
            "name": one.name,
            "mode": "instance",
            "type": [concept(KINDS, kind.value, kind.label) | {"text": kind.label}],
            "physicalType": AREA,
            "partOf": reference("Location", one.heir_id, str(one.heir or "")),
        }
    )


def _holding(code: str) -> Q:
    held = TerritoryCommune.objects.filter(territory=OuterRef("pk"), commune=code)
    return Q(Exists(held.order_by().values("pk")))


STATUS = Choice(
    {"active": Q(closed_on=None), "inactive": Q(closed_on__isnull=False)},
    "http://hl7.org/fhir/location-status",
)
TERRITORIES = Mapping(
    type="Location",
    model=Territory,
    rows=territories,
    to_fhir=territories_to_fhir,
    search={
        "address": Never("string"),
        "address-city": Never("string"),
        "address-postalcode": Never("string"),
        "commune": of_commune(_holding),
        "name": Text("name"),
        "organization": Never("reference"),
        "partof": Reference({"Location": "heir"}),
        "status": STATUS,
        "type": Code("kind", {kind.value: kind.value for kind in TerritoryKind}, KINDS),
    },
    version_of=lambda row: together(row, row.places.all()),
    moment=LATELY,
    person_of=lambda row: None,
)


# --- search -------------------------------------------------------------------------------------

SEARCH: dict[str, Parameter] = {
    "address": Text("address", "commune__name", "postal_code"),
    "address-city": Text("commune__name"),
    "address-postalcode": Text("postal_code"),
    "commune": of_commune(lambda code: Q(commune=code)),
    "name": Text("name"),
    "organization": Reference({"Organization": "organization"}),
    "partof": Never("reference"),
    "status": STATUS,
    "type": Never("token"),
}

MAPPING = Mapping(
    type="Location",
    model=PracticeSite,
    rows=rows,
    to_fhir=to_fhir,
    search=SEARCH,
    labels=made_up("practitioner__rpps"),
    person_of=lambda row: None,
    also=(TERRITORIES,),
    summary=("status", "name", "mode", "type", "physicalType", "address", "managingOrganization"),
    note="The places of practice of the national directory, which alone writes them; and the "
    "territories that are drawn here (physicalType area), each with its communes in an extension. "
    "A territory that closed is partOf the one that took it over; it is part of no other, and no "
    "`_history` is kept of its drawing. commune is a parameter of ours.",
)
