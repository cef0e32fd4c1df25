"""What judging reads of a visit, and what it makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cordee.vigilance.rules.marks import MARKS
from cordee.vigilance.rules.trend import Signal


@dataclass(frozen=True, slots=True)
class Noted:
    """What judging reads of a visit."""

    id: UUID
    person_id: UUID
    service_id: UUID
    helper_id: UUID
    happened_at: datetime
    marks: tuple[int | None, ...]
    signs: tuple[str, ...]
    urgent: bool

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Noted":
        """Read a row as it is written."""
        return cls(
            id=row["id"],
            person_id=row["person_id"],
            service_id=row["organization_id"],
            helper_id=row["helper_id"],
            happened_at=row["happened_at"],
            marks=tuple(row[f"{name}_mark"] for name in MARKS),
            signs=tuple(row["signs"]),
            urgent=row["urgent"],
        )

    @classmethod
    def read(cls, row: Sequence[Any]) -> "Noted":
        """Read a row of columns in the order of ours, the marks last."""
        pk, person, service, helper, at, signs, urgent, *marks = row
        return cls(pk, person, service, helper, at, tuple(marks), tuple(signs), urgent)


@dataclass(frozen=True, slots=True)
class Raising:
    """An alert to raise, or to confirm when it is open already."""

    signal: Signal
    visit: Noted
    weight: float
    marks: tuple[str, ...]
    signs: tuple[str, ...] = ()
    said_urgent: bool = False
