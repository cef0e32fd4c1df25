"""Who took part around several persons, as the lines of their threads that one may read say it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, FilteredRelation, Q

from cordee.access.actor import Actor, Role
from cordee.access.policy import visible
from cordee.kernel.base import any_of
from cordee.kernel.models import FactHeader, on_threads
from cordee.people.models import Person
from cordee.people.policy import CATEGORY_OF_FACT
from cordee.people.rules.sharing import Category

AT_WORK = [
    *(Role.COORDINATOR.value, Role.ORIENTEUSE.value, Role.PRACTITIONER.value),
    *(Role.HOME_HELP.value, Role.HOSPITAL.value),
]
PROTECTED = (Category.SOCIAL, Category.MENTAL_HEALTH)
"""Told to few: a number would tell that there is something."""


@dataclass
class Part:
    """Who wrote on the thread of a person, and how often she passed into other hands."""

    people: set[str] = field(default_factory=set)
    organizations: set[str] = field(default_factory=set)
    passed_on: int = 0


def took_part(
    actor: Actor, persons: Collection[UUID], since: datetime, passing: Q
) -> dict[UUID, Part]:
    """Say who of the professionals wrote on several threads since a moment; `passing` says which
    lines are those of a change of hands, one gesture counted once. Three queries.

    Neither what few may read, nor what the actor may not, is counted.
    """
    whose = {pk: pk for pk in persons}
    absorbed = Person.objects.visible_to(actor).filter(merged_into__in=any_of(persons, "uuid"))
    whose |= dict(absorbed.values_list("pk", "merged_into"))
    lines = _lines(actor, whose, since)
    found = {pk: Part() for pk in persons}
    for thread, author in lines.values_list("thread_id", "told__actor").distinct():
        part = found[whose[thread]]
        part.people.add(author.get("practitioner") or author.get("account") or "")
        part.organizations.add(author.get("organization", ""))
    moves = (
        lines.filter(passing)
        .values("thread_id")
        .annotate(times=Count("happened_at", distinct=True))
    )
    for thread, times in moves.values_list("thread_id", "times"):
        found[whose[thread]].passed_on += times
    for part in found.values():
        part.people.discard("")
        part.organizations.discard("")
    return found


def _lines(actor: Actor, threads: Collection[UUID], since: datetime) -> Any:
    hidden = [kind for kind, category in CATEGORY_OF_FACT.items() if category in PROTECTED]
    rows = FactHeader._default_manager.filter(
        on_threads(any_of(threads, "uuid")), happened_at__gte=since
    ).exclude(kind__in=hidden)
    told = FilteredRelation("content", condition=Q(content__recorded_at=F("recorded_at")))
    rows = visible(rows, actor).annotate(told=told)
    return rows.filter(told__actor__role__in=AT_WORK).order_by()
