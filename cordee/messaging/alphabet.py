"""How long a text is, and how it is cut: GSM 03.38 (ETSI TS 123 038, §6.2.1) and UCS-2. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = {"\f": 10, "^": 20, "{": 40, "}": 41, "\\": 47, "[": 60, "~": 61, "]": 62, "|": 64}
_EXTENDED["€"] = 101
_ESCAPE = 0x1B
_CODES = {character: bytes([code]) for code, character in enumerate(_BASIC) if code != _ESCAPE}
_CODES |= {character: bytes([_ESCAPE, code]) for character, code in _EXTENDED.items()}
_CHARACTERS = {code: character for character, code in _CODES.items()}

_FOREIGN = re.compile(f"[^{re.escape(''.join(_CODES))}]+")

# What a French keyboard types and the GSM alphabet lacks, with the nearest thing it has.
_NEAREST = str.maketrans(
    {
        "’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "...",
        "–": "-", "—": "-", "‑": "-", "·": ".", "œ": "oe", "Œ": "OE", "Ł": "L", "ł": "l",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ",
    }
)  # fmt: skip


class Encoding(Enum):
    """One alphabet for the whole text: a single foreign character changes it for all."""

    GSM7 = ("gsm7", 160, 153)
    UCS2 = ("ucs2", 70, 67)

    @property
    def alone(self) -> int:
        """Units in a text of one segment."""
        return int(self.value[1])

    @property
    def joined(self) -> int:
        """Units in each segment of a longer text, after its six bytes of header."""
        return int(self.value[2])


@dataclass(frozen=True)
class Segment:
    """One submission: bytes as they travel, header of concatenation included."""

    data: bytes
    encoding: Encoding
    number: int
    total: int


def encoding_of(text: str) -> Encoding:
    """Choose the alphabet: GSM-7 when every character is in it, else UCS-2."""
    return Encoding.GSM7 if all(character in _CODES for character in text) else Encoding.UCS2


def _units(text: str, encoding: Encoding) -> list[bytes]:
    if encoding is Encoding.GSM7:
        return [_CODES[character] for character in text]
    return [character.encode("utf-16-be") for character in text]


def length(text: str) -> int:
    """Count units: septets in GSM-7 (« € » is two), 16-bit words in UCS-2 (an emoji is two)."""
    encoding = encoding_of(text)
    size = sum(len(unit) for unit in _units(text, encoding))
    return size if encoding is Encoding.GSM7 else size // 2


def _pieces(text: str) -> tuple[Encoding, list[bytes]]:
    encoding = encoding_of(text)
    width = 1 if encoding is Encoding.GSM7 else 2
    units = _units(text, encoding)
    whole = b"".join(units)
    if len(whole) <= encoding.alone * width:
        return encoding, [whole]
    pieces = [b""]
    for unit in units:  # never cut an escape sequence or a surrogate pair
        if len(pieces[-1]) + len(unit) > encoding.joined * width:
            pieces.append(b"")
        pieces[-1] += unit
    return encoding, pieces


def segment_count(text: str) -> int:
    """Count the submissions a text takes, hence what it costs."""
    return len(_pieces(text)[1])


def segments(text: str, reference: int) -> list[Segment]:
    """Cut a text into submissions (3GPP TS 23.040 §9.2.3.24.1, 8-bit reference).

    The reference comes from the message, never from chance: a text sent again after a doubt
    carries the same one, and the handset recognises its pieces.
    """
    encoding, pieces = _pieces(text)
    total = len(pieces)
    if total == 1:
        return [Segment(pieces[0], encoding, 1, 1)]
    if total > 255:
        raise ValueError("a text of more than 255 segments cannot be joined again")
    header = b"\x05\x00\x03" + bytes([reference & 0xFF, total])
    return [
        Segment(header + bytes([number]) + piece, encoding, number, total)
        for number, piece in enumerate(pieces, 1)
    ]


def plain(text: str) -> str:
    """Write a text with the GSM alphabet only: « ê » becomes « e », « à é è ù » stay."""
    return _FOREIGN.sub(_stripped, unicodedata.normalize("NFC", text).translate(_NEAREST))


def _stripped(foreign: re.Match[str]) -> str:
    stripped = unicodedata.normalize("NFKD", foreign.group())
    return "".join(letter for letter in stripped if letter in _CODES)


def decode_gsm7(data: bytes) -> str:
    """Read unpacked GSM-7 bytes; what no table knows becomes « ? », a reply is never dropped."""
    characters, index = [], 0
    while index < len(data):
        size = 2 if data[index] == _ESCAPE else 1
        characters.append(_CHARACTERS.get(data[index : index + size], "?"))
        index += size
    return "".join(characters)


def decode(data: bytes, data_coding: int) -> str:
    """Read the bytes of an incoming text by its data coding (SMPP 3.4 §5.2.19)."""
    if _is_ucs2(data_coding):
        return data.decode("utf-16-be", "replace")
    if data_coding == 0x03:
        return data.decode("latin-1")
    if data_coding == 0x01:
        return data.decode("ascii", "replace")
    return decode_gsm7(data)


def _is_ucs2(data_coding: int) -> bool:
    alphabet = data_coding & 0x0F if data_coding < 0x10 else data_coding & 0x0C
    return alphabet == 0x08


# A carrier cuts where it likes, in the middle of an emoji too. A database keeps no half of one:
# until the other piece is there, it is kept as a character that nobody writes (plane 16, private).
_HALVES = {half: 0x100000 + half for half in range(0xD800, 0xE000)}
_WHOLE = {kept: half for half, kept in _HALVES.items()}


def decode_piece(data: bytes, data_coding: int) -> str:
    """Read the bytes of one piece of a long text; its halves of characters wait for `joined`."""
    if not _is_ucs2(data_coding):
        return decode(data, data_coding)
    even = data[: len(data) // 2 * 2]
    return even.decode("utf-16-be", "surrogatepass").translate(_HALVES)


def joined(pieces: Iterable[str]) -> str:
    """Put pieces together, halves included; a half that stays alone becomes « \ufffd »."""
    units = "".join(pieces).translate(_WHOLE).encode("utf-16-be", "surrogatepass")
    return units.decode("utf-16-be", "replace")
