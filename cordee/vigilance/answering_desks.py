"""Which structure answers for what is marked at somebody’s home."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from cordee.access.actor import Actor, Role
from cordee.access.stencil import Stencil, filled_up
from cordee.people.models import CircleMember
from cordee.people.policy import known_among
from cordee.people.rules.sharing import Category

ANSWERING = (CircleMember.Role.COORDINATION, CircleMember.Role.ORIENTATION)
"""Coordination first, as the words happen to be in order; else the desk that orients."""


def desk_for(person_id: UUID, service_id: UUID) -> UUID | None:
    """Say who answers an alert: her coordination, that of reference first; else the home service.

    Coordination that may follow her no more, by her choice, is told nothing: marks then stay with
    the home service, whose helpers read and answer. None when that one may not either. Asked inside
    a gesture; two queries or three.
    """
    return routed({person_id: [service_id]}).get(person_id)


def routed(services: Mapping[UUID, Sequence[UUID]]) -> dict[UUID, UUID]:
    """Say who answers for each of many persons, known with the home services that come to her.

    Who has nobody is left out. One query, and one for each structure that is asked about.
    """
    found = _first_of(desks_of(services), Role.COORDINATOR)
    left = {person: mine for person, mine in services.items() if person not in found}
    return found | _first_of(left, Role.HOME_HELP)


def _first_of(asked: Mapping[UUID, Sequence[UUID]], role: Role) -> dict[UUID, UUID]:
    """Keep the first structure of each person that may follow her in this role."""
    persons: dict[UUID, list[UUID]] = defaultdict(list)
    for person, structures in asked.items():
        for one in structures:
            persons[one].append(person)
    followed = {one: _followed_by(one, role, theirs) for one, theirs in persons.items()}
    firsts = {
        person: next((one for one in structures if person in followed[one]), None)
        for person, structures in asked.items()
    }
    return {person: one for person, one in firsts.items() if one}


def _followed_by(structure: UUID, role: Role, persons: Iterable[UUID]) -> set[UUID]:
    reader = Actor(role=role, organizations=frozenset({structure}))
    return known_among(reader, persons, Category.COORDINATION)


def desks_of(persons: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """List the coordinations of each person, that of reference first. One query."""
    found: dict[UUID, list[UUID]] = {}
    for person_id, desk in _desks(persons=filled_up(persons)):
        found.setdefault(person_id, []).append(desk)
    return found


@Stencil
def _desks(persons: list[UUID]) -> QuerySet[CircleMember, Any]:
    stays = CircleMember.objects.current().filter(
        person__in=persons, role__in=ANSWERING, organization__isnull=False
    )
    ordered = stays.order_by("person_id", "-is_reference", "role", "since", "pk")
    return ordered.values_list("person_id", "organization_id")
