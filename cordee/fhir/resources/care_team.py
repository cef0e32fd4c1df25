"""Circle of care of a person → CareTeam: who helps, as what, since when and until when.

Source : cercle de soins de l’ANS (CDS 2.0.1, `cds-ihe-careteam`), pour ce qu’il demande de dire : a
role is what the circle says of who is in it, then the profession that the national directory knows.
Its profile is not claimed: `participant.member` is there a PractitionerRole, and a circle names the
professional herself, wherever she practises; the profiles of structures and relatives that it wants
behind a member are not claimed either.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from cordee.access.actor import Actor
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import (
    coding,
    filled,
    identifier,
    period,
    reference,
)
from cordee.fhir.outcome import Json
from cordee.fhir.resources.practitioner import profession
from cordee.fhir.search.parameters import (
    Asking,
    Choice,
    Identifier,
    Parameter,
    Reference,
)
from cordee.fhir.systems import ours, told, worded
from cordee.fhir.versions import LATELY, lately, together
from cordee.people import selectors
from cordee.people.models import CircleMember, Person
from cordee.people.rules.sharing import Category, Ground

NAME = "Cercle de soins"
LONGITUDINAL = ("http://loinc.org", "LA28865-6", "coordination des soins dans la durée")
ROLES = ours("circle-role")
USUAL_NURSE = ("usual-nurse", "infirmière habituelle")
OF_REFERENCE = ("reference", "coordination de référence")


def rows(actor: Actor) -> QuerySet[Person]:
    """The persons whose circle the actor may know, with those who are or were in it.

    Two queries, whatever their number.
    """
    members = CircleMember.objects.visible_to(actor).order_by("since", "pk")
    members = members.select_related("practitioner", "organization", "relative", "account")
    stays = CircleMember.objects.filter(person=OuterRef("pk"))
    known = selectors.persons(actor, Category.COORDINATION).filter(Exists(stays))
    return lately(known, stays).prefetch_related(Prefetch("circle", queryset=members))


def to_fhir(rows: Sequence[Person], seeing: Seeing) -> list[Json]:
    """Circles, with the stays that are over. No query more than their rows."""
    return [_circle(one) for one in rows]


def _circle(one: Person) -> Json:
    stays = list(one.circle.all())
    present = [stay for stay in stays if stay.until is None]
    until = None if present else max((stay.until for stay in stays), default=None)
    leads = next((stay for stay in present if stay.is_reference and stay.organization_id), None)
    return filled(
        {
            "identifier": [identifier("urn:ietf:rfc:3986", f"urn:uuid:{one.pk}")],
            "status": "active" if present else "inactive",
            "category": [worded(*LONGITUDINAL)],
            "name": NAME,
            "subject": reference("Patient", one.pk),
            "period": period(min(stay.since for stay in stays), until),
            "participant": [_participant(stay) for stay in stays],
            "managingOrganization": [
                reference("Organization", leads.organization_id, str(leads.organization))
            ]
            if leads
            else [],
        }
    )


def _participant(stay: CircleMember) -> Json:
    ground = Ground(stay.ground)
    return filled(
        {
            "extension": [told("circle-ground", ground.value, ground.label)] if stay.ground else [],
            "role": list(_roles(stay)),
            "member": _member(stay),
            "period": period(stay.since, stay.until),
        }
    )


def _member(stay: CircleMember) -> Json:
    """Whom the stay is of; of an account, which no resource stands for, the name."""
    return (
        reference("Practitioner", stay.practitioner_id, str(stay.practitioner or ""))
        or reference("Organization", stay.organization_id, str(stay.organization or ""))
        or reference("RelatedPerson", stay.relative_id, str(stay.relative or ""))
        or {"display": str(stay.account)}
    )


def _roles(stay: CircleMember) -> Iterable[Json]:
    yield _said(stay.role, stay.get_role_display())
    if stay.practitioner and (trade := profession(stay.practitioner)):
        yield trade
    if stay.is_usual_nurse:
        yield _said(*USUAL_NURSE)
    if stay.is_reference:
        yield _said(*OF_REFERENCE)


def _said(code: str, label: str) -> Json:
    return {"coding": [coding(ROLES, code, label)], "text": label}


# --- search ------------------------------------------------------------------------------------


def _with(condition: Q) -> Q:
    stays = CircleMember.objects.filter(condition, person=OuterRef("pk"))
    return Q(Exists(stays.order_by().values("pk")))


class Participant(Reference):
    """Who is or was in the circle: two stays of one are one circle."""

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        own = {kind: path.removeprefix("circle__") for kind, path in self.paths.items()}
        return _with(Reference(own).condition(value, modifier, asking))

    def led_by(self, path: str, keys: Any) -> Q:
        return _with(super().led_by(path.removeprefix("circle__"), keys))

    def missing(self) -> None:  # type: ignore[override]
        """It is not asked: a circle has somebody, or is not."""


def _by_key(value: str) -> Q:
    key = MAPPING.key_of(value.removeprefix("urn:uuid:"))
    return Q(pk=key) if key else Q(pk__in=[])


PRESENT = _with(Q(until=None))
SEARCH: dict[str, Parameter] = {
    "category": Choice({LONGITUDINAL[1]: Q(pk__isnull=False)}, LONGITUDINAL[0]),
    "identifier": Identifier({"urn:ietf:rfc:3986": _by_key}),
    "participant": Participant(
        {
            "Practitioner": "circle__practitioner",
            "Organization": "circle__organization",
            "RelatedPerson": "circle__relative",
        }
    ),
    "patient": Reference({"Patient": "pk"}),
    "status": Choice(
        {"active": PRESENT, "inactive": ~PRESENT}, "http://hl7.org/fhir/care-team-status"
    ),
    "subject": Reference({"Patient": "pk"}),
}

MAPPING = Mapping(
    type="CareTeam",
    model=Person,
    rows=rows,
    to_fhir=to_fhir,
    search=SEARCH,
    person_of=lambda row: row.pk,
    version_of=lambda row: together(row, row.circle.all()),
    moment=LATELY,
    summary=("identifier", "status", "category", "name", "subject", "period", "participant"),
    note="One circle per person, under the identifier of the person; stays that ended are told.",
)
