"""Needs raised from home that nobody answered, for the conductor."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from cordee.vigilance.answering_desks import desk_for
from cordee.vigilance.models import Alert, Visit
from cordee.vigilance.rules.marks import Kind
from cordee.vigilance.rules.urgency import immediate


@dataclass(frozen=True, slots=True)
class Awaited:
    """A need that waits for somebody: of whom, from which service, and who answers today."""

    person_id: UUID
    service_id: UUID
    desk: UUID | None
    seen_by_id: UUID | None


def awaited(pk: UUID) -> Awaited | None:
    """Give a need as it stands; None once it is answered, or when an alert tells it already.

    Four queries or five.
    """
    found = _waiting().filter(pk=pk).first()
    if found is None or _is_told_by_an_alert(found):
        return None
    desk = desk_for(found.person_id, found.organization_id)
    return Awaited(found.person_id, found.organization_id, desk, found.seen_by_id)


def needs_of(person_id: UUID) -> list[UUID]:
    """List the needs of somebody that nobody answered, the oldest first. One query."""
    rows = _waiting().filter(person=person_id).order_by("received_at", "pk")
    return list(rows.values_list("pk", flat=True))


def _waiting() -> QuerySet[Visit]:
    return Visit.objects.filter(kind=Kind.NEED, answered_at=None)


def _is_told_by_an_alert(need: Visit) -> bool:
    """An urgent sign raises an alert, which has its own task while it is open; a need that raised
    none, or whose alert was closed without an answer, stands alone."""
    if immediate(need.marks, need.signs, urgent=need.urgent) is None:
        return False
    said_by = Q(visit=need.pk) | Q(confirmed_by__contains=[need.pk])
    return Alert.objects.open().filter(said_by, person=need.person_id).exists()
