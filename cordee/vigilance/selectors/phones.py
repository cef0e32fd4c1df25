"""The phone that speaks, and what it may show: this helper’s visits of three days."""

import hmac
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidTag
from django.db.models import OuterRef, Q, QuerySet, Subquery

from cordee.access.actor import Actor, Origin, Purpose, Role
from cordee.access.fetched import Fetch
from cordee.access.policy import get_visible, visible
from cordee.access.sight import by_the_house
from cordee.access.stencil import Stencil, filled_up
from cordee.directory.models import Membership
from cordee.people.models import Person
from cordee.people.policy import known_among
from cordee.people.rules.sharing import Category
from cordee.people.rules.traits import full_name
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
    """Find a phone by its name, before its secret is asked. One query, planned once.

    With the least of its helper and of its service: what says who sends.
    """
    found: Device | None = _phones([pk]).get(pk)
    return found


_phones = Fetch(
    lambda: Device.objects.select_related("account", "organization").only(
        *(one.name for one in Device._meta.concrete_fields),
        *("account__name", "account__is_active"),
        *("organization__name", "organization__territory"),
    ),
)


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
        session_key=device.pk.hex[-8:],  # drawn at random; its first digits tell the time
    )
    return Sender(device, actor, works_there and device.revoked_at is None)


def _works(device: Device, now: datetime) -> bool:
    today = now.astimezone(PARIS).date()
    return bool(_held(account=device.account_id, service=device.organization_id, today=today))


@Stencil
def _held(account: UUID, service: UUID, today: date) -> QuerySet[Membership, Any]:
    held = Membership.objects.filter(
        Q(until=None) | Q(until__gte=today),
        account=account,
        organization=service,
        role=Role.HOME_HELP,
        since__lte=today,
    )
    return held.values_list("pk")


class Coming(NamedTuple):
    """A visit to come, and when it was marked for the service that planned it."""

    id: UUID
    person_id: UUID
    starts_at: datetime
    ends_at: datetime
    marked_at: datetime | None


class Fate(NamedTuple):
    """What became of a visit that was noted."""

    id: UUID
    person_id: UUID
    status: str
    seen_at: datetime | None
    seen_by: str | None
    answer: str


class Aside(NamedTuple):
    """What became of a record that was put aside."""

    sent_id: UUID | None
    why: str
    answer: str
    answered_at: datetime | None


class Named(NamedTuple):
    """Somebody as they are called at the door."""

    id: UUID
    name: str
    commune: str
    is_deceased: bool


@dataclass(frozen=True, slots=True)
class Day:
    """What a phone is told: visits to come, whom this helper visits, what became of those noted."""

    coming: list[Coming]
    named: dict[UUID, Named]
    latest: list[Fate]

    @property
    def persons(self) -> list[Named]:
        """Those whom this helper visits, by name."""
        return [one for one in self.named.values() if not one.is_deceased][:VISITED]


@by_the_house
def day_of(actor: Actor, now: datetime) -> Day:
    """Read the day of a helper, of those whom they may know of today. Five queries, planned once.

    By the house, then kept by the rule of sight: the second lock would judge each row apart, forty
    times the same person, and a phone asks each minute.
    """
    today = datetime.combine(now.astimezone(PARIS).date(), time.min, tzinfo=PARIS)
    whose = {"helper": actor.account_id, "service": actor.organization_id}
    days = {"since": today - timedelta(days=BEHIND), "until": today + timedelta(days=AHEAD)}
    coming = [Coming(*row) for row in _coming(**whose, **days)]
    latest = [Fate(*row) for row in _latest(helper=actor.account_id)]
    around = {"since": now - AROUND, "until": now + AROUND}
    visited = _visited(**whose, **around)
    met = {one.person_id for one in coming} | {one.person_id for one in latest}
    met |= {pk for (pk,) in visited}
    known = known_among(actor, met, Category.COORDINATION)
    return Day(
        coming=[one for one in coming if one.person_id in known],
        named={pk: _named(pk, *row) for pk, *row in _called(persons=filled_up(known))},
        latest=[one for one in latest if one.person_id in known],
    )


@Stencil
def _coming(
    helper: UUID, service: UUID, since: datetime, until: datetime
) -> QuerySet[PlannedVisit, Any]:
    marked = Visit.objects.filter(
        planned=OuterRef("pk"), kind=Kind.VISIT, organization=OuterRef("organization")
    )
    last = marked.order_by("-happened_at", "pk").values("happened_at")[:1]
    rows = PlannedVisit.objects.filter(
        helper=helper,
        organization=service,
        cancelled_at=None,
        starts_at__gte=since,
        starts_at__lt=until,
    ).annotate(marked_at=Subquery(last))
    shown = ("pk", "person_id", "starts_at", "ends_at", "marked_at")
    return rows.order_by("starts_at", "pk").values_list(*shown)


@Stencil
def _latest(helper: UUID) -> QuerySet[Visit, Any]:
    rows = Visit.objects.filter(helper=helper).order_by("-happened_at", "pk")[:TOLD]
    return rows.values_list("pk", "person_id", "status", "seen_at", "seen_by__name", "answer")


@Stencil
def _visited(helper: UUID, service: UUID, since: datetime, until: datetime) -> QuerySet[Any, Any]:
    """Whom this helper visits: what a phone needs to note a visit that nobody planned."""
    planned = PlannedVisit.objects.filter(helper=helper, organization=service, cancelled_at=None)
    noted = Visit.objects.filter(helper=helper, organization=service, happened_at__gte=since)
    to_come = planned.filter(starts_at__range=(since, until)).values_list("person_id")
    return to_come.union(noted.values_list("person_id"))


CALLED = ("used_first_name", "first_name", "first_names", "birth_name", "used_name", "sex")


@Stencil
def _called(persons: list[UUID]) -> QuerySet[Person, Any]:
    rows = Person.objects.filter(pk__in=persons).order_by("name_key", "pk")
    return rows.values_list("pk", "commune__name", "deceased_on", *CALLED)


def _named(pk: UUID, commune: str | None, deceased_on: date | None, *called: str) -> Named:
    return Named(pk, full_name(*called), commune or "", deceased_on is not None)


def answered_aside(actor: Actor) -> list[Aside]:
    """What was put aside of what this helper sent. One query, planned once."""
    return [Aside(*row) for row in _aside(actor=actor)]


@Stencil
def _aside(actor: Actor) -> QuerySet[RefusedVisit, Any]:
    rows = RefusedVisit.objects.visible_to(actor).filter(helper=actor.account_id)
    latest = rows.order_by("-received_at", "-pk")
    return latest.values_list("sent_id", "why", "answer", "answered_at")[:TOLD]


def phones_of(actor: Actor) -> QuerySet[Device]:
    """The phones that the actor may take back. One query."""
    rows = visible(Device.objects.all(), actor).select_related("account", "organization")
    return rows.order_by("revoked_at", "-last_seen_at", "-pk")


def get_phone(actor: Actor, pk: UUID) -> Device:
    """One of them. Raises Http404."""
    return get_visible(actor, Device.objects.select_related("account", "organization"), pk)
