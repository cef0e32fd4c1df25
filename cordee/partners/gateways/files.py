"""Fetch a file that a partner shows at an address, piece by piece."""

from collections.abc import Generator

from cordee.partners.gateways.outside import Asked, Unreachable, opened

SECONDS, SILENCE = 300.0, 20.0
PIECE = 64 * 1024  # bytes in memory at once
ASKED = Asked(headers={"Accept": "application/fhir+ndjson", "Accept-Encoding": "identity"})


class TooHeavy(Unreachable):
    """The file is heavier than what is read here."""


def fetch_file(url: str, heaviest: int) -> Generator[bytes, None, None]:
    """Give a file piece by piece. Raises Unreachable, once all that came was given: it is not
    there, it is packed, or it was cut before its end; TooHeavy."""
    with opened(url, ASKED, seconds=SECONDS, silence=SILENCE) as answer:
        packed = answer.getheader("Content-Encoding", "identity") != "identity"
        is_whole_known = answer.chunked or answer.length is not None
        if answer.status != 200 or packed or not is_whole_known:
            raise Unreachable
        read = 0
        while piece := answer.read(PIECE):
            read += len(piece)
            if read > heaviest:
                raise TooHeavy
            yield piece
        if answer.length:  # a server that is cut says less than it announced
            raise Unreachable
