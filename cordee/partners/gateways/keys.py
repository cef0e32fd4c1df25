"""Fetch the keys that a client shows. Never beyond what administration wrote, never by redirection.

A demonstration stays on this machine. Elsewhere: https only, and to a public address, so that a
partner's address cannot have the house knock at doors of its own network.
"""

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
from django.conf import settings

SECONDS, HEAVIEST = 5.0, 20_000


class Unreachable(Exception):  # noqa: N818 — what it says
    """The keys could not be fetched."""


def fetch_keys(url: str) -> str:
    """Give what an address shows. Raises Unreachable."""
    if not may_be_reached(url):
        raise Unreachable
    try:
        with (
            httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", url, headers={"Accept": "application/json"}) as answer,
        ):
            if answer.status_code != 200:
                raise Unreachable
            read = b""
            for piece in answer.iter_bytes(4_096):
                read += piece
                if len(read) > HEAVIEST:
                    raise Unreachable
        return read.decode()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Unreachable from error


def may_be_reached(url: str) -> bool:
    """Say whether the house may go there."""
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(parts.hostname or "", port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return False
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if settings.CORDEE.is_demonstration:
        return all(one.is_loopback for one in addresses)
    return parts.scheme == "https" and all(one.is_global for one in addresses)
