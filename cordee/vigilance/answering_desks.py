"""Which structure answers for what is marked at somebody’s home."""

from collections.abc import Collection
from uuid import UUID

from cordee.people.models import CircleMember
from cordee.people.selectors import may_follow

ANSWERING = (CircleMember.Role.COORDINATION, CircleMember.Role.ORIENTATION)
"""Coordination first, as the words happen to be in order; else the desk that orients."""


def desk_for(person_id: UUID, service_id: UUID) -> UUID | None:
    """Say who answers an alert: her coordination, that of reference first; else the home service.

    Whoever may follow her no more, by her choice, is told nothing: marks then stay with the home
    service. None when that one may not either. Asked inside a gesture; two queries or three.
    """
    asked = [*desks_of([person_id]).get(person_id, []), service_id]
    return next((one for one in asked if may_follow(one, person_id)), None)


def desks_of(persons: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """List the coordinations of each person, that of reference first. One query."""
    stays = CircleMember.objects.current().filter(
        person__in=persons, role__in=ANSWERING, organization__isnull=False
    )
    found: dict[UUID, list[UUID]] = {}
    ordered = stays.order_by("person_id", "-is_reference", "role", "since", "pk")
    for person_id, desk in ordered.values_list("person_id", "organization_id"):
        found.setdefault(person_id, []).append(desk)
    return found
