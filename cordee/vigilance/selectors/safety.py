"""What helpers said of their own safety, for themselves and for who leads their service."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from cordee.access.actor import Actor, Role
from cordee.access.policy import get_visible
from cordee.directory import selectors as directory
from cordee.vigilance.models import SafetyAlert

LATEST = 50


def safety_alerts(actor: Actor) -> QuerySet[SafetyAlert]:
    """List them, those that nobody answered first. One query."""
    rows = SafetyAlert.objects.visible_to(actor).select_related("helper", "answered_by")
    return rows.order_by("-answered_at", "-said_at", "pk")[:LATEST]


def get_safety(actor: Actor, pk: UUID) -> SafetyAlert:
    """One of them. Raises Http404, traced."""
    return get_visible(actor, SafetyAlert.objects.select_related("helper"), pk)


def is_heard(organization_id: UUID, now: datetime) -> bool:
    """Say whether somebody leads a service in the house, and is told. One query."""
    held = directory.with_role(Role.COORDINATOR, now)
    return held.filter(organization=organization_id).exists()


def safety_waits(organization_id: UUID) -> bool:
    """Say whether something waits for an answer in a service, for the conductor. One query."""
    rows = SafetyAlert.objects.filter(organization=organization_id, answered_at=None)
    return rows.exists()


def safety_counted(
    organizations: Collection[UUID], since: datetime, until: datetime
) -> tuple[int, int]:
    """Count what helpers of services said in a period, and how many helpers. One query."""
    rows = SafetyAlert.objects.filter(
        organization__in=organizations, said_at__gte=since, said_at__lt=until
    )
    helpers = list(rows.order_by().values_list("helper", flat=True))
    return len(helpers), len(set(helpers))
