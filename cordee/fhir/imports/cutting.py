"""A file cut into whole lines, some at a time: never the whole in memory. Pure."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

LINES = 100  # of a piece, at most: also what one transaction writes
WEIGHT = 256 * 1024  # bytes of a piece: it is closed once it has as many
TOO_LONG = b"\0"  # stands for a line that is longer than what the door reads


@dataclass(slots=True)
class Piece:
    """Some lines, and the number of the first one."""

    number: int
    lines: list[bytes] = field(default_factory=list)
    weight: int = 0


def cut(pieces: Iterable[bytes], longest: int) -> Iterator[Piece]:
    """Give the lines of a file, by pieces; of one that is too long, its mark alone.

    No piece begins with a blank line: they say nothing, and a small packed file may hold millions.
    """
    found = Piece(1)
    for line in _lines(pieces, longest):
        if not found.lines and not line.strip():
            found.number += 1
            continue
        found.lines.append(line)
        found.weight += len(line)
        if len(found.lines) >= LINES or found.weight >= WEIGHT:
            yield found
            found = Piece(found.number + len(found.lines))
    if found.lines:
        yield found


def _lines(pieces: Iterable[bytes], longest: int) -> Iterator[bytes]:
    rest, is_long = b"", False
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield TOO_LONG if is_long or len(line) > longest else line
            is_long = False
        if len(rest) > longest:
            rest, is_long = b"", True
    if rest or is_long:
        yield TOO_LONG if is_long or len(rest) > longest else rest


def packed(lines: Sequence[bytes]) -> bytes:
    """Lines, packed."""
    return zlib.compress(b"\n".join(lines), 1)


def unpacked(content: bytes) -> list[bytes]:
    """The lines that were packed."""
    return zlib.decompress(content).split(b"\n")
