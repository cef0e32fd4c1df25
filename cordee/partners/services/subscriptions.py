"""Subscriptions: made, changed and ended by a partner; stopped by the house, which says why."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.partners.models import Delivery, Subscription, Tally
from cordee.partners.rules import silences
from cordee.partners.services.deliveries import tell_the_gap

State = Subscription.State
CUT = "Abonnement coupé par le partenaire."
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
    happened meanwhile was not looked at, and that is told."""
    was_stopped = subscription.state == State.ERROR
    _write(subscription, wanted, now)
    subscription.save()
    if wanted.is_on is False:
        _give_up_all(subscription, now)
    if wanted.is_on and was_stopped:
        tell_the_gap(subscription, now)
    Tally.objects.filter(subscription=subscription).update(failures=0, rests_until=None)
    return subscription


def _write(one: Subscription, wanted: Wanted, now: datetime) -> None:
    for name in WRITTEN:
        setattr(one, name, getattr(wanted, name))
    if wanted.is_on is None:
        return
    if one.since_at is None or (wanted.is_on and one.state != State.ACTIVE):
        one.since_at = now
    one.state, one.error = (State.ACTIVE if wanted.is_on else State.OFF), ""


@action("partners.unsubscribe", on="subscription")
def unsubscribe(*, actor: Actor, subscription: Subscription, now: datetime) -> None:
    """End it: nothing more is told."""
    if subscription.removed_at is None:
        subscription.state, subscription.removed_at, subscription.error = State.OFF, now, ""
        subscription.save()
        _give_up_all(subscription, now)


@action("partners.silence", on="subscription")
def silence(*, actor: Actor, subscription: Subscription, why: str, now: datetime) -> None:
    """Stop telling, because the rights of its owner ended, or by a fault of ours.

    What waits is kept: it is told if the partner turns it on again and may still be told.
    """
    if subscription.state == State.ACTIVE:
        ended = why == silences.ENDED
        subscription.state, subscription.error = (State.OFF if ended else State.ERROR), why
        subscription.save()


def _give_up_all(subscription: Subscription, now: datetime) -> None:
    waiting = Delivery.objects.filter(subscription=subscription, state__in=Delivery.OPEN)
    waiting.update(state=Delivery.State.GIVEN_UP, given_up_why=CUT, settled_at=now)
