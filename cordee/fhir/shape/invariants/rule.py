"""One rule, and the small questions rules are made of. They read what is already well shaped."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cordee.fhir.shape.tables import kind as kind_named

Values = dict[str, Any]
Holds = Callable[[Values], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of R4: its key, the type whose objects it reads, our words, and whether it is held."""

    key: str
    kind: str
    french: str
    holds: Holds


def has(value: Values, name: str) -> bool:
    """Say whether a primitive or any other element is there, by itself or by an extension."""
    return name in value or f"_{name}" in value


def choice(kind: str, name: str) -> Holds:
    """Return the question: is one form of `name[x]` there?"""
    names = kind_named(kind).elements[f"{name}[x]"].names()
    spelled = frozenset(names) | {f"_{one}" for one in names}
    return lambda value: not spelled.isdisjoint(value)


def codings(concept: Any) -> Iterable[tuple[Any, Any]]:
    """Give each system and code of a CodeableConcept, or of what may be one."""
    for coding in concept.get("coding", ()) if isinstance(concept, dict) else ():
        yield coding.get("system"), coding.get("code")


def in_order(start: Any, end: Any) -> bool:
    """Say whether a date does not come after another; what cannot be compared passes (FHIRPath).

    Dates of unlike precision are compared as far as both go: equal there is not known, so passes.
    """
    if not isinstance(start, str) or not isinstance(end, str):
        return True
    try:
        if "T" in start and "T" in end:
            return moment(start) <= moment(end)
        if len(start) >= 10 and "T" in start + end:  # a zone may have moved it by a day
            start = str(date.fromisoformat(start[:10]) - timedelta(days=1))
    except (ValueError, OverflowError):  # a leap second, the first day of all
        return True
    shortest = min(len(start), len(end), 10)
    return bool(start[:shortest] <= end[:shortest])


def moment(text: str) -> datetime:
    """Return a dateTime or instant as a moment. Raises ValueError for a leap second."""
    return datetime.fromisoformat(text)


def distinct(values: Iterable[Any]) -> bool:
    """Say whether no value comes twice."""
    seen = list(values)
    return len(seen) == len(set(seen))
