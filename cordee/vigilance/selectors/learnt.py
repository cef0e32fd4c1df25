"""What budgets are made from: visits by week, who a team watches, what alerts were worth."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count

from cordee.vigilance.answering_desks import routed
from cordee.vigilance.models import Alert, Visit, Watch
from cordee.vigilance.rules.following import Record, Verdict
from cordee.vigilance.rules.trend import TRENDS

MEASURED_OVER = timedelta(weeks=4)
TREND_CODES = [one.value for one in TRENDS]


def watched_by(desk: UUID) -> list[UUID]:
    """List the persons whose alerts a team answers today. Three queries, and one for each team."""
    return [person for person, one in answered_today().items() if one == desk]


def answered_today() -> dict[UUID, UUID]:
    """Say who answers for each person that the detector watches: the structure that alerts go to.

    The home service is that of her latest visit.
    """
    persons = list(Watch.objects.order_by("pk").values_list("pk", flat=True))
    latest = Visit.objects.filter(person__in=persons, kind="visit").order_by(
        "person_id", "-happened_at", "-pk"
    )
    services = latest.distinct("person_id").values_list("person_id", "organization_id")
    return routed({person: [service] for person, service in services})


def visits_per_week(persons: Collection[UUID], now: datetime) -> float:
    """Count the visits of persons, by week, over the last four. One query."""
    since = now - MEASURED_OVER
    found = Visit.objects.filter(person__in=persons, kind="visit", happened_at__gte=since)
    return found.count() * (timedelta(weeks=1) / MEASURED_OVER)


def record_of(desk: UUID, since: datetime) -> Record:
    """Count what trend alerts were worth, as they were judged. One query."""
    closed = Alert.objects.filter(organization=desk, closed_at__gte=since, signal__in=TREND_CODES)
    counts = dict(closed.order_by().values_list("verdict").annotate(count=Count("pk")))
    return Record(**{one.value: counts.get(one.value, 0) for one in Verdict})
