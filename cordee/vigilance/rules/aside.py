"""What was put aside, in words: as much of it as reads, whatever is wrong with the rest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cordee.vigilance.rules.marks import LEVELS, MARKS, SIGNS, Kind
from cordee.vigilance.rules.safety import Fear
from cordee.vigilance.rules.sent import UNSAFE, is_unsafe, moment

PRESSING = frozenset({"fell"})
"""Signs that do not wait for the others, whoever ticked « urgent » or not."""
NAME = 120


@dataclass(frozen=True, slots=True)
class Told:
    """What a record says; `rest` is what reads as nothing else, word for word."""

    person: UUID | None = None
    planned: UUID | None = None
    name: str = ""
    at: datetime | None = None
    starts: datetime | None = None
    kind: str = ""
    marks: tuple[tuple[str, str], ...] = ()
    signs: tuple[str, ...] = ()
    words: str = ""
    is_urgent: bool = False
    rest: str = ""


def told(content: str) -> Told:
    """Read what was kept aside. Never raises: what reads as no record is given as it is."""
    raw = _read(content)
    if isinstance(raw, str):  # a phone that could not send it otherwise sent it as text
        raw = _read(raw)
    if isinstance(raw, dict) and isinstance(raw.get("said"), str):  # or as text, under its name
        raw = _read(raw["said"]) or raw
    if not isinstance(raw, dict):
        return Told(rest=content, is_urgent=_shouts(content))
    if is_unsafe(raw):
        return _unsafe(raw, content)
    signs = _list(raw.get("signs"))
    return Told(
        person=_key(raw.get("person")),
        planned=_key(raw.get("planned")),
        name=_text(raw.get("name"))[:NAME],
        at=moment(raw.get("at")),
        starts=moment(raw.get("starts")),
        kind=dict(Kind.choices()).get(_text(raw.get("kind", Kind.VISIT.value)), ""),
        marks=_marks(raw.get("marks")),
        signs=tuple(SIGNS.get(one, one) for one in signs),
        words=_text(raw.get("words")),
        is_urgent=raw.get("urgent") is True or bool(PRESSING & set(signs)),
        rest="" if _says(raw) else content,
    )


def _unsafe(raw: Mapping[str, Any], content: str) -> Told:
    fear = dict(Fear.choices()).get(_text(raw.get("fear")), "")
    return Told(
        name="Sécurité de l’aide",
        at=moment(raw.get("at")),
        kind="alerte",
        words=f"Je ne me sens pas en sécurité\u00a0: {fear}." if fear else "",
        is_urgent=True,
        rest="" if fear else content,
    )


def _says(raw: Mapping[str, Any]) -> bool:
    return bool(_marks(raw.get("marks")) or _list(raw.get("signs")) or _text(raw.get("words")))


def _shouts(content: str) -> bool:
    """A record that was cut reads no more, and is urgent all the same."""
    return '"urgent": true' in content or any(f'"{one}"' in content for one in (*PRESSING, UNSAFE))


def _read(content: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _list(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _marks(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        return ()
    given = ((words, value.get(name)) for name, words in MARKS.items())
    return tuple((words, _level(level)) for words, level in given if level is not None)


def _level(value: Any) -> str:
    known = LEVELS.get(value) if type(value) is int else None
    return known or str(value)[:NAME]


def _key(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
