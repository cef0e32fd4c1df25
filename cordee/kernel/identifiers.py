"""Identifiers that carry no meaning, and checks on those that do."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Make a time-ordered UUID (RFC 9562, version 7): rows of one day lie side by side."""
    return UUID(int=_at(time.time_ns() // 1_000_000, os.urandom(10)))


def uuid7s(count: int) -> list[UUID]:
    """Make so many of one moment, in their order."""
    milliseconds, drawn = time.time_ns() // 1_000_000, os.urandom(10 * count)
    made = (_at(milliseconds, drawn[at : at + 10]) for at in range(0, 10 * count, 10))
    return [UUID(int=one) for one in sorted(made)]  # numbers are compared quicker than identifiers


def _at(milliseconds: int, drawn: bytes) -> int:
    value = (milliseconds << 80) | int.from_bytes(drawn, "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    return (value & ~(0x3 << 62)) | (0x2 << 62)


DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")
"""Each digit, doubled, the digits of the result added up."""


def luhn_is_valid(number: str) -> bool:
    """Say whether the last digit is the Luhn key of the others. A failure is a warning, never a
    rejection: official examples of RPPS fail it."""
    if not (number.isascii() and number.isdigit()):
        return False
    digits = number.encode()
    codes = sum(digits[::-2]) + sum(digits[-2::-2].translate(DOUBLED))
    return (codes - ord("0") * len(digits)) % 10 == 0
