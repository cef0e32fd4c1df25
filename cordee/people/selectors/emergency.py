"""Emergency accesses: one’s own, and those to read again."""

from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Now

from cordee.access.actor import Actor
from cordee.access.models import Trace
from cordee.access.policy import get_visible
from cordee.people.models import EmergencyGrant
from cordee.people.rules.emergency import ATTEMPTS_WITHIN


def grants(actor: Actor) -> QuerySet[EmergencyGrant]:
    """List the accesses one may know, the latest first. One query."""
    seen = EmergencyGrant.objects.visible_to(actor).select_related("account", "reviewed_by")
    return seen.order_by("-opened_at", "pk")


def get_grant(actor: Actor, pk: UUID | str) -> EmergencyGrant:
    """Fetch one access. Raises Http404, traced. Two queries."""
    return get_visible(actor, grants(actor), pk)


def own_open_grants(actor: Actor) -> QuerySet[EmergencyGrant]:
    """List the accesses that the actor opened and that last. One query."""
    return EmergencyGrant.objects.open().filter(account_id=actor.account_id).order_by("pk")


def attempts_of(account_id: UUID) -> int:
    """Count the tries of an account at emergency access lately, on the clock of the trace.

    One query.
    """
    lately = Now() - ATTEMPTS_WITHIN
    tried = Trace.objects.filter(verb="people.try_emergency", kind=Trace.Kind.ACT, at__gt=lately)
    return tried.filter(account_id=account_id).count()


def grants_to_review(actor: Actor) -> QuerySet[EmergencyGrant]:
    """List what nobody has read again, the oldest first. One query."""
    return grants(actor).filter(reviewed_at=None).order_by("opened_at", "pk")
