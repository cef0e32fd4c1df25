"""Who is followed more closely, what proposes it, and what proposes that it ends."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.access.fetched import FetchAbout
from cordee.access.policy import get_visible
from cordee.people.models import Person
from cordee.vigilance.models import ReinforcedFollowUp, Visit
from cordee.vigilance.rules import reinforced as rules
from cordee.vigilance.rules.reinforced import Ground, Marked
from cordee.vigilance.rules.urgency import URGENT_SIGNS
from cordee.vigilance.selectors.visits import TOLD, happened_since, told_since

FELL = "fell"
URGENT = frozenset(URGENT_SIGNS)
PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Followed:
    """Somebody followed more closely, and what their visits say of it."""

    followup: ReinforcedFollowUp
    may_leave: bool
    days_without: int | None
    is_due: bool


def get_reinforced(actor: Actor, pk: UUID) -> ReinforcedFollowUp:
    """Fetch one. Raises Http404, traced. Two queries."""
    rows = ReinforcedFollowUp.objects.select_related("person__commune", "organization")
    return get_visible(actor, rows, pk)


def reinforced_now(pk: UUID) -> ReinforcedFollowUp | None:
    """One as it stands now, for the conductor. One query."""
    found: ReinforcedFollowUp | None = ReinforcedFollowUp.objects.filter(pk=pk).first()
    return found


def reinforced_about(person_id: UUID) -> list[ReinforcedFollowUp]:
    """Those of somebody that go on, for the conductor. One query."""
    return list(ReinforcedFollowUp.objects.current().filter(person=person_id).order_by("pk"))


def reinforced_of(actor: Actor, person: Person) -> list[ReinforcedFollowUp]:
    """List those of somebody, the one that goes on first. Two queries, planned once."""
    return _followed(actor, person.pk)


_followed = FetchAbout(
    lambda: ReinforcedFollowUp.objects.select_related("organization", "started_by").order_by(
        "ended_at", "-started_at", "pk"
    )
)


def proposed_for(actor: Actor, person: Person, now: datetime) -> tuple[Ground, ...]:
    """Say what the visits that the actor reads propose. One query, planned once."""
    told = told_since(actor, person, now - rules.LATELY)
    return rules.proposed([_marked(*row) for row in told], now)


def cohort(actor: Actor, now: datetime) -> list[Followed]:
    """List who is followed more closely by the structures of the actor, by day of the next point.

    Two queries."""
    rows = (
        ReinforcedFollowUp.objects.visible_to(actor)
        .current()
        .filter(organization__in=actor.organizations, person__merged_into=None)
        .select_related("person__commune", "organization")
        .order_by("review_on", "pk")
    )
    return followed(actor, list(rows), now)


def followed(actor: Actor, rows: list[ReinforcedFollowUp], now: datetime) -> list[Followed]:
    """Look at the visits of each. One query."""
    since = min((row.started_at for row in rows), default=now)
    visits = _marks_of(actor, [row.person_id for row in rows], min(since, now - rules.CALM))
    today = now.astimezone(PARIS).date()
    return [
        Followed(
            row,
            rules.may_leave(visits[row.person_id], row.started_at, now),
            rules.days_without(visits[row.person_id], row.started_at, now),
            row.review_on <= today,
        )
        for row in rows
    ]


def reinforced_persons(actor: Actor) -> QuerySet[Any, UUID]:
    """Whom the actor’s structures follow more closely, by their keys. One query."""
    rows = ReinforcedFollowUp.objects.visible_to(actor).current()
    return rows.filter(organization__in=actor.organizations).values_list("person", flat=True)


def _marks_of(actor: Actor, persons: Iterable[UUID], since: datetime) -> dict[UUID, list[Marked]]:
    rows = happened_since(Visit.objects.visible_to(actor).filter(person__in=list(persons)), since)
    found: dict[UUID, list[Marked]] = defaultdict(list)
    for person, *row in rows.values_list("person", *TOLD):
        found[person].append(_marked(*row))
    return found


def _marked(at: datetime, signs: list[str], urgent: bool, *marks: int | None) -> Marked:
    given = [mark for mark in marks if mark is not None]
    is_urgent = urgent or not URGENT.isdisjoint(signs)
    return Marked(at, min(given, default=None), is_urgent, FELL in signs)
