"""Subscriptions: made, changed and ended by a partner; stopped by the house, which says why."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.partners.models import Delivery, Subscription, Tally
from cordee.partners.rules import silences

State = Subscription.State
CUT = "Abonnement coupé par le partenaire."
OVER = "Abonnement arrivé à sa fin."
WRITTEN = ("kind", "criteria", "endpoint", "content", "reason", "ends_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a partner wants to be told, already read and found watchable."""

    kind: str
    criteria: str
    endpoint: str
    content: str
    reason: str
    ends_at: datetime | None = None
    is_on: bool | None = True
    """Whether it is to be told; None: as it is."""


@dataclass(frozen=True, slots=True)
class For:
    """Which application asks, by which grant, within which scopes."""

    client_id: UUID
    grant_id: UUID | None
    scopes: str


@action("partners.subscribe", on=None)
def subscribe(*, actor: Actor, wanted: Wanted, whose: For, now: datetime) -> Subscription:
    """Make a subscription: what changes from now on is told."""
    made = Subscription(
        client_id=whose.client_id,
        grant_id=whose.grant_id,
        account=Account.objects.get(pk=str(actor.account_id)),
        holder=actor.session_key,
        scopes=whose.scopes,
    )
    _write(made, wanted, now)
    made.save(force_insert=True)
    Tally.objects.create(subscription=made)
    return made


@action("partners.change_subscription", on="subscription")
def change_subscription(
    *, actor: Actor, subscription: Subscription, wanted: Wanted, now: datetime
) -> Subscription:
    """Watch something else, be told elsewhere, be silent, or speak again after an error: what
    happened meanwhile is looked for at the next reading of the thread.

    What waited for an address is heard by who listens from now on.
    """
    _write(subscription, wanted, now)
    subscription.save()
    Tally.objects.filter(subscription=subscription).update(failures=0, rests_until=None)
    if wanted.is_on is False:
        _give_up_all(subscription, CUT, now)
    elif not subscription.is_pushed:
        _open_of(subscription).update(
            state=Delivery.State.HEARD, settled_at=now, due_at=None, fault=""
        )
    return subscription


def _write(one: Subscription, wanted: Wanted, now: datetime) -> None:
    for name in WRITTEN:
        setattr(one, name, getattr(wanted, name))
    if wanted.is_on is None:
        return
    if one.since_at is None or (wanted.is_on and one.state == State.OFF):
        one.since_at = now
    one.state, one.error = (State.ACTIVE if wanted.is_on else State.OFF), ""


@action("partners.unsubscribe", on="subscription")
def unsubscribe(*, actor: Actor, subscription: Subscription, now: datetime) -> None:
    """End it: nothing more is told."""
    if subscription.removed_at is None:
        subscription.state, subscription.removed_at, subscription.error = State.OFF, now, ""
        subscription.save()
        _give_up_all(subscription, CUT, now)


@action("partners.silence", on="subscription")
def silence(*, actor: Actor, subscription: Subscription, why: str, now: datetime) -> None:
    """Stop telling, because the rights of its owner ended, or by a fault of ours.

    What waits is kept: it is told if the partner turns it on again and may still be told. Past the
    end that the partner wrote, nothing is.
    """
    if subscription.state != State.ACTIVE:
        return
    is_over = why == silences.ENDED
    subscription.state, subscription.error = (State.OFF if is_over else State.ERROR), why
    subscription.save()
    if is_over:
        _give_up_all(subscription, OVER, now)


def _give_up_all(subscription: Subscription, why: str, now: datetime) -> None:
    Tally.objects.filter(subscription=subscription).update(missed_since=None)
    _open_of(subscription).update(state=Delivery.State.GIVEN_UP, given_up_why=why, settled_at=now)


def _open_of(subscription: Subscription) -> QuerySet[Delivery]:
    return Delivery.objects.filter(subscription=subscription, state__in=Delivery.OPEN)
