"""What is told to partners: kept with the place in the thread, then sent, each step a commit.

Locked in this order: a subscription, its tally, its deliveries.

waiting → sending (committed before anything leaves) → delivered | waiting again | dead. One found
« sending » past its lease has lost its sender, and is sent again under the same number and name.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.partners.models import THE_GAP, Client, Delivery, Place, Subscription, Tally
from cordee.partners.rules.retries import LEASE, UNREACHABLE, Answer, is_over, wait

State = Delivery.State
Reached = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to tell: which version of which resource, about whom, since when."""

    resource_id: UUID
    version: str
    person_id: UUID | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """All that one subscription is to be told of some lines of the thread."""

    subscription: Subscription
    things: Sequence[Thing] = ()
    opened: frozenset[UUID] = frozenset()
    """Those that were found because something may show again, whatever their date."""
    is_short: bool = False
    """There was too much to look for: that is told too."""
    missed_since: datetime | None = None
    """Since when it was told nothing, because it is stopped; None: it knows everything."""


def hold_place() -> Place | None:
    """Take the place in the thread, for this reader alone; None: another is at it.

    Inside a transaction: whoever holds it writes, and no two read the same lines.
    """
    Place.objects.get_or_create(pk=ONE)
    held = Place.objects.select_for_update(of=("self",), skip_locked=True)
    return held.filter(pk=ONE).first()


ONE = UUID(int=1)


@action("partners.tell", on=None)
def tell(*, actor: Actor, heard: Sequence[Heard], now: datetime) -> None:
    """Keep what is to be told, numbered; a version that was told is not told again.

    That something is missing is an event about the subscription itself.
    """
    for one in heard:
        _number(one, now)


def move(place: Place, reached: Reached) -> None:
    """Say how far the thread was read, in the transaction that kept what it told."""
    place.transaction_id, place.fact_id = reached
    place.save()


def _number(heard: Heard, now: datetime) -> None:
    held = Subscription.objects.select_for_update(of=("self",))
    one = held.get(pk=heard.subscription.pk)  # as its owner has it now
    if one.state == Subscription.State.OFF:
        return
    tally = Tally.objects.select_for_update(of=("self",)).get(subscription=one)
    kind = heard.subscription.kind
    ids = {thing.resource_id for thing in heard.things}
    told = Delivery.objects.filter(subscription=one, kind=kind, resource_id__in=ids)
    _withhold_heard(told, heard)
    told = told.exclude(state=State.WITHHELD)  # was not told: who sees it again is
    known = set(told.values_list("resource_id", "row_version"))
    new = [(THE_GAP, Thing(one.pk, now.isoformat(), None, now))] if heard.is_short else []
    new += [(kind, each) for each in heard.things if (each.resource_id, each.version) not in known]
    Delivery.objects.bulk_create(
        _line(one, tally.events + rank, *told, now) for rank, told in enumerate(new, 1)
    )
    Tally.objects.filter(pk=tally.pk).update(
        events=F("events") + len(new), missed_since=heard.missed_since
    )


def _withhold_heard(told: QuerySet[Delivery], heard: Heard) -> None:
    """Say of what shows again that it was not told to who listens, hence is to be told.

    What hid as it was read was passed over, and nobody noted it: what was truly heard comes twice.
    """
    versions = {each.resource_id: each.version for each in heard.things}
    listened = told.filter(state=State.HEARD, resource_id__in=heard.opened)
    found = listened.values_list("pk", "resource_id", "row_version")
    same = [pk for pk, resource_id, version in found if versions[resource_id] == version]
    Delivery.objects.filter(pk__in=same).update(state=State.WITHHELD)


def _line(one: Subscription, number: int, kind: str, thing: Thing, now: datetime) -> Delivery:
    return Delivery(
        subscription=one,
        number=number,
        person_id=thing.person_id,
        kind=kind,
        resource_id=thing.resource_id,
        row_version=thing.version,
        happened_at=thing.since,
        state=State.WAITING if one.is_pushed else State.HEARD,
        due_at=now if one.is_pushed else None,
        settled_at=None if one.is_pushed else now,
    )


@action("partners.take_delivery", on=None)
def take(*, actor: Actor, subscription_id: UUID, now: datetime) -> Delivery | None:
    """Take the next one to send, for this sender alone: the first of its person, and no other.

    None when there is none, or while the address rests.
    """
    due = _first_of_each(subscription_id).filter(
        state__in=[State.WAITING, State.SENDING], due_at__lte=now
    )
    ready = Tally.objects.filter(Tally.is_ready(now), subscription_id=subscription_id)
    if not ready.exists():
        return None
    locked = due.select_for_update(of=("self",), skip_locked=True)
    one = locked.order_by("due_at", "number", "pk").first()
    if one is not None:
        one.state, one.due_at, one.tries = State.SENDING, now + LEASE, one.tries + 1
        one.save(update_fields=["state", "due_at", "tries"])
    return one


def _first_of_each(subscription_id: UUID) -> QuerySet[Delivery]:
    before = Delivery.objects.annotate(lane=Delivery.LANE).filter(
        subscription=OuterRef("subscription"),
        lane=OuterRef("lane"),
        number__lt=OuterRef("number"),
        state__in=Delivery.OPEN,
    )
    mine = Delivery.objects.annotate(lane=Delivery.LANE).filter(subscription_id=subscription_id)
    return mine.filter(
        ~Exists(before.order_by().values("pk")),
        subscription__state=Subscription.State.ACTIVE,
    )


@action("partners.note_delivery", on=None)
def note(*, actor: Actor, delivery: Delivery, answer: Answer | None, now: datetime) -> None:
    """Keep what became of a sending; `answer` None: it may not be told any more, and did not leave.

    What another took up meanwhile (its lease was over) is noted by them, unless it was taken.
    """
    tallies = Tally.objects.select_for_update(of=("self",))
    tally = tallies.get(subscription_id=delivery.subscription_id)
    held = Delivery.objects.select_for_update(of=("self",)).filter(
        pk=delivery.pk, state=State.SENDING
    )
    one = held.first()
    if one is None or (one.tries != delivery.tries and not (answer and answer.is_taken)):
        return
    if answer is None:
        _settle(one, State.WITHHELD, now)
    elif answer.is_taken:
        _settle(one, State.DELIVERED, now)
        tally.delivered_at, tally.failures, tally.rests_until = now, 0, None
        tally.save()
    else:
        _failed(one, tally, answer, now)


def _settle(one: Delivery, state: str, now: datetime) -> None:
    one.state, one.settled_at, one.due_at, one.fault = state, now, None, ""
    one.save(update_fields=["state", "settled_at", "due_at", "fault"])


def _failed(one: Delivery, tally: Tally, answer: Answer, now: datetime) -> None:
    """Try again later, or no more; an address that does not answer rests for everybody."""
    luck = random.random()  # noqa: S311 — only spreads the tries
    one.fault = answer.fault
    if is_over(one.tries, answer):
        one.state, one.due_at = State.DEAD, None
    else:
        one.state, one.due_at = State.WAITING, now + wait(one.tries, luck, answer)
    one.save(update_fields=["state", "due_at", "fault"])
    if answer.fault == UNREACHABLE:
        tally.failures += 1
        tally.rests_until = now + wait(tally.failures, luck)
        tally.save()


@action("partners.retry", on=None)
def retry(*, actor: Actor, delivery: Delivery, now: datetime) -> None:
    """Send again what was not delivered: its first tries are forgotten."""
    _again(Delivery.objects.filter(pk=delivery.pk), now)


@action("partners.retry_all", on="client")
def retry_all(*, actor: Actor, client: Client, now: datetime) -> int:
    """Send again all that a partner was not delivered. Gives how many."""
    return _again(Delivery.objects.filter(subscription__client=client), now)


def _again(some: QuerySet[Delivery], now: datetime) -> int:
    dead = some.filter(state=State.DEAD)
    Tally.objects.filter(subscription_id__in=dead.values("subscription_id")).update(
        failures=0, rests_until=None
    )
    return dead.update(state=State.WAITING, due_at=now, tries=0)


@action("partners.give_up", on=None)
def give_up(*, actor: Actor, delivery: Delivery, why: str, now: datetime) -> None:
    """Give up telling it, and say why: those that waited behind it leave."""
    dead = Delivery.objects.filter(pk=delivery.pk, state=State.DEAD)
    dead.update(
        state=State.GIVEN_UP,
        given_up_by_id=actor.account_id,
        given_up_why=why,
        settled_at=now,
    )
