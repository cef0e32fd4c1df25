"""The postman in the same process, with a carrier that misbehaves on purpose."""

import asyncio
from contextlib import suppress

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.messaging.gateways import (
    Accepted,
    LinkChanged,
    PostponedError,
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


def carry(carrier, until):
    """Run a postman until something is so."""

    async def run():
        postman = Postman(Channel.SMS, carrier, SYSTEM, timezone.now, hands=2, poll=0.05, round=0.1)
        running = asyncio.create_task(postman.run())
        try:
            async with asyncio.timeout(40):
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
    carry(carrier, lambda: states() == ["delivered", "delivered", "failed"])


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
