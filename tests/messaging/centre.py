"""A real SMPP message centre on loopback, and the wire that leads to it."""

import asyncio
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import smpp34

from cordee.messaging import alphabet


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(condition, timeout=90.0):
    """Wait for something that another process or thread does."""
    limit = time.monotonic() + timeout
    while time.monotonic() < limit:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"never happened in {timeout} s")


@dataclass
class Submitted:
    """One submit_sm as the centre saw it."""

    carrier_id: str
    to: str
    source: str
    data: bytes
    esm_class: int
    data_coding: int
    reference: int | None
    replaces: int = 0

    @property
    def text(self):
        body = self.data[6:] if self.esm_class & 0x40 else self.data
        return alphabet.decode(body, self.data_coding)


@dataclass
class MessageCentre:
    """smpp34's server in a thread of its own. `policy(event)` → None accepts, a status rejects."""

    port: int = field(default_factory=free_port)
    submitted: list[Submitted] = field(default_factory=list)
    rejected: int = 0
    policy: object = None
    receipts: bool = False

    def __enter__(self):
        self.sessions, self.esmes, self._receipts = {}, [], []
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    def _run(self, ready):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve(ready))
        self._loop.close()

    async def _serve(self, ready):
        self._stopping = asyncio.Event()
        server = smpp34.Server(host="127.0.0.1", port=self.port, system_id="centre")
        await server.start()
        ready.set()
        events = asyncio.create_task(self._events(server))
        await self._stopping.wait()
        for task in (events, *self._receipts):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await server.stop()

    async def _events(self, server):
        while True:
            event = await server.next()
            if isinstance(event, smpp34.Esme):
                self.sessions[event.session_id] = event
                self.esmes.append(event)
            elif isinstance(event, smpp34.Unbound):
                self.sessions.pop(event.session_id, None)
            else:
                await self._submitted(event)

    async def _submitted(self, event):
        status = self.policy(event) if self.policy else None
        if status is not None:
            self.rejected += 1
            event.reject(status)
            return
        references = [t.as_int() for t in event.tlvs if t.tag == smpp34.TLV_USER_MESSAGE_REFERENCE]
        taken = Submitted(
            carrier_id=f"c{len(self.submitted) + 1:04d}",
            to=event.destination_addr,
            source=event.source_addr,
            data=bytes(event.short_message),
            esm_class=event.esm_class,
            data_coding=event.data_coding,
            reference=references[0] if references else None,
        )
        self.submitted.append(taken)
        event.accept(taken.carrier_id)
        if self.receipts:
            self._receipts.append(asyncio.create_task(self._receipt(taken, "DELIVRD", 2, "000")))

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    @property
    def session(self):
        return eventually(lambda: list(self.sessions.values()))[-1]

    def text(self, sender, data, *, coding=0, esm_class=0, tlvs=()):
        """A phone writes to us."""
        if isinstance(data, str):
            data = data.encode("utf-16-be") if coding == 8 else data.encode("ascii")
        session = self.session

        async def deliver():
            return await session.deliver_sm(
                "38600", data, source_addr=sender, source_addr_ton=1, source_addr_npi=1,
                data_coding=coding, esm_class=esm_class, tlvs=list(tlvs),
            )  # fmt: skip

        return self._call(deliver())

    def insist(self, sender, data):
        """A phone writes, and the centre gives its text until somebody acknowledges it."""
        return asyncio.run_coroutine_threadsafe(self._insist(sender, data), self._loop)

    async def _insist(self, sender, data):
        while True:
            for session in list(self.sessions.values())[::-1]:
                with suppress(smpp34.SmppError):
                    answer = await session.deliver_sm(
                        "38600", data.encode("ascii"), source_addr=sender,
                        source_addr_ton=1, source_addr_npi=1,
                    )  # fmt: skip
                    if answer.is_success:
                        return
            await asyncio.sleep(0.1)

    async def _receipt(self, taken, stat, state, err):
        body = (
            f"id:{taken.carrier_id} sub:001 dlvrd:001 submit date:2611220930 "
            f"done date:2611220931 stat:{stat} err:{err} text:"
        )
        tlvs = [smpp34.Tlv(smpp34.TLV_MESSAGE_STATE, bytes([state]))]
        if taken.reference is not None:
            number = taken.reference.to_bytes(2, "big")
            tlvs.append(smpp34.Tlv(smpp34.TLV_USER_MESSAGE_REFERENCE, number))
        while True:  # as a real centre does: until somebody acknowledges it
            for session in list(self.sessions.values())[::-1]:
                with suppress(smpp34.SmppError):
                    answer = await session.deliver_sm(
                        taken.source, body.encode(), source_addr=taken.to, esm_class=4, tlvs=tlvs
                    )
                    if answer.is_success:
                        return
            await asyncio.sleep(0.1)

    def receipt(self, taken, stat="DELIVRD", *, state=2, err="000"):
        """The network says what became of a text."""
        self.session  # noqa: B018 — waits for one
        self._call(self._receipt(taken, stat, state, err))


class Wire:
    """A TCP line to the centre that one can watch, cut, or make swallow what it carries."""

    def __init__(self, to):
        self.to, self.port = to, free_port()
        self.seen, self.down = Counter(), False
        self.swallow = self.swallow_answers = self.swallow_all = False
        self._pairs = []

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.down = True
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.down:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                near.close()
                continue
            self._pairs.append((near, far))
            if self.down:  # it came while the line was being taken down
                near.close()
                far.close()
                continue
            threading.Thread(target=self._pump, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, False), daemon=True).start()

    def _pump(self, source, target, outward):
        data = b""
        with suppress(OSError):
            while chunk := source.recv(65536):
                data += chunk
                while len(data) >= 16 and len(data) >= struct.unpack("!I", data[:4])[0]:
                    size, command = struct.unpack("!II", data[:8])
                    self.seen[command] += 1
                    swallowed = self.swallow if outward else self.swallow_answers
                    swallowed = swallowed and command in (0x04, 0x80000004)
                    if not (swallowed or self.swallow_all):
                        target.sendall(data[:size])
                    data = data[size:]
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cut(self):
        """Break every connection, without a word."""
        for pair in self._pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._pairs = []
