"""Who is in a circle, and who holds which part in it."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from cordee.access.actor import Actor, Role
from cordee.access.fetched import FetchAbout
from cordee.access.policy import get_visible
from cordee.directory.models import Practitioner
from cordee.directory.selectors import organizations_matching, practitioners_matching
from cordee.kernel.base import any_of
from cordee.people.models import CircleMember, GateSpace, Person, PersonAccount, Relative
from cordee.people.policy import knows
from cordee.people.rules import circle as parts
from cordee.people.rules.sharing import Category

PAST = 50  # stays that ended, behind their fold
MOST = 15  # of each kind, to choose from


def circle_of(actor: Actor, person: Person) -> list[CircleMember]:
    """List who is in the circle today, the nearest first. Two queries, planned once."""
    return _members(actor, person.pk)


def past_of(actor: Actor, person: Person) -> list[CircleMember]:
    """List who was in the circle and left, the latest first. Two queries, planned once."""
    return _past(actor, person.pk)


def relatives_of(actor: Actor, person: Person) -> list[Relative]:
    """List the relatives, trusted person first. Two queries, planned once."""
    return _relatives(actor, person.pk)


_WHO = ("practitioner", "organization", "relative", "account")
_NEAREST = ("-is_reference", "-is_usual_nurse", "role", "since", "pk")
_TRUSTED = ("-is_trusted", "-is_representative", "-is_called_first", "name", "pk")
_members = FetchAbout(
    lambda: CircleMember.objects.current().select_related(*_WHO).order_by(*_NEAREST)
)
_past = FetchAbout(
    lambda: (
        CircleMember.objects.filter(until__isnull=False)
        .select_related(*_WHO)
        .order_by("-until", "pk")
    ),
    limit=PAST,
)
_relatives = FetchAbout(lambda: Relative.objects.filter(ended_at=None).order_by(*_TRUSTED))


def without_their_gp(actor: Actor, limit: int) -> QuerySet[Person]:
    """List whose circle has a GP that their record does not name. One query."""
    doctors = CircleMember.objects.current().filter(role=CircleMember.Role.GP)
    named = doctors.exclude(practitioner=None).values("person")
    left = Person.objects.visible_to(actor).filter(gp=None, merged_into=None, pk__in=named)
    return left.order_by("pk")[:limit]


def strangers(actor: Actor, limit: int) -> QuerySet[CircleMember]:
    """List the stays of relatives of somebody else, or of some taken away. Circles let none in, but
    for a merge that was undone, and held some before. One query."""
    stays = CircleMember.objects.visible_to(actor).filter(until=None, relative__isnull=False)
    theirs = ~Q(relative__person=F("person")) | Q(relative__ended_at__isnull=False)
    return stays.filter(theirs).select_related("person", "relative").order_by("pk")[:limit]


def is_in_circle(actor: Actor, person: Person) -> bool:
    """Say whether more than the least view is known. One query."""
    return knows(actor, person.pk, Category.COORDINATION)


def is_deceased(person_id: UUID) -> bool:
    """Say whether somebody’s death is written down, as of now. One query."""
    return Person.objects.filter(pk=person_id, deceased_on__isnull=False).exists()


def lives_in(person_id: UUID) -> str:
    """Name the commune where somebody lives, as of now; empty when it is not known. One query."""
    known = Person.objects.filter(pk=person_id).values_list("commune_id", flat=True).first()
    return known or ""


def may_follow(organization_id: UUID, person_id: UUID, role: Role = Role.COORDINATOR) -> bool:
    """Say whether a service may still follow somebody: by their circle and choices. One query.

    `role`: who of it is asked; a home help is told of who refused coordination, a coordinator not.
    """
    service = Actor(role=role, organizations=frozenset({organization_id}))
    return knows(service, person_id, Category.COORDINATION)


def may_follow_by_hand(account_id: UUID | None, organization_id: UUID, person_id: UUID) -> bool:
    """Say whether a hospital follows somebody by the stay of one of its own. Two queries.

    Whoever holds a role there reads by their own stay, as `policy.known` says; a service that is in
    the circle itself follows by `may_follow`.
    """
    practice = (
        Practitioner.objects.filter(
            account=account_id,
            account__is_active=True,
            account__memberships__organization=organization_id,
            account__memberships__role=Role.HOSPITAL,
            account__memberships__end_said_at=None,
        )
        .order_by("pk")
        .first()
    )
    if account_id is None or practice is None:
        return False
    colleague = Actor(
        role=Role.HOSPITAL,
        account_id=account_id,
        organizations=frozenset({organization_id}),
        practitioner_id=practice.pk,
        profession=practice.profession,
    )
    return knows(colleague, person_id, Category.COORDINATION)


def is_followed(organization_id: UUID, person_id: UUID, *accounts: UUID | None) -> bool:
    """Say whether a structure follows somebody: itself, or by the own stay of one of its own.

    One query, and two for each account asked about.
    """
    return may_follow(organization_id, person_id) or any(
        may_follow_by_hand(one, organization_id, person_id) for one in dict.fromkeys(accounts)
    )


def get_member(actor: Actor, person: Person, pk: UUID) -> CircleMember:
    """Fetch one stay of this circle. Raises Http404, traced. Two queries."""
    return get_visible(actor, CircleMember.objects.filter(person=person), pk)


def get_relative(actor: Actor, person: Person, pk: UUID) -> Relative:
    """Fetch one relative of this person, not taken away. Raises Http404, traced. Two queries."""
    return get_visible(actor, Relative.objects.filter(person=person, ended_at=None), pk)


def joinable(
    actor: Actor, person: Person, text: str = "", *, chosen: str = "", role: str = ""
) -> dict[str, Iterable[Any]]:
    """List who may be let in: those found by name, or the one chosen a moment ago.

    For the role of GP, doctors alone.
    """
    _, _, pk = chosen.partition(":")
    if _is_uuid(pk):
        return {
            "practitioners": practitioners_matching(actor).filter(pk=pk),
            "organizations": organizations_matching(actor).filter(pk=pk),
            "relatives": relatives_of(actor, person),
        }
    asked = bool(text.strip())
    if role == CircleMember.Role.GP:
        doctors = practitioners_matching(actor, text, profession=parts.DOCTOR)[:MOST]
        return {"practitioners": doctors if asked else ()}
    if not asked:
        return {"relatives": relatives_of(actor, person)}
    return {
        "practitioners": practitioners_matching(actor, text)[:MOST],
        "organizations": organizations_matching(actor, text)[:MOST],
        "relatives": relatives_of(actor, person),
    }


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def usual_nurse_of(actor: Actor, person_id: UUID) -> UUID | None:
    """Say who the usual nurse is, as a practitioner. One query."""
    return (
        CircleMember.objects.visible_to(actor)
        .current()
        .filter(person_id=person_id, is_usual_nurse=True)
        .values_list("practitioner_id", flat=True)
        .first()
    )


def usual_nurses_of(person_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Say the usual nurse of each of many persons, for a search: shown to nobody. One query."""
    stays = CircleMember.objects.current().filter(is_usual_nurse=True)
    of_them = stays.filter(person__in=any_of(person_ids, "uuid"))
    return dict(of_them.order_by("pk").values_list("person_id", "practitioner_id"))


def coordinator_of_reference(actor: Actor, person_id: UUID) -> CircleMember | None:
    """Fetch the stay of the coordination of reference. One query."""
    return (
        CircleMember.objects.visible_to(actor)
        .current()
        .filter(person_id=person_id, is_reference=True)
        .select_related("account", "organization", "practitioner")
        .first()
    )


def current_stay(
    actor: Actor,
    person_id: UUID,
    *,
    practitioner_id: UUID | None = None,
    organization_id: UUID | None = None,
) -> CircleMember | None:
    """Fetch the stay of one professional or one organisation, if they are in. One query."""
    stays = CircleMember.objects.visible_to(actor).current().filter(person_id=person_id)
    if practitioner_id:
        stays = stays.filter(practitioner_id=practitioner_id)
    if organization_id:
        stays = stays.filter(organization_id=organization_id)
    return stays.first()


def spaces_of(actor: Actor, person: Person) -> list[PersonAccount]:
    """List the accesses open on the own space of a person. Two queries, planned once."""
    return _spaces(actor, person.pk)


_spaces = FetchAbout(
    lambda: (
        PersonAccount.objects.filter(until=None)
        .select_related("account", "relative")
        .order_by("since", "pk")
    )
)


def get_space(actor: Actor, person: Person, pk: UUID) -> PersonAccount:
    """Fetch one access to this own space. Raises Http404, traced. Two queries."""
    return get_visible(actor, PersonAccount.objects.filter(person=person), pk)


def is_space_open(person: Person, relative: Relative | None) -> bool:
    """Say whether the person, or that relative, already has an access. One query."""
    return PersonAccount.objects.filter(person=person, relative=relative, until=None).exists()


def own_spaces_of_account(account_id: UUID) -> QuerySet[GateSpace]:
    """List the accesses of an account to own spaces: the door builds the actor from them."""
    return GateSpace.objects.filter(account_id=account_id, until=None).order_by("since", "pk")
