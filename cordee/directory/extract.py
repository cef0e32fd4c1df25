"""Reading a national extraction line by line, in bounded memory, whatever it contains."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

LONGEST_LINE = 65_536
"""Bytes. The longest line published so far is under 2,000; the rest is not a line of this file."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A line left out, why, and the identifier it may have spoken of."""

    line: int
    reason: str
    identifier: str = ""


class Lines(Protocol):
    """What is read here: a file, or something that gives its lines piece by piece."""

    def readline(self, limit: int, /) -> bytes:
        """Give the next line, or as much of it as the limit lets."""


class ExtractError(ValueError):
    """The file as a whole is not what it should be; the message is in French."""


class Part(NamedTuple):
    """Lines of a file that stand together."""

    lines: list[str]
    is_alone: bool
    """Nobody of whom it speaks is in a part before it."""


def parts(lines: Iterable[tuple[str, str]], size: int) -> Iterator[Part]:
    """Cut lines, each given with the identifier it speaks of, where an identifier ends.

    Files go by identifier: what comes after all those of before is in no part before, and nobody
    has to be remembered. Somebody whose lines have no end is cut, and not alone.
    """
    held: list[str] = []
    floor = highest = lowest = (0, "")
    last = ""
    for identifier, line in lines:
        if identifier != last:
            key = (len(identifier), identifier)
            if len(held) >= size:
                yield Part(held, lowest > floor)
                held, floor = [], highest
            lowest = min(lowest, key) if held else key
            highest = max(highest, key)
            last = identifier
        elif len(held) >= 2 * size:
            yield Part(held, lowest > floor)
            held, floor, lowest = [], highest, (len(identifier), identifier)
        held.append(line)
    if held:
        yield Part(held, lowest > floor)


def bounded_lines(file: Lines) -> Iterator[tuple[int, str | Reject]]:
    """Yield each line with its number: its text, or why it cannot be text.

    A line longer than LONGEST_LINE is skipped piece by piece, so memory stays bounded even if
    the file is one line of two gigabytes.
    """
    number = 0
    while piece := file.readline(LONGEST_LINE):
        number += 1
        if len(piece) == LONGEST_LINE and not piece.endswith(b"\n"):
            _skip_to_the_end_of_line(file)
            yield number, Reject(number, "ligne démesurée", _first_number(piece[:200]))
            continue
        yield number, _decode(piece.rstrip(b"\r\n"), number)


def _skip_to_the_end_of_line(file: Lines) -> None:
    while piece := file.readline(LONGEST_LINE):
        if piece.endswith(b"\n"):
            return


def _decode(line: bytes, number: int) -> str | Reject:
    if b"\0" in line:
        return Reject(number, "caractère nul", _first_number(line))
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        return Reject(number, "encodage autre que UTF-8", _first_number(line))


def _first_number(line: bytes) -> str:
    """Guess the identifier of a broken line, so that it does not count as gone."""
    for cell in line.replace(b";", b"|").split(b"|"):
        text = cell.strip(b'" \0')
        if len(text) in (9, 11) and text.isalnum() and text[:1].isdigit() and text.isascii():
            return text.decode("ascii")
    return ""


def clean_cells(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Clean the cells of a line. Most lines have nothing to clean: they are looked at once."""
    seen = "|".join(cells)
    is_clean = (
        seen.isprintable()
        and "  " not in seen
        and " |" not in seen
        and "| " not in seen
        and seen.strip() == seen
    )
    return cells if is_clean else tuple(clean(cell, LONGEST_LINE) for cell in cells)


def copied(row: tuple[Any, ...]) -> str:
    """Write a row as `COPY` reads it: its number, then clean cells, that hold no tabulation."""
    line = f"{row[0]}\t" + "\t".join(row[1:]) + "\n"
    return line.replace("\\", r"\\") if "\\" in line else line


def clean(text: str, longest: int) -> str:
    """Trim a cell, drop control characters, cut it to what the column holds."""
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())[:longest]
