"""Visits that were marked, as who follows her reads them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Aggregate, Count, FloatField, QuerySet

from cordee.access.actor import Actor
from cordee.access.policy import get_visible
from cordee.people.models import Person
from cordee.vigilance.models import PlannedVisit, RefusedVisit, Visit
from cordee.vigilance.rules.marks import MARKS, SIGNS

LATEST = 6
SOME = 5
"""Below this many visits, a duration would be that of somebody."""


def get_visit(actor: Actor, pk: UUID) -> Visit:
    """One visit. Raises Http404. Two queries."""
    rows = Visit.objects.select_related("person", "organization", "helper", "seen_by")
    return get_visible(actor, rows, pk)


def visits_of(actor: Actor, person: Person) -> QuerySet[Visit]:
    """The visits of somebody, the latest first. One query."""
    rows = Visit.objects.visible_to(actor).filter(person=person)
    return rows.select_related("helper", "organization", "seen_by").order_by("-happened_at", "-pk")


def to_come(actor: Actor, person: Person, now: datetime) -> QuerySet[PlannedVisit]:
    """What is planned for somebody. One query."""
    rows = PlannedVisit.objects.visible_to(actor).filter(
        person=person, cancelled_at=None, ends_at__gt=now
    )
    return rows.select_related("helper", "organization").order_by("starts_at", "pk")


def visit_now(pk: UUID) -> Visit | None:
    """Fetch a visit as it stands, for the conductor. One query."""
    found: Visit | None = Visit.objects.select_related("person").filter(pk=pk).first()
    return found


def aside(actor: Actor) -> QuerySet[RefusedVisit]:
    """What was put aside and waits for an answer, the oldest first. One query."""
    rows = RefusedVisit.objects.visible_to(actor).filter(answered_at=None)
    return rows.select_related("helper", "organization").order_by("received_at", "pk")


def get_refused(actor: Actor, pk: UUID) -> RefusedVisit:
    """One of them. Raises Http404."""
    return get_visible(actor, RefusedVisit, pk)


class Median(Aggregate):
    """The value in the middle."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True, slots=True)
class Marking:
    """How long marking takes, from opening the form to sending it, as measured in use."""

    count: int
    median: float | None
    since: date


def marking(actor: Actor, now: datetime, days: int = 30) -> Marking:
    """Measure it on the visits that the actor may see; nothing below a handful. One query."""
    since = now - timedelta(days=days)
    rows = Visit.objects.visible_to(actor).filter(
        received_at__gte=since, seconds__isnull=False, kind="visit"
    )
    found = rows.order_by().aggregate(count=Count("pk"), median=Median("seconds"))
    enough = found["count"] >= SOME
    return Marking(found["count"], found["median"] if enough else None, since.date())


def words_of(visit: Visit) -> list[str]:
    """The signs of a visit, in words."""
    return [SIGNS[one] for one in visit.signs if one in SIGNS]


def names_of_marks() -> dict[str, str]:
    """The four marks and their words."""
    return MARKS
