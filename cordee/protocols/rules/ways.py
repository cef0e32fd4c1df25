"""The ways that persons really take through a protocol: what follows what, how often, how long.

A map is drawn from a directly-follows graph: the stations are what the steps wait for, and a leg
joins two of them when one person passed the second right after the first. Small numbers are masked,
the others rounded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from cordee.protocols.rules.protocol import Protocol

ENTRY, EXIT = "<entry>", "<exit>"  # no step is named so: an identifier has no bracket
STEP = 5  # what is shown is a multiple of it


@dataclass(frozen=True, slots=True)
class Leg:
    """From one station right to another: `persons` who went, `times` in all, median time."""

    origin: str
    target: str
    persons: int
    times: int
    median: timedelta


@dataclass(frozen=True, slots=True)
class Ways:
    """What may be shown. `hidden`: how many legs are masked; `joined`: how many persons entered,
    None when that is masked too."""

    legs: tuple[Leg, ...]
    hidden: int
    joined: int | None


def shown(legs: Iterable[Leg], joined: int, least: int) -> Ways:
    """Mask what would tell of fewer than `least` persons, round the rest down; the ways most taken
    come first.

    What a subtraction gives is only known to `STEP`, or a few of them: never one person.
    """
    every = tuple(legs)
    kept = [
        replace(leg, persons=rounded(leg.persons), times=rounded(leg.times))
        for leg in every
        if leg.persons >= least
    ]
    kept.sort(key=lambda leg: (-leg.persons, leg.origin, leg.target))
    return Ways(tuple(kept), len(every) - len(kept), rounded(joined) if joined >= least else None)


def rounded(count: int) -> int:
    """Return the multiple of `STEP` just under a count."""
    return count - count % STEP


def whole_months(since: date | None, until: date | None) -> tuple[date | None, date | None]:
    """Widen a period to the months that it touches: its first day, and the day after its last.

    Two questions a day apart are then the same one, and give no one away.
    """
    first = since.replace(day=1) if since else None
    after = (until.replace(day=1) + timedelta(days=31)).replace(day=1) if until else None
    return first, after


def stations_of(protocol: Protocol, kind: str, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the steps that a fact does: the stations that it passes."""
    found = (
        of
        for place, of, pattern in protocol.places.get(kind, ())
        if place == "done" and pattern.meets(kind, data)
    )
    return tuple(dict.fromkeys(found))
