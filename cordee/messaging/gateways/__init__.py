"""The carriers behind one interface: what leaves, what comes back, and how it can go wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

OnPiece = Callable[[str], Awaitable[None]]  # told the identifier of each piece but the last


LONGEST_NAME = 120


def name_of(raw: str) -> str:
    """Write a carrier's name for a text so that it can be kept, whatever the carrier made of it."""
    return "".join(letter for letter in raw if letter.isprintable())[:LONGEST_NAME]


def legible(text: str) -> str:
    """Leave out of a text what no database keeps: NUL, and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


async def kept_by_nobody(carrier_id: str) -> None:
    """Keep nothing of a piece."""


@dataclass(frozen=True)
class Outgoing:
    """A message on its way; `key` and `reference` stay the same when it is sent again."""

    key: str  # the message's identifier: what a carrier that can, uses to drop a double
    reference: int  # 0..65535, echoed by receipts
    to: str
    text: str
    subject: str = ""
    calendar: str = ""  # an invitation joined to a mail, as calendars read it (RFC 5545)
    again: bool = False  # its first sending may have arrived: replace it rather than double it
    taken: int = 0  # pieces that the carrier has already: it goes on from the next
    on_piece: OnPiece = field(default=kept_by_nobody, compare=False)


@dataclass(frozen=True)
class Accepted:
    """The carrier has it; one identifier for each segment, named again by the receipts."""

    carrier_ids: tuple[str, ...]
    delivered: bool = False  # this carrier sends no receipt: acceptance is all one will know


@dataclass(frozen=True)
class TextReceived:
    """A text, or one piece of a long one, from a phone."""

    sender: str
    text: str
    to: str = ""
    carrier_key: str = ""  # what makes a second arrival of the same text recognisable
    joined: tuple[int, int, int] | None = None  # reference, number, total


class Fate(Enum):
    """What a receipt says."""

    DELIVERED = "delivered"
    FAILED = "failed"
    UNDERWAY = "underway"


@dataclass(frozen=True)
class Receipt:
    """What became of a segment."""

    fate: Fate
    carrier_id: str = ""
    reference: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class LinkChanged:
    """The link to the carrier opened or broke."""

    up: bool
    reason: str = ""
    answered: bool = True  # False: ready, and nothing was asked of the carrier yet


@dataclass(frozen=True)
class Unreadable:
    """Something that is neither a text nor a receipt."""


Event = TextReceived | Receipt | LinkChanged | Unreadable
Listener = Callable[[Event], Awaitable[None]]


class GatewayError(Exception):
    """A message did not leave as it should; `reason` is a short code, never the text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnreachableError(GatewayError):
    """No carrier: the message has not left, and no attempt is counted against it."""


class ThrottledError(GatewayError):
    """The carrier asks to slow down: the message has not left."""


class PostponedError(GatewayError):
    """The carrier cannot take this message now: try again later, counting."""


class FailingError(GatewayError):
    """The carrier says that it fails: by the message's fault only if others pass meanwhile."""


class RefusedError(GatewayError):
    """The carrier will never take this message."""


class DoubtfulError(GatewayError):
    """The message may have left: wait for its receipt before sending it again."""


class Gateway(Protocol):
    """What every carrier offers. `open` returns at once; the link may come up later."""

    async def open(self, listener: Listener) -> None:
        """Open the link and tell the listener everything that comes back."""

    async def send(self, message: Outgoing) -> Accepted:
        """Hand a message over. Raises GatewayError."""

    async def close(self) -> None:
        """Close the link politely."""
