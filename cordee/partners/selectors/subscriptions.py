"""What partners asked to be told, and how it goes: to them, to administration, to the jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet
from django.http import Http404

from cordee.access.actor import Actor
from cordee.access.policy import is_allowed
from cordee.access.sight import by_the_house
from cordee.partners.models import Client, Delivery, Subscription, Tally
from cordee.partners.rules.addresses import place_of
from cordee.partners.rules.retries import in_words
from cordee.partners.rules.silences import in_french

LATE = timedelta(minutes=15)
SHOWN = 200
State = Delivery.State


def own_subscriptions(actor: Actor) -> QuerySet[Subscription]:
    """Those of the application that comes in, past ones too. One query."""
    found = Subscription.objects.visible_to(actor).filter(holder=actor.session_key)
    return found.select_related("client", "grant")


@by_the_house
def subscriptions_read_for() -> list[Subscription]:
    """Those that are to be told what changes, and those stopped by an error of which it is not yet
    known since when something happened. One query.

    By the house: each is then judged in the name of its owner.
    """
    stopped = Q(state=Subscription.State.ERROR, tally__missed_since=None)
    found = Subscription.objects.filter(Q(state=Subscription.State.ACTIVE) | stopped)
    return list(found.select_related("client", "tally").order_by("pk"))


@by_the_house
def subscriptions_due(now: datetime) -> list[UUID]:
    """The subscriptions to which something is to be sent now. One query.

    By the house: their jobs are queued, nothing is told.
    """
    waiting = Delivery.objects.filter(state__in=[State.WAITING, State.SENDING], due_at__lte=now)
    ready = Tally.is_ready(now, "tally__")
    found = Subscription.objects.filter(
        ready, state=Subscription.State.ACTIVE, pk__in=waiting.values("subscription_id")
    )
    return list(found.order_by("pk").values_list("pk", flat=True))


@by_the_house
def subscription_of(pk: UUID) -> Subscription | None:
    """One of them, for the jobs. One query.

    By the house: it is judged in the name of its owner.
    """
    return Subscription.objects.select_related("client", "tally").filter(pk=pk).first()


@by_the_house
def events_between(
    subscription: Subscription, after: int, until: int | None, most: int
) -> list[Delivery]:
    """What a subscription was to be told, by number, after one. One query.

    By the house: what may still be told of it is judged in the name of its owner.
    """
    found = Delivery.objects.filter(subscription=subscription, number__gt=after)
    if until is not None:
        found = found.filter(number__lte=until)
    return list(found.order_by("number", "pk")[:most])


@by_the_house
def dead_of(subscription: Subscription) -> int:
    """How many things are not sent any more to a subscription. One query.

    By the house: a count alone.
    """
    return Delivery.objects.filter(subscription=subscription, state=State.DEAD).count()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a subscription goes, for who administers: no identifier of anybody, no criterion."""

    pk: UUID
    kind: str
    watched_by: tuple[str, ...]
    where: str
    content: str
    state: str
    is_active: bool
    error: str
    since_at: datetime
    events: int
    delivered_at: datetime | None
    waiting: int
    dead: int
    oldest: datetime | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What was not delivered, and why: never about whom."""

    pk: UUID
    kind: str
    number: int
    happened_at: datetime
    where: str
    tries: int
    fault: str
    held: int
    """How many wait behind it."""


def standings(actor: Actor, client: Client, now: datetime) -> list[Standing]:
    """How the subscriptions of a partner go. Two queries. Raises Http404 to who may not know."""
    _refuse_the_curious(actor, client)
    return _standings(client.pk, now)


@by_the_house
def _standings(client_id: UUID, now: datetime) -> list[Standing]:
    """By the house: counts and words of machines, never a criterion nor a person."""
    found = Subscription.objects.filter(client_id=client_id, removed_at=None)
    rows = list(found.select_related("tally").order_by("kind", "pk"))
    counts = _counted([row.pk for row in rows])
    return [_standing(one, counts.get(one.pk, Counts()), now) for one in rows]


class Counts(NamedTuple):
    """What is left to tell: waiting, given up by the house, and since when."""

    waiting: int = 0
    dead: int = 0
    oldest: datetime | None = None


def _counted(ids: Sequence[UUID]) -> dict[UUID, Counts]:
    open_ones = Delivery.objects.filter(subscription_id__in=ids, state__in=Delivery.OPEN)
    counted = open_ones.values_list("subscription_id").annotate(
        waiting=Count("pk", filter=~Q(state=State.DEAD)),
        dead=Count("pk", filter=Q(state=State.DEAD)),
        oldest=Min("happened_at"),
    )
    return {pk: Counts(*counts) for pk, *counts in counted.order_by()}


def _standing(one: Subscription, counts: Counts, now: datetime) -> Standing:
    words = [pair.partition("=")[0] for pair in one.criteria.partition("?")[2].split("&")]
    return Standing(
        pk=one.pk,
        kind=one.kind,
        watched_by=tuple(filter(None, words)),
        where=place_of(one.endpoint) if one.endpoint else "",
        content=one.get_content_display(),
        state=one.get_state_display(),
        is_active=one.state == Subscription.State.ACTIVE,
        error=in_french(one.error),
        since_at=one.since_at,
        events=one.tally.events,
        delivered_at=one.tally.delivered_at,
        waiting=counts.waiting,
        dead=counts.dead,
        oldest=counts.oldest,
        is_late=counts.oldest is not None and now - counts.oldest > LATE,
    )


def dead_letters(actor: Actor, client: Client) -> list[DeadLetter]:
    """What was not delivered to a partner, the oldest first. Two queries."""
    _refuse_the_curious(actor, client)
    return _dead_letters(client.pk)


@by_the_house
def _dead_letters(client_id: UUID) -> list[DeadLetter]:
    """By the house: what is told names nobody."""
    found = Delivery.objects.filter(subscription__client_id=client_id).annotate(lane=Delivery.LANE)
    dead = found.filter(state=State.DEAD).select_related("subscription")
    behind = found.filter(state__in=[State.WAITING, State.SENDING])
    counted = behind.values_list("subscription_id", "lane").annotate(Count("pk"))
    held = {(pk, lane): count for pk, lane, count in counted.order_by()}
    return [
        _dead(one, held.get((one.subscription_id, one.person_id or one.resource_id), 0))
        for one in dead.order_by("happened_at", "pk")[:SHOWN]
    ]


def _dead(one: Delivery, held: int) -> DeadLetter:
    return DeadLetter(
        pk=one.pk,
        kind=one.kind,
        number=one.number,
        happened_at=one.happened_at,
        where=place_of(one.subscription.endpoint),
        tries=one.tries,
        fault=in_words(one.fault),
        held=held,
    )


def dead_letter(actor: Actor, pk: UUID) -> Delivery:
    """One that was not delivered, to be sent again or given up. Raises Http404. One query."""
    if not is_allowed(actor, "partners.register"):
        raise Http404
    return _dead_letter(pk)


@by_the_house
def _dead_letter(pk: UUID) -> Delivery:
    """By the house: who administers sends it again without reading it."""
    found = Delivery.objects.select_related("subscription")
    one = found.filter(pk=pk, state=State.DEAD).first()
    if one is None:
        raise Http404
    return one


def undelivered(actor: Actor) -> dict[UUID, int]:
    """How many each partner was not delivered, for who administers. One query."""
    return _undelivered() if is_allowed(actor, "partners.register") else {}


@by_the_house
def _undelivered() -> dict[UUID, int]:
    """By the house: counts alone."""
    found = Delivery.objects.filter(state=State.DEAD).values_list("subscription__client_id")
    return dict(found.annotate(Count("pk")).order_by())


def _refuse_the_curious(actor: Actor, client: Client) -> None:
    if not is_allowed(actor, "partners.look_at_calls", client):
        raise Http404
