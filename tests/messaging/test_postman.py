"""The postman in the same process, with a carrier that misbehaves on purpose."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.messaging.gateways import (
    Accepted,
    Fate,
    LinkChanged,
    PostponedError,
    Receipt,
    RefusedError,
    UnreachableError,
)
from cordee.messaging.models import CarrierState, Channel, Message
from cordee.messaging.postman import Postman
from tests.factories.messaging import MessageFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Carrier:
    """Takes what it is told to take; the rest fails as told."""

    def __init__(self, *failures):
        self.failures, self.taken = list(failures), []

    async def open(self, listener):
        await listener(LinkChanged(up=True))

    async def send(self, message):
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        self.taken.append(message)
        return Accepted((f"x-{message.key}",), delivered=True)

    async def close(self):
        pass


def carry(carrier, until, *, hearing=0.0):
    """Run a postman until something is so."""

    async def run():
        postman = Postman(
            Channel.SMS, carrier, SYSTEM, timezone.now, 2, poll=0.05, round=0.1, hearing=hearing
        )
        running = asyncio.create_task(postman.run())
        try:
            async with asyncio.timeout(120):
                while not await sync_to_async(until)():
                    await asyncio.sleep(0.02)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    asyncio.run(run())


def now(count=1, **more):
    return MessageFactory.create_batch(count, next_attempt_at=timezone.now(), **more)


def states():
    return sorted(Message.objects.values_list("state", flat=True))


def test_everything_due_leaves_once():
    now(20)
    carrier = Carrier()
    carry(carrier, lambda: states() == ["delivered"] * 20)
    assert len({message.key for message in carrier.taken}) == len(carrier.taken) == 20


def test_a_message_refused_does_not_hold_the_others():
    now(3)
    carrier = Carrier(RefusedError("ESME_RINVDSTADR"))
    carry(carrier, lambda: states() == ["delivered", "delivered", "queued"])
    assert Message.objects.get(state="queued").reason == "ESME_RINVDSTADR"


def test_a_fault_of_ours_does_not_stop_the_postman():
    now(3)
    carrier = Carrier(ZeroDivisionError("a bug"))
    carry(carrier, lambda: states() == ["delivered", "delivered", "sending"])


def test_a_message_put_off_comes_again_in_its_time():
    (message,) = now()
    carry(Carrier(PostponedError("http.503")), lambda: Message.objects.get().reason == "http.503")
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 1)
    assert message.next_attempt_at > timezone.now()


def test_an_unreachable_carrier_is_known_as_such_and_found_again():
    now(1)
    carry(
        Carrier(UnreachableError("http.unreachable")),
        lambda: CarrierState.objects.filter(is_up=False).exists(),
    )
    assert states() == ["queued"]
    message = Message.objects.get()
    assert message.attempts == 0
    carry(Carrier(), lambda: states() == ["delivered"])
    assert CarrierState.objects.get().is_up


def test_words_sealed_with_a_lost_secret_fail_with_their_reason():
    now(1, sealed=b"gAAAAABnothing")
    carry(Carrier(), lambda: states() == ["failed"])
    assert "secret" in Message.objects.get().why


class Keeper(Carrier):
    """A carrier away at first; once back, it gives what it kept for us before anything else."""

    def __init__(self, receipt=None, *, back=True):
        super().__init__()
        self.receipt, self.back = receipt, back

    async def open(self, listener):
        await listener(LinkChanged(up=False, reason="smpp.unbound"))
        if self.back:
            await listener(LinkChanged(up=True))
            self.telling = asyncio.create_task(self.tell(listener))

    async def tell(self, listener):
        await asyncio.sleep(0.6)
        if self.receipt:
            await listener(self.receipt)


def in_doubt():
    """A text that was leaving when the link broke, an hour ago."""
    return MessageFactory(sending=True, sending_since=timezone.now() - timedelta(hours=1))


def test_what_the_carrier_kept_for_us_is_heard_before_anything_leaves_again():
    message = in_doubt()
    carrier = Keeper(Receipt(Fate.DELIVERED, "c0001", message.reference))
    carry(carrier, message.receipts.exists, hearing=60.0)
    assert (states(), carrier.taken) == (["sending"], [])  # the time of hearing is not over
    carrier = Keeper()
    carry(carrier, lambda: states() == ["delivered"])
    assert carrier.taken == []


def test_without_a_word_of_it_a_text_in_doubt_leaves_again_as_a_replacement():
    in_doubt()
    carrier = Keeper()
    carry(carrier, lambda: states() == ["delivered"], hearing=1.0)
    assert [message.again for message in carrier.taken] == [True]


def test_a_doubt_is_not_settled_while_the_carrier_is_away():
    in_doubt()
    began = time.monotonic()
    carry(Keeper(back=False), lambda: time.monotonic() - began > 1.5, hearing=0.2)
    assert states() == ["sending"]
