"""Handing messages over: each step is a commit, so that a postman killed between two of them
neither repeats nor forgets one.

queued → sending (committed before anything leaves) → sent → delivered | failed.
A message found « sending » for too long has lost its postman: its receipt settles it, or it leaves
again under the same reference, asking the carrier to replace the first copy.
"""

import random
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.base import any_of
from cordee.kernel.facts import publish
from cordee.messaging import selectors
from cordee.messaging.facts import (
    ArrivedAfterAll,
    CarrierDown,
    CarrierUp,
    DeliveryFailed,
    MessageDelivered,
)
from cordee.messaging.models import CarrierState, Channel, DeliveryReceipt, Message
from cordee.messaging.rules import (
    DOUBT,
    GRACE,
    WITHDRAWN,
    most_attempts,
    retry_delay,
)
from cordee.messaging.selectors import is_unwanted
from cordee.people.rules.processing import Purpose
from cordee.people.selectors import may_process

State = Message.State
Fate = DeliveryReceipt.Fate


@action("messaging.claim", on=None)
def claim(*, actor: Actor, channel: Channel, now: datetime) -> Message | None:
    """Take the next message due, for this postman alone; None when there is none."""
    due = Message.objects.select_for_update(of=("self",), skip_locked=True).filter(
        channel=channel, state=State.QUEUED, next_attempt_at__lte=now
    )
    while message := due.order_by("next_attempt_at", "pk").first():  # locks no more than it takes
        if message.expires_at and message.expires_at <= now:
            fail(message, "messaging.expired", now)
            continue
        if message.person_id and not may_process(message.person_id, Purpose.TEXTS):
            fail(message, "messaging.refused", now)  # said no since it was queued
            continue
        if is_unwanted(message, now):
            fail(message, "messaging.stopped", now)  # said STOP since it was queued
            continue
        if message.leaves_at(now) > now:
            _requeue(message, message.reason, message.leaves_at(now), now)  # late, and night
            continue
        message.state, message.sending_since, message.next_attempt_at = State.SENDING, now, None
        message.attempts += 1
        message.save()
        return message
    return None


@action("messaging.mark_piece", on="message", lock=())
def mark_piece(*, actor: Actor, message: Message, carrier_id: str, now: datetime) -> Message:
    """Keep that the carrier has one more piece: whatever happens, it does not leave again."""
    receipts_one_at_a_time()
    message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if carrier_id not in message.carrier_ids:
        message.carrier_ids = [*message.carrier_ids, carrier_id]
        message.save()
    return message


@action("messaging.mark_sent", on="message", lock=())
def mark_sent(
    *, actor: Actor, message: Message, carrier_ids: Iterable[str], delivered: bool, now: datetime
) -> Message:
    """Keep that the carrier has it; its receipts may already be there."""
    receipts_one_at_a_time()  # before the row, as receipts do: in one order, nobody waits for ever
    message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    message.carrier_ids = [*dict.fromkeys([*message.carrier_ids, *carrier_ids])]
    if message.state in (State.SENDING, State.QUEUED):
        it_had_left(message, now)
    early = DeliveryReceipt.objects.filter(
        channel=message.channel, carrier_id__in=message.carrier_ids, message=None
    )
    early.update(message=message)
    if delivered:
        _deliver(message, now)
    else:
        settle(message, now)
    if CarrierState.objects.filter(channel=message.channel, is_up=False).exists():
        watch_link(actor=actor, channel=Channel(message.channel), is_up=True, now=now)
    return message


@action("messaging.postpone", on="message")
def postpone(
    *, actor: Actor, message: Message, reason: str, delay: timedelta | None = None, now: datetime
) -> Message:
    """Put it back: after `delay` without counting the attempt, or counted, by the schedule."""
    if message.state != State.SENDING:
        return message
    if delay is None and message.attempts >= most_attempts(message.channel):
        return fail(message, reason, now)
    if delay is None:
        delay = retry_delay(message.attempts, random.random())  # noqa: S311 (spreads, hides nothing)
    else:
        message.attempts -= 1
    return _requeue(message, reason, now + delay, now)


@action("messaging.give_up", on="message")
def give_up(*, actor: Actor, message: Message, reason: str, now: datetime) -> Message:
    """Keep that the carrier will never take it, and tell."""
    return fail(message, reason, now) if message.state == State.SENDING else message


@action("messaging.withdraw", on=None)
def withdraw(*, actor: Actor, origins: Collection[str], template: str, now: datetime) -> set[str]:
    """Keep from leaving what has no object any more. Gives the origins of which nothing ever left.

    Under the lock of its row, a message has begun to leave, and is let go, or never does.
    """
    waiting = Message.objects.select_for_update(of=("self",)).filter(
        origin__in=any_of(origins, "text"), template=template, state=State.QUEUED
    )
    never = set()
    for message in waiting.order_by("pk"):
        if not (message.in_doubt or message.carrier_ids):
            never.add(message.origin)
        fail(message, WITHDRAWN, now)
    return never


@action("messaging.doubt", on="message")
def doubt(*, actor: Actor, message: Message, reason: str, now: datetime) -> Message:
    """Keep that it may have left; its receipt, or time, will tell."""
    if message.state == State.SENDING:
        message.in_doubt, message.reason = True, reason
        message.save()
    return message


@action("messaging.settle_doubts", on=None)
def settle_doubts(*, actor: Actor, channel: Channel, now: datetime) -> int:
    """Take up messages that nobody has been carrying for a while. Returns how many."""
    lost = Message.objects.select_for_update(of=("self",), skip_locked=True).filter(
        channel=channel, state=State.SENDING, sending_since__lte=now - DOUBT
    )
    taken = 0
    for message in lost.order_by("sending_since", "pk")[:200]:
        taken += 1
        if had_left_whole(message):
            it_had_left(message, now)
            settle(message, now)
        elif message.attempts >= most_attempts(message.channel):
            fail(message, "messaging.doubtful", now)
        else:
            message.in_doubt = True
            _requeue(message, message.reason or "messaging.postman_lost", now, now)
    return taken


def had_left_whole(message: Message) -> bool:
    """Say whether every piece of a text in doubt is known to have reached the carrier.

    Pieces leave one by one, each kept before the next: one alone can be in doubt, and a receipt
    in a name that is not known is about that one.
    """
    said = list(message.receipts.values_list("carrier_id", "fate"))
    pieces = selectors.pieces_of(message)
    if pieces == 1:
        return bool(said)
    unnamed = [fate for carrier_id, fate in said if not carrier_id and fate != Fate.UNDERWAY]
    return len(message.carrier_ids) + len(unnamed) >= pieces


def it_had_left(message: Message, now: datetime) -> None:
    """Keep that the carrier has it: said by its answer, or proved by a receipt after a doubt."""
    message.state, message.sent_at = State.SENT, message.sent_at or now
    message.sending_since = message.next_attempt_at = None
    message.in_doubt, message.reason = False, ""
    message.save()


def receipts_one_at_a_time() -> None:
    """A receipt and the answer it overtakes must see each other: one waits for the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('messaging:receipts'))")


def settle(message: Message, now: datetime) -> None:
    """Draw the fate of a message from its receipts; « arrivé » outweighs, in whatever order."""
    receipts = list(message.receipts.order_by("pk").values_list("carrier_id", "fate", "reason"))
    arrived = {carrier_id for carrier_id, fate, _ in receipts if fate == Fate.DELIVERED}
    known = set(message.carrier_ids)
    if arrived and (not known or known <= arrived or arrived == {""}):
        _deliver(message, now)
        return
    failures = [r for c, fate, r in receipts if fate == Fate.FAILED and c not in arrived]
    if failures and message.state == State.SENT:
        fail(message, failures[-1] or "messaging.undelivered", now)


def _deliver(message: Message, now: datetime) -> None:
    if message.state == State.DELIVERED:
        return
    was_lost = message.state == State.FAILED
    message.sent_at = message.sent_at or now
    message.state, message.settled_at, message.reason = State.DELIVERED, now, ""
    message.sending_since = message.next_attempt_at = None
    message.in_doubt = False
    message.save()
    publish(MessageDelivered(**named(message)))
    if was_lost:  # told as such: what followed from it is to be undone
        publish(ArrivedAfterAll(**named(message)))


def fail(message: Message, reason: str, now: datetime) -> Message:
    """Keep that a message will not arrive, and tell."""
    message.state, message.reason, message.settled_at = State.FAILED, reason[:60], now
    message.sending_since = message.next_attempt_at = None
    message.save()
    publish(DeliveryFailed(**named(message), reason=message.reason))
    return message


def same_one_waiting(message: Message) -> QuerySet[Message]:
    """Find the very same words waiting for the same reason: they are said once."""
    if not message.origin or message.sealed:
        return Message.objects.none()
    same = Message.objects.filter(
        origin=message.origin,
        template=message.template,
        to=message.to,
        text=message.text,
        state=State.QUEUED,
        in_doubt=False,
    )
    return same.exclude(pk=message.pk).order_by("pk")


def _requeue(message: Message, reason: str, at: datetime, now: datetime) -> Message:
    if not message.in_doubt:
        _let_the_first_speak(message, now)
    message.state, message.reason = State.QUEUED, reason[:60]
    message.sending_since, message.next_attempt_at = None, at
    message.save()
    return message


def _let_the_first_speak(message: Message, now: datetime) -> None:
    """Take back what was queued meanwhile in the same words: nothing of it is lost, nor told."""
    same = same_one_waiting(message).select_for_update(of=("self",), skip_locked=True)
    for later in same:
        later.state, later.reason, later.settled_at = State.FAILED, "messaging.said_once", now
        later.next_attempt_at = None
        later.save()


def named(message: Message) -> dict[str, Any]:
    """The identifiers that every fact of a message carries."""
    return {
        "message_id": message.pk,
        "person_id": message.person_id,
        "practitioner_id": message.practitioner_id,
        "origin": message.origin,
        "template": message.template,
    }


@action("messaging.watch_link", on=None)
def watch_link(
    *, actor: Actor, channel: Channel, is_up: bool, reason: str = "", now: datetime
) -> CarrierState:
    """Keep whether a link holds; tell once when it has been down for a while, and when it is back.

    What waited only for the link leaves at once.
    """
    state, _ = CarrierState.objects.select_for_update(of=("self",)).get_or_create(
        channel=channel, defaults={"since": now, "is_up": is_up, "reason": reason}
    )
    if state.is_up != is_up:
        if state.told_at:
            publish(CarrierUp(channel=channel, since=state.since))
        state.is_up, state.since, state.reason, state.told_at = is_up, now, reason, None
        if is_up:
            waiting = Q(reason__endswith=".unbound") | Q(reason__endswith=".unreachable")
            Message.objects.filter(waiting, channel=channel, state=State.QUEUED).update(
                next_attempt_at=now
            )
    if not state.is_up and state.told_at is None and state.since + GRACE <= now:
        state.told_at = now
        publish(CarrierDown(channel=channel, since=state.since, reason=state.reason))
    state.save()
    return state
