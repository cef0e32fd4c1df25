"""What one allowed to applications."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.access.policy import get_visible, visible
from cordee.partners.models import Grant


def own_grants(actor: Actor, now: datetime) -> QuerySet[Grant]:
    """What one allowed and still holds, latest first. One query."""
    found = visible(Grant.objects.filter(ended_at=None, ends_at__gt=now), actor)
    return found.select_related("client", "person").order_by("-given_at", "-pk")


def get_grant(actor: Actor, pk: UUID) -> Grant:
    """One of one's own. Raises Http404."""
    return get_visible(actor, Grant.objects.select_related("client"), pk)
