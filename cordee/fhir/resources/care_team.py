"""Circle of care of a person ⇄ CareTeam: who helps, as what, since when and until when.

A circle is written whole, by whoever may steer it: who is told and was not there comes in, the stay
of who is told no more ends, both now. What is over is not written again, and the place of an
account, which no resource stands for, is not touched from here. Whoever writes says which version
they read: an older copy would put out whoever came in since, tonight’s nurse among them.

Source : cercle de soins de l’ANS (CDS 2.0.1, `cds-ihe-careteam`), pour ce qu’il demande de dire : a
role is what the circle says of who is in it, then the profession that the national directory knows.
Its profile is not claimed: `participant.member` is there a PractitionerRole, and a circle names the
professional herself, wherever she practises; the profiles of structures and relatives that it wants
behind a member are not claimed either.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from cordee.access.actor import Actor
from cordee.access.policy import seen_about
from cordee.directory.models import Organization, PracticeSite, Practitioner
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.datatypes import (
    coding,
    filled,
    identifier,
    period,
    reference,
)
from cordee.fhir.outcome import Json, unprocessable
from cordee.fhir.resources.practitioner import profession
from cordee.fhir.search.parameters import (
    Asking,
    Choice,
    Identifier,
    Parameter,
    Reference,
)
from cordee.fhir.systems import STRUCTURES, ours, told, worded
from cordee.fhir.unchanged import without
from cordee.fhir.versions import LATELY, lately, together
from cordee.kernel.base import any_of
from cordee.people import selectors, services
from cordee.people.models import CircleMember, Person, Relative
from cordee.people.policy import knows
from cordee.people.rules.sharing import Category, Ground
from cordee.people.services import Joining

NAME = "Cercle de soins"
NAMED: dict[type[Any], str] = {
    Practitioner: "Practitioner",
    Organization: "Organization",
    Relative: "RelatedPerson",
}
LONGITUDINAL = ("http://loinc.org", "LA28865-6", "coordination des soins dans la durée")
ROLES = ours("circle-role")
USUAL_NURSE = ("usual-nurse", "infirmière habituelle")
OF_REFERENCE = ("reference", "coordination de référence")


def rows(actor: Actor) -> QuerySet[Person]:
    """The persons whose circle the actor may know, with those who are or were in it.

    Two queries, whatever their number.
    """
    known = selectors.persons(actor, Category.COORDINATION)
    return _with_circles(known, CircleMember.objects.visible_to(actor))


def of_one(actor: Actor, person_id: UUID) -> QuerySet[Person]:
    """The same of one person: she and her circle are judged by statements planned once. Four
    queries, of which two are short; one of whoever is not coordinated for the actor."""
    if not knows(actor, person_id, Category.COORDINATION):
        return Person.objects.none()
    stays = seen_about(actor, CircleMember, person_id, path="person_id")
    alone = Person.objects.filter(pk=person_id, merged_into=None)
    return _with_circles(alone, CircleMember.objects.filter(pk__in=any_of(stays, "uuid")))


def _with_circles(known: QuerySet[Person], members: QuerySet[CircleMember]) -> QuerySet[Person]:
    parts = members.select_related("practitioner", "organization", "relative", "account")
    stays = CircleMember.objects.filter(person=OuterRef("pk"))
    told = Prefetch("circle", queryset=parts.order_by("since", "pk"))
    return lately(known.filter(Exists(stays)), stays).prefetch_related(told)


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


# --- in ----------------------------------------------------------------------------------------

COLUMNS = {
    "Practitioner": "practitioner_id",
    "Organization": "organization_id",
    "RelatedPerson": "relative_id",
}
PARTS = {USUAL_NURSE[0]: "is_usual_nurse", OF_REFERENCE[0]: "is_reference"}
GROUND = STRUCTURES + "circle-ground"
Who = tuple[str, UUID]  # a column of a stay, and whom it names


def update(writing: Writing, row: Person) -> Person:
    """Make the circle what it is told to be. Raises Refusal (422), DomainError, Forbidden."""
    subject = writing.refers("subject", "Patient")
    if subject is None or subject.pk != row.pk:
        raise unprocessable(*ANOTHER)
    told = dict(_told(writing))
    stays = CircleMember.objects.visible_to(writing.actor).current().filter(person=row)
    present = {who: one for one in stays.order_by("pk") if (who := _who(one))}
    for who in present.keys() - told.keys():
        services.leave_circle(actor=writing.actor, member=present[who], now=writing.now)
    for who, joining in told.items():
        if who not in present or not _is_so(present[who], joining):
            services.join_circle(actor=writing.actor, person=row, joining=joining, now=writing.now)
    return rows(writing.actor).filter(pk=row.pk).first() or row


def _who(stay: CircleMember) -> Who | None:
    found = ((name, getattr(stay, name)) for name in COLUMNS.values())
    return next(((name, key) for name, key in found if key), None)


def _told(writing: Writing) -> Iterable[tuple[Who, Joining]]:
    """Who is said to be in the circle now, and as what. Raises Refusal (422)."""
    for place, one in enumerate(writing.resource.get("participant", [])):
        here = f"participant[{place}]"
        is_named = bool(one.get("member", {}).get("reference"))
        if not is_named or "end" in one.get("period", {}):
            continue
        row: Any = writing.refers(f"{here}.member", *NAMED.values(), "PractitionerRole")
        whom = row.practitioner if isinstance(row, PracticeSite) else row
        column = COLUMNS[NAMED[type(whom)]]
        said: dict[str, Any] = _parts(one) | {column: whom.pk}
        yield (column, whom.pk), Joining(_role(one, here), ground=_ground(one, here), **said)


def _codes(participant: Json) -> list[str]:
    return [
        coded.get("code", "")
        for role in participant.get("role", [])
        for coded in role.get("coding", [])
        if coded.get("system") == ROLES
    ]


def _parts(participant: Json) -> dict[str, Any]:
    return {PARTS[one]: True for one in _codes(participant) if one in PARTS}


def _role(participant: Json, here: str) -> str:
    """The one role of ours that somebody takes; that of the professions is the directory’s."""
    found = {one for one in _codes(participant) if one not in PARTS}
    if len(found) != 1 or not found <= set(CircleMember.Role.values):
        raise unprocessable(*NO_ROLE, f"CareTeam.{here}.role")
    return found.pop()


def _ground(participant: Json, here: str) -> str:
    """Why somebody belongs to the care team; nothing said: they do not, the narrowest."""
    for one in participant.get("extension", []):
        if one.get("url") == GROUND:
            code = one.get("valueCoding", {}).get("code", "")
            if code not in set(Ground):
                raise unprocessable(*NO_GROUND, f"CareTeam.{here}.extension")
            return str(code)
    return Ground.NONE.value


def _is_so(stay: CircleMember, joining: Joining) -> bool:
    """Whether a stay already says it: what is not told of it stays (see `join_circle`)."""
    wanted = joining.part
    keeps = {name: wanted[name] or getattr(stay, name) for name in wanted}
    return all(getattr(stay, name) == value for name, value in keeps.items())


OWNED = ("status", "name", "subject", "period", "participant", "managingOrganization")


def answered_for(resource: Json) -> Json:
    """What the house alone says of a circle: who may know somebody is no partner’s word."""
    kept: Json = without(resource, OWNED)
    return kept


ANOTHER = (
    "care_team.another_patient",
    "Le cercle est celui d’une personne, qui ne change pas : « subject » doit la nommer. Rien n’a "
    "été modifié.",
    "A care team stays that of its subject.",
    "CareTeam.subject",
)
NO_ROLE = (
    "care_team.role",
    f"Dites le rôle de chaque participant, un seul, parmi ceux de la liste « {ROLES} ». Rien n’a "
    "été modifié.",
    "Each participant takes one role of the list of Cordée.",
)
NO_GROUND = (
    "care_team.ground",
    "Ce qui fonde la place d’un participant n’est pas de la liste de Cordée. Rien n’a été modifié.",
    "The ground of a participant is not of the list of Cordée.",
)


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
    of_one=of_one,
    to_fhir=to_fhir,
    update=update,
    asks_version=True,
    answered_for=answered_for,
    places={"people.circle": "participant"},
    search=SEARCH,
    person_of=lambda row: row.pk,
    category_of=lambda row: Category.COORDINATION.value,
    version_of=lambda row: together(row, row.circle.all()),
    moment=LATELY,
    summary=("identifier", "status", "category", "name", "subject", "period", "participant"),
    note="One circle per person, under the identifier of the person; stays that ended are told. It "
    "is written whole, over the version that was read (without `If-Match` it is refused, 428): who "
    "is told comes in, who is told no more leaves, now.",
)
