"""One port for everything: streams are served as they are, pages by the WSGI application.

usage: python -m host.front FD   (a listening socket, inherited from whoever starts this process)
"""

import asyncio
import gc
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import copy_context
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import Body, build_environ
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment, read
from host.processes import REFUSED

if TYPE_CHECKING:
    from a2wsgi.wsgi_typing import WSGIApp

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

STREAMS, SUBSCRIPTIONS = "/direct", "/fhir/Subscription/"
LOOKS = ("GET", "HEAD")
SENDINGS = "/visites/envoi"
MACHINES = "/fhir"
AT_ONCE = 2  # sendings of phones that a process takes together: one waits for its disk, one works
SENT_AT_MOST = 2_500_000  # octets: what the pages read of one body (DATA_UPLOAD_MAX_MEMORY_SIZE)
HELD_AT_MOST = 50_000_000  # octets: what machines bring, that a process holds at once
SILENCE = 20  # seconds without a piece: the network of the phone died, it will send again
WHOLE = 60  # seconds for a whole sending: a phone itself waits 30
# Seconds that a thread works before another may (Python: 0.005): a page that is being made holds
# back neither the streams nor the threads that wait for one word of the database.
TURN = 0.0005
# Said to libpq itself, for every connection of pages: a statement that is prepared is planned once.
# Left to choose, PostgreSQL plans five runs of each anew, on each connection, and some for ever: up
# to thirty milliseconds for who may hear of an event. Jobs, whose sets are large, keep its choice.
PLANNED_ONCE = "-c plan_cache_mode=force_generic_plan"
AT_WORK = 1  # looks that a process makes at a time: other processors have other processes
MOMENT = 0.1  # seconds after which a look that is still made leaves its turn to another
LAST_WORDS = 3  # seconds given to open streams and running pages when the house stops


class Front:
    """Send what listens and the life cycle to the streams, everything else to the pages."""

    def __init__(self, pages: Application, streams: Application) -> None:
        self.pages = pages
        self.streams = streams

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] == "http":
            # WSGI writes « - » and « _ » alike: a header with « _ » could pass for a trusted one.
            scope["headers"] = [pair for pair in scope["headers"] if b"_" not in pair[0]]
        await (self.streams if is_stream(scope) else self.pages)(scope, receive, send)


def is_stream(scope: Message) -> bool:
    """Whether somebody wants to listen: a page at `/direct`, or a partner to a subscription."""
    path = scope.get("path", STREAMS)
    if path == STREAMS or path.startswith(STREAMS + "/"):
        return True
    is_events = path.startswith(SUBSCRIPTIONS) and path.endswith("/$events")
    return is_events and any(
        name == b"accept" and b"text/event-stream" in value for name, value in scope["headers"]
    )


class Pages:
    """Run the pages in threads. A look goes there and comes back once, with its whole answer:
    carried piece by piece, it waits three times for its turn beside the other pages. So does what
    a machine brings, once it is whole.

    Phones have threads of their own, and few: hundreds that come back together wait for each other,
    and somebody who looks at a screen does not wait for them. None holds a thread while its network
    brings its sending: it is whole before."""

    def __init__(self, pages: "WSGIApp", threads: int) -> None:
        self.pages = pages
        self.by_pieces = WSGIMiddleware(pages, workers=threads)
        self.phones = WSGIMiddleware(pages, workers=AT_ONCE)
        self.turns = Turns(AT_WORK)
        self.held = 0  # octets that machines said they bring, and that have no answer yet

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request. Gestures bring a body: it is read by pieces, unless it is a machine
        that brings little, while there is room to hold it."""
        if scope["type"] == "http" and scope["method"] in LOOKS:
            loop = asyncio.get_running_loop()
            await self._at_once(scope, Body(loop, cast("Any", receive)), send)
        elif scope.get("path") == SENDINGS:
            if (body := await taken_in(receive, send)) is not None:
                again = replayed(body, receive)
                await self.phones(cast("Any", scope), cast("Any", again), cast("Any", send))
        elif (length := little(scope)) is not None and self.held + length <= HELD_AT_MOST:
            await self._once_whole(scope, receive, send, length)
        else:
            await self.by_pieces(cast("Any", scope), cast("Any", receive), cast("Any", send))

    async def _once_whole(self, scope: Message, receive: Receive, send: Send, length: int) -> None:
        self.held += length
        try:
            if (body := await taken_in(receive, send)) is not None:
                await self._at_once(scope, BytesIO(body), send)
        finally:
            self.held -= length

    async def _at_once(self, scope: Message, body: Body | BytesIO, send: Send) -> None:
        environ = build_environ(cast("Any", scope), cast("Any", body))
        answered = partial(copy_context().run, self._answer, environ)
        loop = asyncio.get_running_loop()
        async with self.turns.one():
            messages = await loop.run_in_executor(self.by_pieces.executor, answered)
        for message in messages:
            await send(message)

    def _answer(self, environ: Any) -> tuple[Message, Message]:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        pieces = self.pages(environ, lambda *told: started.append(told[:2]))  # type: ignore[arg-type,return-value,func-returns-value]
        try:
            body = b"".join(pieces)
        finally:
            getattr(pieces, "close", lambda: None)()
        status, headers = started[-1]
        named = [
            (name.lower().encode("latin1"), value.strip().encode("latin1"))
            for name, value in headers
        ]
        start = {"type": "http.response.start", "status": int(status[:3]), "headers": named}
        return start, {"type": "http.response.body", "body": body}


class Turns:
    """Let so many looks be made at a time, the others in the order in which they came.

    Python runs one thread at a time: of two pages that take it from each other, both end when the
    later would have, and each waits for it again after every word of the database. A look that
    lasts leaves its turn: nobody waits behind it for longer than a moment. ADR 0051.
    """

    def __init__(self, at_work: int) -> None:
        self.free = asyncio.Semaphore(at_work)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for a turn, and keep it until the page is made, or for a moment."""
        await self.free.acquire()
        has_it = True

        def leave() -> None:
            nonlocal has_it
            if has_it:
                has_it = False
                self.free.release()

        late = asyncio.get_running_loop().call_later(MOMENT, leave)
        try:
            yield
        finally:
            late.cancel()
            leave()


def little(scope: Message) -> int | None:
    """How long a machine says that its body is, when it is short enough to be held before a thread
    is. None: it is not, or nobody knows."""
    path = scope.get("path", "")
    if scope["type"] != "http" or not (path == MACHINES or path.startswith(MACHINES + "/")):
        return None
    said = dict(scope["headers"])
    length = b"" if b"transfer-encoding" in said else said.get(b"content-length", b"0")
    return int(length) if length.isdigit() and int(length) <= SENT_AT_MOST else None


async def taken_in(receive: Receive, send: Send) -> bytes | None:
    """Read a body whole. Too long (413) or too slow (408), it is refused: who sends it keeps what
    they have. None: it was, or nobody is there to hear an answer."""
    try:
        async with asyncio.timeout(WHOLE):
            return await whole(receive)
    except TooLong:
        await refuse(send, 413)
    except TimeoutError:
        await refuse(send, 408)
    except ConnectionError:
        pass
    return None


class TooLong(Exception):
    """A body is longer than the pages read."""


async def whole(receive: Receive) -> bytes:
    """Read a body to its end. Raises TooLong, TimeoutError when no piece comes, ConnectionError
    when who sends it is gone."""
    body, has_more = bytearray(), True
    while has_more:
        async with asyncio.timeout(SILENCE):
            message = await receive()
        if message["type"] != "http.request":
            raise ConnectionError
        body += message.get("body", b"")
        if len(body) > SENT_AT_MOST:
            raise TooLong
        has_more = message.get("more_body", False)
    return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read as if it came now, then what comes after it."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return left.pop() if left else await receive()

    return again


async def refuse(send: Send, status: int) -> None:
    """Answer a status alone, and read no more of what was sent."""
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def application(environment: Environment) -> Front:
    """Load the pages and the streams of the house, without pausing to look for garbage."""
    with loading():
        from config.live import application as streams
        from config.wsgi import application as pages

    return Front(Pages(cast("WSGIApp", pages), environment.threads), streams)


@contextmanager
def loading() -> Iterator[None]:
    """Leave the garbage alone meanwhile; what was loaded is never garbage afterwards."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def serve(environment: Environment, listener: socket.socket) -> None:
    """Serve on a socket that already listens, until told to stop."""
    sys.setswitchinterval(TURN)
    os.environ["PGOPTIONS"] = PLANNED_ONCE
    server = uvicorn.Server(
        uvicorn.Config(
            application(environment),
            http="httptools",
            log_level="warning",
            log_config=None,  # ours: an error is told without its words
            access_log=False,
            server_header=False,
            proxy_headers=environment.behind_tls,
            forwarded_allow_ips=list(environment.trusted_proxies),
            timeout_graceful_shutdown=LAST_WORDS,
        )
    )
    server.run(sockets=[listener])


def main() -> int:
    """Serve; when the settings or the data forbid it, say so in one line and never try again."""
    return unless_refused(lambda: serve(read(os.environ), socket.socket(fileno=int(sys.argv[1]))))


def unless_refused(body: Callable[[], object]) -> int:
    """Run the body; return the exit code of a refusal, once its sentence was said."""
    try:
        body()
    except ImproperlyConfigured as refusal:
        print(refusal, file=sys.stderr)
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
