"""The phone that speaks, and what it may show: this helper’s visits of three days."""

import hmac
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q, QuerySet, Subquery

from cordee.access.actor import Actor, Origin, Purpose, Role
from cordee.access.policy import get_visible, visible
from cordee.directory.models import Membership
from cordee.vigilance.models import Device, PlannedVisit, RefusedVisit, Visit
from cordee.vigilance.rules.marks import Kind
from cordee.vigilance.sealing import hash_of

PARIS = ZoneInfo("Europe/Paris")
BEHIND, AHEAD = 1, 2
"""Days that a phone is given: yesterday, whose last visit may be noted late, today, tomorrow."""
TOLD = 20
"""Visits whose fate a phone is told."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A phone and who holds it; `may_send` is false once either was taken back."""

    device: Device
    actor: Actor
    may_send: bool


def sender(pk: UUID, secret: str, now: datetime) -> Sender | None:
    """Find who sends, by the secret of their phone. None when it opens nothing. Two queries."""
    device = Device.objects.select_related("account", "organization").filter(pk=pk).first()
    known = bytes(device.token_hash) if device else bytes(32)
    if not hmac.compare_digest(known, hash_of(secret)) or device is None:
        return None
    works_there = device.account.is_active and _works(device, now)
    service = device.organization
    actor = Actor(
        role=Role.HOME_HELP,
        account_id=device.account_id,
        name=device.account.name,
        organization_id=device.organization_id,
        organizations=frozenset({device.organization_id} if works_there else ()),
        territories=frozenset(filter(None, [service.territory_id])),
        purpose=Purpose.CARE,
        origin=Origin.FORM,
        session_key=f"telephone-{device.pk}",
    )
    return Sender(device, actor, works_there and device.revoked_at is None)


def _works(device: Device, now: datetime) -> bool:
    today = now.astimezone(PARIS).date()
    held = Membership.objects.filter(
        Q(until=None) | Q(until__gte=today),
        account=device.account_id,
        organization=device.organization_id,
        role=Role.HOME_HELP,
        since__lte=today,
    )
    return held.exists()


def coming_visits(actor: Actor, now: datetime) -> QuerySet[PlannedVisit]:
    """This helper’s visits from yesterday to tomorrow, and when each was marked. One query."""
    mine = Visit.objects.visible_to(actor).filter(planned=OuterRef("pk"), kind=Kind.VISIT)
    day = datetime.combine(now.astimezone(PARIS).date(), time.min, tzinfo=PARIS)
    rows = PlannedVisit.objects.visible_to(actor).filter(
        helper=actor.account_id,
        cancelled_at=None,
        starts_at__gte=day - timedelta(days=BEHIND),
        starts_at__lt=day + timedelta(days=AHEAD),
    )
    last = mine.order_by("-happened_at", "pk").values("happened_at")[:1]
    rows = rows.annotate(marked_at=Subquery(last))
    return rows.select_related("person__commune").order_by("starts_at", "pk")


def told_of(actor: Actor) -> QuerySet[Visit]:
    """What became of this helper’s latest visits. One query, along the index of the helper."""
    mine = Visit.objects.visible_to(actor).filter(helper=actor.account_id)
    return mine.select_related("seen_by").order_by("-happened_at", "pk")[:TOLD]


def answered_aside(actor: Actor) -> QuerySet[RefusedVisit]:
    """What was put aside of what this helper sent. One query."""
    rows = RefusedVisit.objects.visible_to(actor).filter(helper=actor.account_id)
    return rows.order_by("-received_at", "-pk")[:TOLD]


def phones_of(actor: Actor) -> QuerySet[Device]:
    """The phones that the actor may take back. One query."""
    rows = visible(Device.objects.all(), actor).select_related("account", "organization")
    return rows.order_by("revoked_at", "-last_seen_at", "-pk")


def get_phone(actor: Actor, pk: UUID) -> Device:
    """One of them. Raises Http404."""
    return get_visible(actor, Device.objects.select_related("account", "organization"), pk)
