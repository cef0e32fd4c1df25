"""Facts of many persons as columns, and delays counted on whole columns at once.

Rows are sorted by person, then by moment, then by number: a row's place is its order on the thread.
Moments are microseconds, as in `clocks`; `NEVER` stands where there is none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from cordee.protocols.rules.clocks import HOUR, PARIS, Delay, Unit, micros
from cordee.protocols.rules.protocol import Pattern, Patterns, Protocol

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
NEVER = int(np.iinfo(np.int64).min)
NOBODY = -1  # the row of what is no fact: the entry, or nothing
DAY = 24 * HOUR
LAST_YEAR = 2200
WARNED = 4  # as in `clocks`
MOST_PATTERNS = 62  # bits of a column


@dataclass(frozen=True, slots=True)
class Facts:
    """So many rows. `person`: its place among the persons; `patterns`: one bit for each pattern of
    `patterns_of` that the fact meets; `about`: by field, a number for what it names, 0 for nothing.
    """

    person: Ints
    at: Ints
    patterns: Ints
    about: dict[str, Ints]

    @classmethod
    def sorted(
        cls, person: Ints, at: Ints, number: Ints, patterns: Ints, about: dict[str, Ints]
    ) -> "Facts":
        """Put rows in order, however they come."""
        order = _in_order(person, at, number)
        said = {name: column[order] for name, column in about.items()}
        return cls(person[order], at[order], patterns[order], said)


def _in_order(person: Ints, at: Ints, number: Ints) -> Ints:
    """Sort by person, moment and number: by one number made of the first two, the fastest of
    sorts, then again what that number cannot tell apart."""
    if not len(person):
        return np.empty(0, dtype=np.int64)
    since = at - at.min()
    room = 62 - int(person.max()).bit_length()
    key = (person << room) | (since >> max(0, int(since.max()).bit_length() - room))
    order = np.argsort(key)
    sorted_ = key[order]
    same = np.zeros(len(order), dtype=np.bool_)
    same[1:] = sorted_[1:] == sorted_[:-1]
    same[:-1] |= same[1:]
    tied = order[same]
    order[same] = tied[np.lexsort((number[tied], at[tied], person[tied]))]
    return order


def patterns_of(protocol: Protocol) -> tuple[Pattern, ...]:
    """Return the patterns that a protocol speaks of, each once, in a steady order.

    Raises ValueError when there are more than a column can tell apart."""
    found = dict.fromkeys(
        pattern for places in protocol.places.values() for _, _, pattern in places
    )
    if len(found) > MOST_PATTERNS:
        raise ValueError(f"{protocol.name}: {len(found)} patterns, {MOST_PATTERNS} at most")
    return tuple(found)


def fields_of(protocol: Protocol) -> tuple[str, ...]:
    """Return the fields by which constraints tell things apart, each once."""
    return tuple(dict.fromkeys(one.for_each for one in protocol.constraints if one.for_each))


def mask_of(known: tuple[Pattern, ...], patterns: Patterns) -> int:
    """Return the bits of some patterns."""
    return sum(1 << known.index(one) for one in dict.fromkeys(patterns))


@cache
def midnights() -> Ints:
    """The first instant of each civil day of Paris since 1970."""
    first, last = date(1970, 1, 1), date(LAST_YEAR, 1, 1)
    days = (first + timedelta(days=number) for number in range((last - first).days))
    made = [micros(datetime.combine(day, time(), tzinfo=PARIS).astimezone(UTC)) for day in days]
    return np.array(made, dtype=np.int64)


def days_of(at: Ints) -> Ints:
    """Return the civil day of each moment, counted from 1970."""
    utc = at // DAY
    found: Ints = utc + (at >= midnights()[utc + 1])  # midnight in Paris comes before that of UTC
    return found


def dues(at: Ints, delay: Delay) -> Ints:
    """Return the last instant in time after each moment: `clocks.due`, on a column."""
    if delay.unit is Unit.HOURS:
        return at + delay.amount * HOUR
    found: Ints = midnights()[days_of(at) + delay.amount + 1] - 1
    return found


def warnings(since: Ints, due: Ints, warning: Delay | None) -> Ints:
    """Return when each begins to be at risk: `clocks.warned`, on columns."""
    if warning is None:
        return due - (due - since) // WARNED
    if warning.unit is Unit.HOURS:
        return due - warning.amount * HOUR
    found: Ints = midnights()[days_of(due) - warning.amount]
    return found


def heads(person: Ints) -> Bools:
    """Tell which rows are the first of their person, in rows sorted by person."""
    found = np.ones(len(person), dtype=np.bool_)
    np.not_equal(person[1:], person[:-1], out=found[1:])
    return found


def tails(person: Ints) -> Bools:
    """Tell which rows are the last of their person."""
    found = np.ones(len(person), dtype=np.bool_)
    np.not_equal(person[1:], person[:-1], out=found[:-1])
    return found


def coded(names: Iterable[Any]) -> Ints:
    """Number what facts name, each name once, from 1; nothing is 0."""
    known: dict[str, int] = {}
    found = [0 if name is None else known.setdefault(str(name), len(known) + 1) for name in names]
    return np.array(found, dtype=np.int64)
