"""The partners, and what they asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery

from cordee.access.actor import Actor
from cordee.access.fetched import Fetch
from cordee.access.policy import get_visible, is_allowed, visible
from cordee.access.stencil import Stencil
from cordee.partners.models import Call, Client
from cordee.people.models import Person

_WHOLE = ("membership__organization", "membership__account", "contact")


def client_known_as(client_id: str) -> Client | None:
    """Find who says they are a client, suspended or not. One query, before anybody is known."""
    try:
        pk = UUID(client_id)
    except (ValueError, TypeError, AttributeError):
        return None
    return Client.objects.select_related("membership__account").filter(pk=pk).first()


def clients(actor: Actor) -> QuerySet[Client]:
    """The partners of the house, with when each last called. One query."""
    last = Call.objects.filter(client=OuterRef("pk")).order_by("-at", "-pk").values("at")[:1]
    found = Client.objects.visible_to(actor).select_related(*_WHOLE)
    found = found.annotate(last_call_at=Subquery(last))
    return found.order_by(F("suspended_at").asc(nulls_first=True), "name", "pk")


def own_clients(actor: Actor) -> QuerySet[Client]:
    """Those that the actor is the technical contact of. One query."""
    return clients(actor).filter(contact=actor.account_id)


def apps_beside(actor: Actor, person: Person) -> list[Client]:
    """The applications that the actor may open beside somebody, by name. Two queries, planned once;
    one where there is none."""
    if not is_allowed(actor, "partners.open_beside", person):
        return []
    return _apps.in_order(pk for (pk,) in _beside(role=actor.role.value))


@Stencil
def _beside(role: str) -> QuerySet[Client, Any]:
    offered = Client.objects.filter(suspended_at=None, launch_roles__contains=[role])
    return offered.order_by("name", "pk").values_list("pk")


_apps = Fetch(Client.objects.all)


def get_client(actor: Actor, pk: UUID) -> Client:
    """One of them. Raises Http404."""
    return get_visible(actor, Client.objects.select_related(*_WHOLE), pk)


def calls_of(actor: Actor, client: Client, *, errors: bool = False) -> QuerySet[Call]:
    """What a partner asked, latest first. One query."""
    found = visible(Call.objects.filter(client=client), actor)
    if errors:
        found = found.filter(status__gte=400)
    return found.order_by("-at", "-pk")


@dataclass(frozen=True, slots=True)
class Figures:
    """A day of calls: how many, how many refused or failed, the slowest, and the last one."""

    calls: int
    errors: int
    slowest: int | None
    last_at: datetime | None


def figures_of(actor: Actor, client: Client, now: datetime) -> Figures:
    """Count what a partner asked in a day. One query."""
    found = visible(Call.objects.filter(client=client), actor)
    day = found.filter(at__gt=now - timedelta(days=1))
    counted = day.aggregate(
        calls=Count("pk"),
        errors=Count("pk", filter=Q(status__gte=400)),
        slowest=Max("milliseconds"),
        last_at=Max("at"),
    )
    return Figures(**counted)
