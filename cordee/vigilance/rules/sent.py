"""Reading what a phone sends: one record at a time, so that a bad one never blocks the others."""

import hashlib
import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from cordee.vigilance.rules.marks import HIGHEST, LOWEST, MARKS, SIGNS, Kind
from cordee.vigilance.rules.safety import Fear

WORDS = 600
"""The longest text of a visit: what a thumb writes, three times over."""
SENT = 4_000
"""The longest record that is kept word for word when it cannot be taken."""
BATCH = 200
"""Records of one sending: a phone that was away a week sends several."""
LONGEST = 4 * 3600
"""Seconds of a form left open that still say how long marking takes."""
UNSAFE = "unsafe"
"""The kind of a record that says that its helper does not feel safe."""

FIRST, LAST = 1969, 2200
"""Years between which a clock may be wrong, and still be one: one that lost its time says 1970."""

WHY = {
    "unreadable": "ce que le téléphone a envoyé ne se lit pas",
    "too_long": "le texte est trop long",
    "empty": "rien n’est dit",
    "unknown_word": "une note ou un signe n’existe pas",
    "no_moment": "le moment ne se lit pas",
    "not_followed": "la personne n’est pas suivie par ce service, ou ne l’est plus",
    "conflict": "une autre version de cette visite est déjà reçue",
    "revoked": "le téléphone a été retiré entre-temps",
    "database": "la base l’a refusé",
}
"""Why a record is kept aside, in the words of its reader."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A record that reads well: what a phone says of one visit, or one need."""

    id: UUID
    person_id: UUID
    occurred_at: datetime
    sequence: int
    kind: str = Kind.VISIT.value
    planned_id: UUID | None = None
    marks: tuple[int | None, ...] = (None, None, None, None)
    signs: tuple[str, ...] = ()
    words: str = ""
    urgent: bool = False
    seconds: int | None = None
    digest: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Unsafe:
    """« Je ne me sens pas en sécurité », said by a helper of herself: it is about no person."""

    id: UUID
    fear: Fear
    occurred_at: datetime
    digest: str = ""
    content: str = ""


Fit = TypeVar("Fit", bound=Sent | Unsafe)


@dataclass(frozen=True, slots=True)
class Unfit:
    """A record that cannot be taken: why, and what it said, cut to what is kept."""

    id: UUID | None
    why: str
    content: str
    digest: str


def read(raw: Any) -> Sent | Unfit:
    """Read one visit or need as a phone sent it. Never raises: what does not read is `Unfit`."""
    return _read(raw, _sent)


def read_any(raw: Any) -> Sent | Unsafe | Unfit:
    """Read one record of a phone, whatever it is about. Never raises."""
    return _read(raw, _unsafe) if is_unsafe(raw) else read(raw)


def is_unsafe(raw: Any) -> bool:
    """Say whether a helper speaks of her own safety, and not of a visit."""
    return isinstance(raw, dict) and raw.get("kind") == UNSAFE


def _read(raw: Any, reader: Callable[[Any, UUID | None], Fit]) -> Fit | Unfit:
    said = _as_sent(raw)
    digest = hashlib.sha256(said.encode()).hexdigest()
    key = _key(raw.get("id")) if isinstance(raw, dict) else None
    try:
        return replace(reader(raw, key), digest=digest, content=said[:SENT])
    except _Wrong as wrong:
        return Unfit(key, wrong.why, said[:SENT], digest)


def _as_sent(raw: Any) -> str:
    try:
        said = json.dumps(raw, ensure_ascii=False, sort_keys=True, default=str)
    except (RecursionError, ValueError, TypeError):
        return "…"  # nested without end: nothing of it can be written
    return said.replace("\x00", "").encode("utf-8", "replace").decode()


class _Wrong(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _unsafe(raw: Any, key: UUID | None) -> Unsafe:
    if key is None:
        raise _Wrong("unreadable")
    fear = next((one for one in Fear if one.value == raw.get("fear")), None)
    if fear is None:
        raise _Wrong("unknown_word")
    return Unsafe(id=key, fear=fear, occurred_at=_moment(raw.get("at")))


def _sent(raw: Any, key: UUID | None) -> Sent:
    person = _key(raw.get("person")) if isinstance(raw, dict) else None
    if key is None or person is None:
        raise _Wrong("unreadable")
    words = _words(raw.get("words", ""))
    marks, signs = _marks(raw.get("marks", {})), _signs(raw.get("signs", []))
    urgent = raw.get("urgent", False) is True
    if not (any(marks) or signs or words or urgent):
        raise _Wrong("empty")
    return Sent(
        id=key,
        person_id=person,
        occurred_at=_moment(raw.get("at")),
        sequence=_whole(raw.get("sequence"), 2**31 - 1) or 0,
        kind=_kind(raw.get("kind", Kind.VISIT.value)),
        planned_id=_key(raw.get("planned")),
        marks=marks,
        signs=signs,
        words=words,
        urgent=urgent,
        seconds=_whole(raw.get("seconds"), LONGEST),
    )


def _key(value: Any) -> UUID | None:
    if not isinstance(value, str):
        return None
    try:
        return UUID(value)
    except ValueError:
        return None


def _words(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("unreadable")
    kept = "".join(_letter(one) for one in value).strip()
    if len(kept) > WORDS:
        raise _Wrong("too_long")
    return kept.encode("utf-8", "ignore").decode()


def _letter(one: str) -> str:
    """A letter as it is kept: spaces of all widths are spaces, joined drawings stay joined."""
    if one in "\n\t\u200d" or one.isprintable():
        return one
    return {"Zs": " ", "Zl": "\n", "Zp": "\n"}.get(unicodedata.category(one), "")


def _marks(value: Any) -> tuple[int | None, ...]:
    if not isinstance(value, dict) or not set(value) <= set(MARKS):
        raise _Wrong("unknown_word")
    given = [value.get(name) for name in MARKS]
    if not all(one is None or _is_level(one) for one in given):
        raise _Wrong("unknown_word")
    return tuple(given)


def _is_level(value: Any) -> bool:
    return type(value) is int and LOWEST <= value <= HIGHEST


def _signs(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _Wrong("unknown_word")
    if not set(value) <= set(SIGNS):
        raise _Wrong("unknown_word")
    return tuple(one for one in SIGNS if one in value)


def _kind(value: Any) -> str:
    if value not in (Kind.VISIT.value, Kind.NEED.value):
        raise _Wrong("unknown_word")
    return str(value)


def moment(value: Any) -> datetime | None:
    """Read a moment with its zone; None of what is not one."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    sound = found is not None and found.tzinfo is not None and FIRST < found.year < LAST
    return found if sound else None


def _moment(value: Any) -> datetime:
    found = moment(value)
    if found is None:
        raise _Wrong("no_moment")
    return found


def _whole(value: Any, most: int) -> int | None:
    return value if type(value) is int and 0 <= value <= most else None
