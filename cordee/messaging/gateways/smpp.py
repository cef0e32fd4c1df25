"""SMPP 3.4 over aiosmpplib: one bound transceiver, kept alive, bound again when it breaks.

The library keeps the session (bind, enquire_link, sequence numbers, unbind). What it does not do
as a carrier needs it is done here: texts are cut by `alphabet`, deliver_sm are read by `pdu`,
nothing waits in its queue while the link is down, and it writes no log, since its lines would
hold numbers and texts.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
import ssl
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from aiosmpplib import (
    ESME,
    NPI,
    TON,
    AbstractHook,
    AbstractRetryTimer,
    DeliverSm,
    GenericNack,
    OptionalParam,
    PhoneNumber,
    SmppCommand,
    SmppCommandStatus,
    SmppSessionState,
    SubmitSm,
    SubmitSmResp,
)
from aiosmpplib.correlator import SimpleCorrelator
from aiosmpplib.protocol import MESSAGE_TYPE_MAP

from cordee.messaging import alphabet
from cordee.messaging.gateways import (
    Accepted,
    DoubtfulError,
    FailingError,
    GatewayError,
    LinkChanged,
    Listener,
    Outgoing,
    RefusedError,
    ThrottledError,
    UnreachableError,
    Unreadable,
    name_of,
    pdu,
)
from cordee.messaging.rules import link_delay

HELD = 30  # first delays after which a link that was bound has held
_POLITENESS = 2.0  # seconds given to the carrier to answer our unbind
_LOG = logging.getLogger(__name__)
_SLOW_DOWN = {SmppCommandStatus.ESME_RTHROTTLED, SmppCommandStatus.ESME_RMSGQFUL}
_NEVER = {
    SmppCommandStatus.ESME_RINVDSTADR,
    SmppCommandStatus.ESME_RINVMSGLEN,
    SmppCommandStatus.ESME_RINVESMCLASS,
    SmppCommandStatus.ESME_RINVNUMDESTS,
}


@dataclass(frozen=True)
class Account:
    """Where and as whom to bind, and how patient to be (seconds)."""

    host: str
    port: int
    system_id: str
    password: str
    source: str = ""
    enquire_link: float = 30.0
    response: float = 20.0
    per_second: int = 20
    tls: ssl.SSLContext | None = None
    first_delay: float = 1.0


class _Incoming(DeliverSm):
    """A deliver_sm kept as bytes: the library acknowledges it, `pdu` reads it."""

    @classmethod
    def from_pdu(cls, data: bytes, header: Any, *_: Any) -> _Incoming:
        incoming = cls(sequence_num=header.sequence_num, short_message=" ")
        incoming.raw = data
        return incoming

    def is_receipt(self) -> bool:
        return False

    def is_segmented(self) -> bool:
        return False


class _BackOff(AbstractRetryTimer):
    """Bind again after 1, 2, 4 … 60 seconds, with jitter: a carrier that wakes is not stormed.

    A link that breaks as soon as it is bound has not held: its failures go on being counted.
    """

    def __init__(self, first: float) -> None:
        self.first, self.failures = first, 0
        self.bound_at = math.inf

    async def wait(self) -> None:
        if time.monotonic() - self.bound_at >= HELD * self.first:
            self.failures = 0
        self.bound_at = math.inf
        self.failures += 1
        await asyncio.sleep(self.next_delay())

    def reset(self) -> None:
        self.bound_at = time.monotonic()

    def next_delay(self) -> float:
        jitter = random.random()  # noqa: S311 (spreads, hides nothing)
        return self.first * link_delay(self.failures, jitter)


class _Correlator(SimpleCorrelator):
    """Match answers to questions; receipts are matched in our tables, where they last."""

    async def put_delivery(self, smsc_message_id: str, submit_sm: SubmitSm) -> None:
        pass

    async def get(self, response: Any) -> Any:
        original = await super().get(response)
        if isinstance(response, GenericNack) and isinstance(original, SubmitSm):
            response.log_id = original.log_id
        return original


class _Hook(AbstractHook):
    """Where the library calls us back."""

    def __init__(self, gateway: SmppGateway) -> None:
        self.gateway = gateway

    async def sending(self, smpp_message: Any, pdu: bytes, client_id: str) -> None:
        pass

    async def received(self, smpp_message: Any, pdu: bytes, client_id: str) -> None:
        if isinstance(smpp_message, _Incoming):
            await self.gateway.incoming(smpp_message.raw)
        elif isinstance(smpp_message, SubmitSmResp | GenericNack):
            self.gateway.answered(smpp_message)

    async def send_error(self, smpp_message: Any, error: Exception, client_id: str) -> None:
        self.gateway.failed(smpp_message.log_id, isinstance(error, ValueError))


class _Session(ESME):
    """A session that closes the sockets it opened, and encrypts them when asked to.

    The library forgets its sockets and knows plain TCP only: what it opens, we open in its place.
    """

    opened: asyncio.StreamWriter | None = None
    tls: ssl.SSLContext | None = None

    async def _socket_operation(self, operation: Awaitable[Any]) -> Any:
        if self.tls is not None and self._writer is None and asyncio.iscoroutine(operation):
            operation.close()
            operation = self._open_encrypted(self.tls)
        return await super()._socket_operation(operation)

    async def _open_encrypted(
        self, tls: ssl.SSLContext
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(
            self.smsc_host, self.smsc_port, ssl=tls, ssl_shutdown_timeout=_POLITENESS
        )
        # TLS has no half-closing, which the library asks for before it closes.
        writer.write_eof = writer.close  # type: ignore[method-assign]
        return reader, writer

    async def connect(self) -> None:
        await self.release()
        try:
            await super().connect()
        finally:
            self.opened = self._writer

    async def release(self) -> None:
        writer, self.opened = self.opened, None
        if writer:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class SmppGateway:
    """The carrier link. One event loop, one session, as many messages in flight as asked for."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._esme: _Session | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting: dict[str, asyncio.Future[str]] = {}
        self._listener: Listener | None = None
        self._not_before = 0.0

    async def open(self, listener: Listener) -> None:
        """Start binding, and never give up until `close`."""
        # The library looks classes up in this table; ours reads what its own would drop.
        MESSAGE_TYPE_MAP[SmppCommand.DELIVER_SM] = _Incoming
        self._listener = listener
        self._tasks = [asyncio.create_task(self._hold()), asyncio.create_task(self._watch())]

    @property
    def is_up(self) -> bool:
        """Tell whether the session is bound."""
        bound = SmppSessionState.BOUND_TRX
        return self._esme is not None and self._esme.session_state is bound

    def _new_session(self) -> _Session:
        silent = logging.NullHandler()
        esme = _Session(
            smsc_host=self.account.host,
            smsc_port=self.account.port,
            system_id=self.account.system_id,
            password=self.account.password,
            enquire_link_interval=self.account.enquire_link,
            socket_timeout=self.account.response,
            log_level=logging.CRITICAL,
            log_handler=silent,
            retry_timer=_BackOff(self.account.first_delay),
            correlator=_Correlator("messages", max_ttl_response=max(1.0, self.account.response)),
        )
        esme.tls = self.account.tls
        esme.hook = esme.correlator.hook = _Hook(self)
        return esme

    async def _hold(self) -> None:
        while True:
            self._esme = self._new_session()
            try:
                await self._esme.start()
            except Exception as error:  # noqa: BLE001 — a stranger's bytes must not end the link
                _LOG.error("smpp session ended: %s", type(error).__name__)
            finally:
                await self._esme.release()
            await asyncio.sleep(self.account.first_delay)

    async def _watch(self) -> None:
        was_up = False
        while True:
            if self.is_up != was_up:
                was_up = self.is_up
                if not was_up:
                    for key in list(self._waiting):
                        self.failed(key)
                await self._tell(LinkChanged(was_up, "" if was_up else "smpp.unbound"))
            await asyncio.sleep(0.05)

    async def _tell(self, event: Any) -> None:
        if self._listener:
            await self._listener(event)

    async def incoming(self, data: bytes) -> None:
        """Pass on what a phone or the carrier says, before it is acknowledged.

        A listener that fails leaves it unacknowledged and breaks the session: it comes again.
        """
        try:
            deliver = pdu.parse(data)
        except pdu.UnreadableError:
            _LOG.error("smpp deliver_sm unreadable: %d bytes", len(data))
            await self._tell(Unreadable())
            return
        await self._tell(pdu.receipt_of(deliver) if deliver.is_receipt else pdu.text_of(deliver))

    def answered(self, response: SubmitSmResp | GenericNack) -> None:
        """Settle the segment this answer is about."""
        future = self._waiting.pop(response.log_id, None)
        if future is None or future.done():
            return
        status = response.command_status
        if isinstance(response, SubmitSmResp) and status is SmppCommandStatus.ESME_ROK:
            future.set_result(name_of(response.message_id or ""))
        elif status in _SLOW_DOWN:
            future.set_exception(ThrottledError(status.name))
        else:
            future.set_exception(_error_of(status)(status.name))

    def failed(self, key: str, unwritable: bool = False) -> None:
        """Settle a segment without an answer: it may have left, unless it could not be written."""
        future = self._waiting.pop(key, None)
        if future and not future.done():
            broken = RefusedError("smpp.unwritable") if unwritable else DoubtfulError("smpp.broken")
            future.set_exception(broken)

    async def send(self, message: Outgoing) -> Accepted:
        """Submit every segment that the carrier has not yet, telling of each. Raises GatewayError.

        A segment that the carrier says it has not taken is in no doubt: the text goes on from it.
        """
        carrier_ids: list[str] = []
        for segment in alphabet.segments(message.text, message.reference)[message.taken :]:
            carrier_ids.append(await self._submit(message, segment))
            if segment.number < segment.total:
                await message.on_piece(carrier_ids[-1])
        return Accepted(tuple(carrier_ids))

    async def _submit(self, message: Outgoing, segment: alphabet.Segment) -> str:
        await self._pace()
        if not self.is_up or self._esme is None:
            raise UnreachableError("smpp.unbound")
        key = f"{message.key}/{segment.number}"
        future = asyncio.get_running_loop().create_future()
        self._waiting[key] = future
        await self._esme.broker.enqueue(self._submit_sm(message, segment, key))
        try:
            async with asyncio.timeout(self.account.response):
                return await future
        except TimeoutError:
            raise DoubtfulError("smpp.no_answer") from None
        finally:
            self._waiting.pop(key, None)

    async def _pace(self) -> None:
        now = time.monotonic()
        wait, self._not_before = (
            self._not_before - now,
            max(now, self._not_before) + 1 / self.account.per_second,
        )
        if wait > 0:
            await asyncio.sleep(wait)

    def _submit_sm(self, message: Outgoing, segment: alphabet.Segment, key: str) -> SubmitSm:
        ucs2 = segment.encoding is alphabet.Encoding.UCS2
        submit = SubmitSm(
            short_message=" ",
            source=_source(self.account.source),
            destination=PhoneNumber(message.to.lstrip("+"), TON.INTERNATIONAL, NPI.ISDN),
            esm_class=0b01000000 if segment.total > 1 else 0,
            registered_delivery=1,
            replace_if_present_flag=int(message.again and segment.total == 1),
            encoding="ucs2" if ucs2 else None,
            optional_params=[OptionalParam(pdu.USER_MESSAGE_REFERENCE, message.reference)],
            log_id=key,
        )
        submit.set_encoded_message(segment.data)
        return submit

    async def close(self) -> None:
        """Unbind and stop; this is no broken link, and the listener is not told of one."""
        holding, watching = self._tasks or (None, None)
        await _ended(watching)
        if self.is_up and self._esme:
            with contextlib.suppress(TimeoutError, OSError):
                async with asyncio.timeout(_POLITENESS):
                    await self._esme.stop()
        await _ended(holding)
        for key in list(self._waiting):
            self.failed(key)
        self._tasks = []


def _error_of(status: SmppCommandStatus) -> type[GatewayError]:
    """Tell what is wrong with a text from what is wrong with our account, or with the carrier."""
    if status is SmppCommandStatus.ESME_RINVSRCADR:  # our own sender: no text of ours will pass
        return UnreachableError
    return RefusedError if status in _NEVER else FailingError


async def _ended(task: asyncio.Task[None] | None) -> None:
    """End a task, and insist: the library misses a cancellation that meets a failed connection.

    It waits by `asyncio.wait_for`, which until Python 3.12 gives the failure and forgets the rest.
    """
    while task and not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=1)
    if task and not task.cancelled():
        task.result()


def _source(source: str) -> PhoneNumber:
    """Write the sender as the carrier expects it: short code, international number or name."""
    digits = source.lstrip("+")
    if not digits.isdigit():
        return PhoneNumber(source, TON.ALPHANUMERIC if source else TON.UNKNOWN, NPI.UNKNOWN)
    if len(digits) <= 6:
        return PhoneNumber(digits, TON.NETWORK_SPECIFIC, NPI.UNKNOWN)
    return PhoneNumber(digits, TON.INTERNATIONAL, NPI.ISDN)


def tls_context(authority: str = "") -> ssl.SSLContext:
    """Trust the system's authorities, or the one in a file; always check name and date."""
    return ssl.create_default_context(cafile=authority or None)
