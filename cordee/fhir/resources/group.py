"""The persons whom a structure follows → Group: what a partner asks for whole (`Group/$export`).

One group for each structure, under its identifier: those in whose circle it is today, as far as who
asks may know them. Source: Bulk Data Access 2.0.0, « Group-level export ».
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from cordee.access.actor import Actor
from cordee.directory.models import Organization
from cordee.fhir.contract import Mapping, Seeing, by_uuid
from cordee.fhir.datatypes import filled, reference
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import NOTHING, Asking, Choice, Made, Parameter, Reference
from cordee.fhir.versions import LATELY, lately, marked
from cordee.people.models import CircleMember

KINDS = "http://hl7.org/fhir/group-type"


def stays_of(actor: Actor) -> Any:
    """The places that structures have today in the circles that the actor may know."""
    return CircleMember.objects.visible_to(actor).current().order_by()


def rows(actor: Actor) -> QuerySet[Organization]:
    """The structures of those circles, each with the keys of whom it follows. One query."""
    ever = CircleMember.objects.visible_to(actor).filter(organization=OuterRef("pk"))
    followed = ever.current().order_by("person__pk").values("person").distinct()
    found = Organization.objects.visible_to(actor)
    found = found.filter(pk__in=stays_of(actor).values("organization"))
    return lately(found, ever).annotate(followed=ArraySubquery(followed))


def to_fhir(rows: Sequence[Organization], seeing: Seeing) -> list[Json]:
    """Structures with whom they follow. No query."""
    return [_group(one) for one in rows]


def _group(row: Any) -> Json:
    return filled(
        {
            "active": row.closed_on is None,
            "type": "person",
            "actual": True,
            "name": f"Personnes suivies par {row.name}",
            "quantity": len(row.followed),
            "managingEntity": reference("Organization", row.pk, row.name),
            "member": [{"entity": reference("Patient", pk)} for pk in row.followed],
        }
    )


def _followed(row: Any) -> Sequence[UUID]:
    found: Sequence[UUID] = row.followed
    return found


def _member(value: str, asking: Asking) -> Q:
    key = by_uuid(value.rpartition("/")[2])
    stays = stays_of(asking.actor).filter(person=key)
    return Q(pk__in=stays.values("organization")) if key else NOTHING


SEARCH: dict[str, Parameter] = {
    "actual": Choice({"true": Q(), "false": NOTHING}),
    "managing-entity": Reference({"Organization": "pk"}),
    "member": Made("reference", _member),
    "type": Choice({"person": Q()}, KINDS),
}

MAPPING = Mapping(
    type="Group",
    model=Organization,
    rows=rows,
    to_fhir=to_fhir,
    search=SEARCH,
    version_of=lambda row: marked(str(row.version), map(str, row.followed)),
    moment=LATELY,
    person_of=lambda row: None,
    members_of=_followed,
    summary=("active", "type", "actual", "name", "quantity", "managingEntity"),
    note=(
        "The persons in whose circle a structure is today, as far as you may know them, under the "
        "identifier of the structure."
    ),
)
