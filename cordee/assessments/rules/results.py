"""What an instrument says once answered: its measure, its band, and where each point comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

Answer = str | bool | Decimal
Answers = Mapping[str, tuple[Answer, ...]]
"""By linkId of the definition; a coded answer is its code, a repeated one has several values."""


@dataclass(frozen=True)
class Band:
    """A range of a score, and what it is called."""

    code: str
    label: str
    severity: int
    """From 0, nothing to say, upward; only compared within one instrument."""


@dataclass(frozen=True)
class Point:
    """One line of the explanation: which answer brought what."""

    link_id: str
    said: str
    points: Decimal | None = None


@dataclass(frozen=True)
class Result:
    """A whole score. There is no half of one: what lacks an answer gives `Missing`."""

    code: str
    """What was measured, as in "gir", "epices", "lace"."""
    label: str
    value: Decimal
    out_of: Decimal | None
    unit: str
    band: Band | None
    points: tuple[Point, ...]
    source: str
    """Where the arithmetic and the bands come from, in French."""
    caution: str = ""
    """What the reader must know before using it: not verified, screening only, its age range."""


@dataclass(frozen=True)
class Missing:
    """No score yet: the questions that still want an answer, in the order of the screen."""

    link_ids: tuple[str, ...]
