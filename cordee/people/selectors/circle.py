"""Who is in a circle, and who holds which part in it."""

from uuid import UUID

from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.people.models import CircleMember, Person, PersonAccount, Relative


def circle_of(actor: Actor, person: Person) -> QuerySet[CircleMember]:
    """List who is in the circle today, the nearest first. One query."""
    return (
        CircleMember.objects.visible_to(actor)
        .current()
        .filter(person=person)
        .select_related("practitioner", "organization", "relative", "account")
        .order_by("-is_reference", "-is_usual_nurse", "role", "since", "pk")
    )


def relatives_of(actor: Actor, person: Person) -> QuerySet[Relative]:
    """List the relatives, trusted person first. One query."""
    return (
        Relative.objects.visible_to(actor)
        .filter(person=person, ended_at=None)
        .order_by("-is_trusted", "-is_representative", "-is_called_first", "name", "pk")
    )


def usual_nurse_of(actor: Actor, person_id: UUID) -> UUID | None:
    """Say who the usual nurse is, as a practitioner. One query."""
    return (
        CircleMember.objects.visible_to(actor)
        .current()
        .filter(person_id=person_id, is_usual_nurse=True)
        .values_list("practitioner_id", flat=True)
        .first()
    )


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


def own_spaces_of_account(account_id: UUID) -> QuerySet[PersonAccount]:
    """List the persons whose own space an account opens: the door builds the actor from it."""
    return (
        PersonAccount.objects.filter(account_id=account_id, until=None)
        .select_related("person", "relative")
        .order_by("since", "pk")
    )
