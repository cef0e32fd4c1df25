"""Files that come packed (gzip), unpacked piece by piece. Pure.

Source : RFC 1952 (2.2, members one after the other, each with its end and its sum) ; RFC 9110,
8.4.1.3 (`gzip`, and its former name `x-gzip`).
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

GZIP = frozenset({"gzip", "x-gzip"})
NAMED = frozenset({"application/gzip", "application/x-gzip"})  # RFC 6713, and what came before it
PLAIN = frozenset({"", "identity"})
HEADED = 31  # how zlib says: gzip, with its head and its sum
PIECE = 64 * 1024  # bytes that are unpacked at once, however little they were made of


class NotPacked(ValueError):  # noqa: N818 — what it says
    """These bytes are no whole gzip: something else, cut, or changed on the way."""


def is_packed(url: str, coding: str, kind: str) -> bool:
    """Say whether what an address gives is packed, by what is said of it, or by its name.

    Raises NotPacked: it is written in another way.
    """
    coding = coding.strip().lower()
    if coding not in GZIP | PLAIN:
        raise NotPacked
    is_named = urlsplit(url).path.lower().endswith(".gz")
    return coding in GZIP or is_named or kind.partition(";")[0].strip().lower() in NAMED


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give what was packed, by pieces of a bounded size. Raises NotPacked, what came before given.

    Whoever reads counts them, and stops: little may be made of very much.
    """
    member = zlib.decompressobj(HEADED)
    for piece in pieces:
        rest, is_held = piece, False
        while rest or is_held:
            if member.eof:
                member = zlib.decompressobj(HEADED)
            found = _more(member, rest)
            rest = member.unused_data if member.eof else member.unconsumed_tail
            is_held = len(found) == PIECE and not member.eof  # what was read may still give more
            if found:
                yield found
    if not member.eof:
        raise NotPacked


def _more(member: Any, rest: bytes) -> bytes:
    try:
        found: bytes = member.decompress(rest, PIECE)
    except zlib.error as error:
        raise NotPacked from error
    return found
