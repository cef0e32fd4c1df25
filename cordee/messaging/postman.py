"""The postman: takes what is due from the outbox to a carrier, and brings back what it says.

One per channel and process; as many processes as wanted, since each message is claimed by one.
The clock and the actor are given by the command that runs it.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from cryptography.fernet import InvalidToken
from django.db import close_old_connections, connection

from cordee.access.actor import Actor
from cordee.messaging import selectors, services
from cordee.messaging.gateways import (
    DoubtfulError,
    Event,
    FailingError,
    Gateway,
    GatewayError,
    LinkChanged,
    OnPiece,
    Outgoing,
    PostponedError,
    Receipt,
    RefusedError,
    TextReceived,
    ThrottledError,
    UnreachableError,
    Unreadable,
    kept_by_nobody,
)
from cordee.messaging.lost import NEVER_KEPT, UnnamedError, UnreadableError, passes_next, what, why
from cordee.messaging.models import Channel, DeliveryReceipt, Message
from cordee.messaging.rules import DOUBT, REFUSES_ALL, Fault, Refusals, throttle_delay

_LOG = logging.getLogger("cordee.messaging")
AWAY = timedelta(seconds=15)  # before looking again whether an unreachable carrier is back


def outgoing(message: Message, on_piece: OnPiece = kept_by_nobody) -> Outgoing:
    """Write what really leaves: the sealed words are opened here, and only here."""
    return Outgoing(
        key=str(message.pk),
        reference=message.reference,
        to=message.to,
        text=selectors.opened(message),
        subject=message.subject,
        calendar=selectors.calendar_of(message),
        again=message.in_doubt,
        taken=selectors.pieces_taken(message),
        on_piece=on_piece,
    )


@dataclass
class Postman:
    """Carries one channel."""

    channel: Channel
    gateway: Gateway
    actor: Actor
    clock: Callable[[], datetime]
    hands: int = 8  # messages in flight at once, hence at most so many in doubt after a kill
    poll: float = 3.0  # the bell wakes it at once; this is for what comes due by itself
    round: float = 5.0
    hearing: float = 10.0  # a link that opens first brings what the carrier kept for us
    _awake: asyncio.Event = field(default_factory=asyncio.Event)
    _is_up: bool = False
    _up_since: float = 0.0
    _throttled: int = 0
    _failing: bool = False  # the last that the carrier answered is that it fails
    _refused: Refusals = Refusals()
    _not_before: float = 0.0

    async def run(self) -> None:
        """Carry until cancelled; then close the link politely."""
        hands = [asyncio.create_task(self._carry()) for _ in range(self.hands)]
        rounds = asyncio.create_task(self._rounds())
        try:
            await self.gateway.open(self._hear)
            await asyncio.gather(*hands, rounds)
        finally:
            for task in (*hands, rounds):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await self.gateway.close()
            await _in_database(lambda: connection.close())  # that thread's own

    def wake(self) -> None:
        """Something was put in the outbox."""
        self._awake.set()

    async def _carry(self) -> None:
        while True:
            message = None
            try:
                await self._pause()
                message = await self._next()
                if message is not None:
                    await self._hand_over(message)
            except Exception as error:  # noqa: BLE001 — the database away, a fault of ours: go on
                _LOG.error("%s: postman stumbled: %s", self.channel, type(error).__name__)
                await asyncio.sleep(self.poll)
            if message is None:
                await self._rest()

    async def _pause(self) -> None:
        wait = self._not_before - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.poll):
                await self._awake.wait()
        self._awake.clear()

    async def _next(self) -> Message | None:
        if not self._is_up:
            return None
        now = self.clock()
        if not await _in_database(selectors.is_anything_due, self.channel, now):
            return None
        return await self._do(services.claim, channel=self.channel)

    async def _hand_over(self, message: Message) -> None:
        async def on_piece(carrier_id: str) -> None:
            await self._do(services.mark_piece, message=message, carrier_id=carrier_id)

        try:
            accepted = await self.gateway.send(outgoing(message, on_piece))
        except InvalidToken:  # the house's secret has changed: its words are lost, say so
            await self._do(services.give_up, message=message, reason="messaging.words_lost")
        except GatewayError as error:
            await self._set_back(message, error)
        else:
            self._throttled, self._failing, self._refused = 0, False, self._refused.taken()
            await self._do(
                services.mark_sent,
                message=message,
                carrier_ids=accepted.carrier_ids,
                delivered=accepted.delivered,
            )

    async def _set_back(self, message: Message, error: GatewayError) -> None:
        """Each kind of failure has its own consequence; none loses the message."""
        said = {"message": message, "reason": error.reason}
        match error:
            case DoubtfulError():
                await self._do(services.doubt, **said)
            case RefusedError():
                await self._weigh(message, error)
            case ThrottledError():
                await self._do(services.postpone, delay=self._slow_down(), **said)
            case FailingError() if not self._failing:  # perhaps this one only
                self._failing = True
                await self._do(services.postpone, **said)
            case UnreachableError() | FailingError():
                await self._wait_for_the_carrier(message, error)
            case PostponedError():
                await self._do(services.postpone, **said)

    async def _weigh(self, message: Message, error: RefusedError) -> None:
        """A refusal is of a message, or of whatever we send: the others tell."""
        said = {"message": message, "reason": error.reason}
        self._refused = self._refused.and_of(message.to, error.reason)
        match self._refused.fault(message.to, message.attempts):
            case Fault.ITS_OWN:
                await self._do(services.give_up, **said)
            case Fault.UNKNOWN:
                await self._do(services.postpone, **said)
            case Fault.CARRIER:
                await self._wait_for_the_carrier(message, error, f"{REFUSES_ALL} {error.reason}")

    async def _wait_for_the_carrier(
        self, message: Message, error: GatewayError, why: str = ""
    ) -> None:
        """Keep the message as it is, hold every hand for a moment, and tell."""
        self._not_before = asyncio.get_running_loop().time() + AWAY.total_seconds()
        await self._do(services.postpone, message=message, delay=AWAY, reason=error.reason)
        await self._tell_of_link(is_up=False, reason=(why or error.reason)[:60])

    def _slow_down(self) -> timedelta:
        """Hold every hand for a moment, longer each time the carrier says it again."""
        self._throttled += 1
        jitter = random.random()  # noqa: S311 (spreads, hides nothing)
        wait = throttle_delay(self._throttled, jitter)
        self._not_before = asyncio.get_running_loop().time() + wait
        return timedelta(seconds=wait)

    async def _hear(self, event: Event) -> None:
        """Keep what the carrier says before it is acknowledged: an error here brings it again.

        What will never be kept, however often it comes, is let go: it would hold the link for ever.
        It is counted, for a human to learn of it.
        """
        try:
            await self._keep(event)
        except NEVER_KEPT as error:
            if passes_next(error):
                raise
            said = {"channel": self.channel, "what": what(event), "why": why(error)}
            _LOG.error("%s: heard, and not kept: %s", self.channel, said["why"])
            await self._do(services.note_unkept, **said)

    async def _keep(self, event: Event) -> None:
        match event:
            case TextReceived():
                heard = services.Heard(event.sender, event.text, event.carrier_key, event.joined)
                await self._do(services.receive_text, heard=heard)
            case Receipt() if not event.carrier_id and event.reference is None:
                raise UnnamedError
            case Unreadable():
                raise UnreadableError
            case Receipt():
                receipt = DeliveryReceipt(
                    carrier_id=event.carrier_id,
                    reference=event.reference,
                    fate=event.fate.value,
                    reason=event.reason,
                )
                await self._do(services.record_receipt, channel=self.channel, receipt=receipt)
            case LinkChanged():
                await self._watch(event)

    async def _watch(self, change: LinkChanged) -> None:
        self._is_up, self._not_before = change.up, 0.0
        self._up_since = asyncio.get_running_loop().time()
        _LOG.info("%s: link %s %s", self.channel, "up" if change.up else "down", change.reason)
        lasts = change.up and await _in_database(
            selectors.lasts_until_taken, self.channel, answered=change.answered
        )
        if not lasts:
            await self._tell_of_link(is_up=change.up, reason=change.reason)
        if change.up:
            self.wake()

    async def _tell_of_link(self, *, is_up: bool, reason: str = "") -> None:
        await self._do(services.watch_link, channel=self.channel, is_up=is_up, reason=reason)

    async def _rounds(self) -> None:
        """Every few seconds: take up what lost its postman, tell of a link that stays down."""
        while True:
            try:
                await self._round()
            except Exception as error:  # noqa: BLE001 — the next round tries again
                _LOG.error("%s: round failed: %s", self.channel, type(error).__name__)
            await asyncio.sleep(self.round)

    async def _round(self) -> None:
        now = self.clock()
        if self._has_heard() and await _in_database(
            selectors.is_anything_doubtful, self.channel, now - DOUBT
        ):
            await self._do(services.settle_doubts, channel=self.channel)
            self.wake()
        if await _in_database(selectors.is_break_to_tell, self.channel, self._is_up, now):
            await self._tell_of_link(is_up=False, reason="messaging.unreachable")

    def _has_heard(self) -> bool:
        """Say whether a receipt that was kept for us had the time to come: it settles a doubt
        better than a second copy does."""
        return self._is_up and asyncio.get_running_loop().time() - self._up_since >= self.hearing

    async def _do(self, service: Callable[..., Any], **arguments: Any) -> Any:
        now = self.clock()
        return await _in_database(service, actor=self.actor, now=now, **arguments)


async def _in_database(function: Callable[..., Any], *args: Any, **arguments: Any) -> Any:
    def call() -> Any:
        close_old_connections()
        return function(*args, **arguments)

    return await sync_to_async(call, thread_sensitive=True)()
