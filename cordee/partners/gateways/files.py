"""Fetch a file that a partner shows at an address, piece by piece."""

from collections.abc import Generator, Iterator
from http.client import HTTPResponse

from cordee.partners.gateways.outside import Asked, Unreachable, opened
from cordee.partners.rules.packing import NotPacked, is_packed, unpacked

SECONDS, SILENCE = 300.0, 20.0
PIECE = 64 * 1024  # bytes in memory at once
ASKED = Asked(headers={"Accept": "application/fhir+ndjson", "Accept-Encoding": "gzip, identity"})


class TooHeavy(Unreachable):
    """The file is heavier than what is read here."""


def fetch_file(url: str, heaviest: int) -> Generator[bytes, None, None]:
    """Give a file piece by piece, unpacked. Raises Unreachable, once all that came was given: it is
    not there, it is packed otherwise than it says, or it was cut before its end; TooHeavy, as it
    came or once unpacked."""
    with opened(url, ASKED, seconds=SECONDS, silence=SILENCE) as answer:
        said = [answer.getheader(one, "") for one in ("Content-Encoding", "Content-Type")]
        is_whole_known = answer.chunked or answer.length is not None
        if answer.status != 200 or not is_whole_known:
            raise Unreachable
        try:
            pieces = _pieces(answer, heaviest)
            if is_packed(url, *said):
                pieces = _bounded(unpacked(pieces), heaviest)
            yield from pieces
        except NotPacked as error:
            raise Unreachable from error


def _pieces(answer: HTTPResponse, heaviest: int) -> Iterator[bytes]:
    yield from _bounded(iter(lambda: answer.read(PIECE), b""), heaviest)
    if answer.length:  # a server that is cut says less than it announced
        raise Unreachable


def _bounded(pieces: Iterator[bytes], heaviest: int) -> Iterator[bytes]:
    read = 0
    for piece in pieces:
        read += len(piece)
        if read > heaviest:
            raise TooHeavy
        yield piece
