"""The phone that speaks, and what it may show: this helper’s visits of three days."""

import hmac
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidTag
from django.db.models import OuterRef, Q, QuerySet, Subquery

from cordee.access.actor import Actor, Origin, Purpose, Role
from cordee.access.policy import get_visible, visible
from cordee.access.sight import by_the_house
from cordee.directory.models import Membership
from cordee.people.models import Person
from cordee.people.policy import keys_of
from cordee.people.rules.sharing import Category
from cordee.vigilance.models import Device, PlannedVisit, RefusedVisit, Visit
from cordee.vigilance.rules.marks import Kind
from cordee.vigilance.sealing import hash_of, opened, unseal

PARIS = ZoneInfo("Europe/Paris")
BEHIND, AHEAD = 1, 2
"""Days that a phone is given: yesterday, whose last visit may be noted late, today, tomorrow."""
TOLD = 20
"""Visits whose fate a phone is told."""
AROUND, VISITED = timedelta(days=14), 60
"""Days around today that say whom a helper visits, and the most that a phone is told of."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A phone and who holds it; `may_send` is false once either was taken back."""

    device: Device
    actor: Actor
    may_send: bool


def phone_named(pk: UUID) -> Device | None:
    """Find a phone by its name, before its secret is asked. One query."""
    return Device.objects.select_related("account", "organization").filter(pk=pk).first()


def opens(device: Device | None, secret: str) -> bool:
    """Say whether a secret is that of a phone, in the same time whatever it is."""
    known = bytes(device.token_hash) if device else bytes(32)
    return hmac.compare_digest(known, hash_of(secret)) and device is not None


def handed_over(device: Device, records: list[Any]) -> list[Any]:
    """Read what a phone that was taken back hands over, were it still closed under its key."""
    try:
        key = unseal(device.sealed_key, device.pk)
    except InvalidTag:
        return records
    return [opened(one, key) for one in records]


def sender(device: Device, now: datetime) -> Sender:
    """Say who sends from a phone that its secret opened. One query."""
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


@dataclass(frozen=True, slots=True)
class Day:
    """What a phone is told: visits to come, whom this helper visits, what became of those noted."""

    coming: list[PlannedVisit]
    persons: list[Person]
    latest: list[Visit]


@by_the_house
def day_of(actor: Actor, now: datetime) -> Day:
    """Read the day of a helper, of those whom they may know of today. Six queries.

    By the house, then kept by the rule of sight: the second lock would judge each row apart, forty
    times the same person, and a phone asks each minute.
    """
    coming, latest = list(_coming(actor, now)), list(_latest(actor))
    named = {one.person_id for one in coming} | {one.person_id for one in latest}
    named |= _visited(actor, now)
    keys = keys_of(actor, Category.COORDINATION).filter(pk__in=named)
    known = set(keys.values_list("pk", flat=True)) if named else set()
    persons = Person.objects.filter(pk__in=known, deceased_on=None).select_related("commune")
    return Day(
        coming=[one for one in coming if one.person_id in known],
        persons=list(persons.order_by("name_key", "pk")[:VISITED]) if known else [],
        latest=[one for one in latest if one.person_id in known],
    )


def _coming(actor: Actor, now: datetime) -> QuerySet[PlannedVisit]:
    """From yesterday to tomorrow, and when each was marked for the service that planned it."""
    marked = Visit.objects.filter(
        planned=OuterRef("pk"), kind=Kind.VISIT, organization=OuterRef("organization")
    )
    day = datetime.combine(now.astimezone(PARIS).date(), time.min, tzinfo=PARIS)
    rows = PlannedVisit.objects.filter(
        helper=actor.account_id,
        organization=actor.organization_id,
        cancelled_at=None,
        starts_at__gte=day - timedelta(days=BEHIND),
        starts_at__lt=day + timedelta(days=AHEAD),
    )
    last = marked.order_by("-happened_at", "pk").values("happened_at")[:1]
    rows = rows.annotate(marked_at=Subquery(last)).select_related("person__commune")
    return rows.order_by("starts_at", "pk")


def _latest(actor: Actor) -> QuerySet[Visit]:
    rows = Visit.objects.filter(helper=actor.account_id).select_related("seen_by")
    return rows.order_by("-happened_at", "pk")[:TOLD]


def _visited(actor: Actor, now: datetime) -> set[UUID]:
    """Whom this helper visits: what a phone needs to note a visit that nobody planned."""
    mine = {"helper": actor.account_id, "organization": actor.organization_id}
    planned = PlannedVisit.objects.filter(
        **mine, cancelled_at=None, starts_at__range=(now - AROUND, now + AROUND)
    )
    marked = Visit.objects.filter(**mine, happened_at__gte=now - AROUND)
    return {one for rows in (planned, marked) for one in rows.values_list("person", flat=True)}


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
