"""Ask an address outside: never beyond what was written, never by redirection.

A demonstration stays on this machine. Elsewhere: https only, and to a public address, so that a
partner's address cannot have the house knock at doors of its own network. The address that was
judged is the one that is gone to: a name is asked once. A few seconds in all, however slow the
name is found or the words come.
"""

import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread, Timer
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

Found = Sequence[tuple[Any, ...]]  # what `getaddrinfo` gives
PORTS = {"https": 443, "http": 80}
LEADING_ELSEWHERE = [ip_network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")]
"""NAT64 and 6to4: addresses that hold another one, which may be of the house's own network.

Sources : RFC 6052, 2.1 ; RFC 8215 ; RFC 3056, 2.
"""


class Unreachable(Exception):  # noqa: N818 — what it says
    """Nothing was answered, in time and whole; or the address may not be asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: how, with which words."""

    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: the first words of it."""

    status: int
    body: bytes
    retry_after: str


def ask(url: str, asked: Asked, *, seconds: float, heaviest: int) -> Answered:
    """Ask an address once. Raises Unreachable."""
    with opened(url, asked, seconds=seconds) as answer:
        after = answer.getheader("Retry-After") or ""
        return Answered(answer.status, answer.read(heaviest + 1), after)


@contextmanager
def opened(
    url: str, asked: Asked, *, seconds: float, silence: float | None = None
) -> Iterator[HTTPResponse]:
    """Ask an address once, and let its answer be read, while that is no longer than so many seconds
    in all, nor silent for longer than some. Raises Unreachable, whoever reads what of it."""
    until = monotonic() + seconds
    try:
        parts = urlsplit(url)
        with closing(_line(parts, until)) as line:
            line.settimeout(silence or line.gettimeout())
            cut = Timer(max(0.0, until - monotonic()), _cut, [line])
            cut.daemon = True
            cut.start()
            try:
                with closing(_said(line, parts, asked)) as answer:
                    yield answer
            finally:
                cut.cancel()
        if monotonic() > until:
            raise Unreachable
    except (OSError, HTTPException, ValueError, KeyError) as error:
        raise Unreachable from error


def _line(parts: SplitResult, until: float) -> socket.socket:
    """A line to the first address that answers, all of them judged. Raises Unreachable, OSError."""
    port = parts.port or PORTS[parts.scheme]
    if not parts.hostname:
        raise Unreachable
    found = _found(parts.hostname, port, until)
    if not found or not all(_may_be_reached(parts.scheme, one[4][0]) for one in found):
        raise Unreachable
    for family, kind, number, _, where in found:
        line = socket.socket(family, kind, number)
        line.settimeout(max(0.01, until - monotonic()))
        try:
            line.connect(where)
        except OSError:
            line.close()
            continue
        return _veiled(line, parts)
    raise Unreachable


def _found(host: str, port: int, until: float) -> Found:
    """The addresses of a name; none when nobody says in time. The system asks with no limit of
    ours: a thread waits for it, and is left behind."""
    answers: SimpleQueue[Found] = SimpleQueue()

    def asks() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError):  # nobody has that name, or it is none
            answers.put([])

    Thread(target=asks, daemon=True).start()
    try:
        return answers.get(timeout=max(0.0, until - monotonic()))
    except Empty:
        return []


def _veiled(line: socket.socket, parts: SplitResult) -> socket.socket:
    if parts.scheme != "https":
        return line
    import httpx  # four megabytes that pages do without

    context: ssl.SSLContext = httpx.create_ssl_context(trust_env=False)
    return context.wrap_socket(line, server_hostname=parts.hostname, do_handshake_on_connect=False)


def _said(line: socket.socket, parts: SplitResult, asked: Asked) -> HTTPResponse:
    if isinstance(line, ssl.SSLSocket):
        line.do_handshake()
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    asking = kind(parts.hostname or "", parts.port)
    asking.sock = line
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {**asked.headers, "Connection": "close"}
    asking.request(asked.method, path, body=asked.body or None, headers=headers)
    return asking.getresponse()


def _cut(line: socket.socket) -> None:
    """End what waits on a line, from another thread; a veil is not to be taken off meanwhile."""
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _may_be_reached(scheme: str, where: object) -> bool:
    address = ip_address(str(where).partition("%")[0])
    if settings.CORDEE.is_demonstration:
        return address.is_loopback
    return scheme == "https" and is_public(address)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address is one of the internet, and leads to no other."""
    hidden = any(address in one for one in LEADING_ELSEWHERE)
    return address.is_global and not address.is_multicast and not hidden
