"""Entering hospital and leaving it: the two gestures, and the stay that they tell of."""

from datetime import datetime
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor, Role
from cordee.directory.models import Organization
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people.facts import PersonAdmitted, PersonDischarged
from cordee.people.models import HospitalStay, Person
from cordee.people.rules import stays
from cordee.people.rules.traits import Destination


@action("people.admit", on="person")
def admit_person(
    *, actor: Actor, person: Person, organization: Organization | None, now: datetime
) -> Person:
    """Say that the person entered hospital. Searches stop and their tasks go to an owner.

    A team of a hospital that says so without naming one speaks of its own.
    """
    place = organization.pk if organization else _of_a_hospital(actor)
    _write(person, stays.entered(_known(person), now, place))
    publish(PersonAdmitted(person_id=person.pk, organization_id=place))
    return person


@action("people.discharge", on="person")
def discharge_person(
    *, actor: Actor, person: Person, destination: Destination, left_at: datetime, now: datetime
) -> Person:
    """Say that the person left hospital, when and for where: what is expected after it begins.

    Raises DomainError (people.discharge).
    """
    if left_at > now:
        raise DomainError(
            "people.discharge", "Cette sortie n’a pas encore eu lieu\u00a0: notez-la ce jour-là."
        )
    place = _of_a_hospital(actor)
    _write(person, stays.left(_known(person), left_at, destination.value, place))
    left = PersonDischarged(
        person_id=person.pk, organization_id=actor.organization_id, destination=destination.value
    )
    publish(left, happened_at=left_at)
    return person


def _of_a_hospital(actor: Actor) -> UUID | None:
    return actor.organization_id if actor.role is Role.HOSPITAL else None


def _known(person: Person) -> list[stays.Stay]:
    rows = HospitalStay.objects.filter(person=person.merged_into_id or person.pk)
    return [one.told for one in rows.order_by("pk")]


def _write(person: Person, changed: list[stays.Stay]) -> None:
    for one in changed:  # what ended comes first: one stay goes on
        kept = HospitalStay.objects.filter(pk=one.row).first() if one.row else None
        row = kept or HospitalStay(person=person)
        if kept is None or kept.told != one:
            row.follow(one)
            row.save()
