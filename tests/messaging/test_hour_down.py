"""The carrier is away for an hour: a real message centre, a cut line, and a clock that runs.

An hour lasts some seconds here: what counts minutes, in the postman, takes the time as an argument.
"""

import asyncio
import time
from collections import Counter
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async

from cordee.access.actor import SYSTEM
from cordee.messaging.gateways.smpp import Account, SmppGateway
from cordee.messaging.models import Channel, Message
from cordee.messaging.postman import Postman
from cordee.pathways.models import Task
from tests.factories.directory import OrganizationFactory
from tests.factories.messaging import MessageFactory
from tests.messaging.centre import MessageCentre, Wire
from tests.support import NOW, facts, run_jobs

pytestmark = pytest.mark.django_db(transaction=True)
SPEED = 600  # seconds of the clock in one of ours
BEFORE, IN_FLIGHT, DURING, PASSED = 6, 4, 12, 5


class Clock:
    """A clock that runs, once it is let go."""

    def __init__(self):
        self.at, self.since, self.speed = NOW, time.monotonic(), 1

    def __call__(self):
        return self.at + timedelta(seconds=(time.monotonic() - self.since) * self.speed)

    def run(self, speed):
        self.at, self.since, self.speed = self(), time.monotonic(), speed


@asynccontextmanager
async def postman(port, clock):
    account = Account(
        "127.0.0.1", port, "cordee", "secret", "38600",
        response=5.0, first_delay=0.05, per_second=200,
    )  # fmt: skip
    one = Postman(
        Channel.SMS, SmppGateway(account), SYSTEM, clock, IN_FLIGHT, poll=0.05, round=0.05
    )
    one.hearing = 6.0  # a busy machine is slow, not wrong
    running = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(condition):
    """Wait for what the postman, the centre or the clock does."""
    async with asyncio.timeout(90):
        while not await sync_to_async(condition)():
            await asyncio.sleep(0.02)


def states():
    return Counter(Message.objects.values_list("state", flat=True))


def alerts():
    run_jobs(until=NOW + timedelta(days=1))
    return Task.objects.open().filter(kind="carrier_down").count()


def queue(desk, count, **more):
    return MessageFactory.create_batch(count, organization=desk, **more)


async def an_hour(centre, wire, clock, desk):
    """The line is cut with texts in flight; more are written; the process itself is restarted."""
    async with postman(wire.port, clock):
        await until(lambda: states() == {"sent": BEFORE})
        wire.swallow_answers = True
        await sync_to_async(queue)(desk, IN_FLIGHT)
        await until(lambda: len(centre.submitted) == BEFORE + IN_FLIGHT)
        wire.down = True
        wire.cut()
        clock.run(SPEED)
        await until(lambda: facts("messaging.carrier_down"))
        assert await sync_to_async(alerts)() == 1
        await sync_to_async(queue)(desk, DURING)
        await sync_to_async(queue)(desk, PASSED, expires_at=NOW + timedelta(minutes=40))
    async with postman(wire.port, clock):
        await until(lambda: clock() > NOW + timedelta(minutes=65))
        waiting = {"sent": BEFORE, "sending": IN_FLIGHT, "queued": DURING + PASSED}
        assert await sync_to_async(states)() == waiting
        clock.run(1)
        wire.swallow_answers, wire.down = False, False
        in_flight = centre.submitted[BEFORE : BEFORE + IN_FLIGHT]
        await asyncio.to_thread(lambda: [centre.receipt(taken) for taken in in_flight])
        await until(lambda: not states().keys() & {"queued", "sending"})


def test_an_hour_without_the_carrier_loses_doubles_and_sends_late_nothing():
    desk, clock = OrganizationFactory(), Clock()
    queue(desk, BEFORE)
    with MessageCentre() as centre, Wire(centre.port) as wire:
        asyncio.run(an_hour(centre, wire, clock, desk))

    assert Counter(one.to for one in centre.submitted).most_common(1)[0][1] == 1
    assert len(centre.submitted) == BEFORE + IN_FLIGHT + DURING
    assert states() == {"sent": BEFORE + DURING, "delivered": IN_FLIGHT, "failed": PASSED}
    failed = Message.objects.filter(state="failed").values_list("reason", flat=True)
    assert set(failed) == {"messaging.expired"}
    assert alerts() == 0
    assert len(facts("messaging.carrier_down")) == len(facts("messaging.carrier_up")) == 1
