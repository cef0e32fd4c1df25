"""What a protocol would have flagged on a past person, before anybody signs it.

A rupture is a time during which something broken waited for somebody: from the breach to its
repair, or to the end of what is looked at. What cannot be undone (a forbidden fact) waits until
somebody waives it, hence to the end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cordee.protocols.rules.clocks import micros
from cordee.protocols.rules.conformance import (
    Happening,
    Verdict,
    begun,
    moved,
    needs_replay,
    outlook,
    replayed,
)
from cordee.protocols.rules.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Rupture:
    """One time that a constraint, or the clock of a step, was broken and waited."""

    of: str
    since: datetime
    until: datetime | None
    expected: str
    who: str
    because: tuple[int, ...]


def ruptures(
    protocol: Protocol, entered_at: datetime, thread: Iterable[Happening], now: datetime
) -> tuple[Rupture, ...]:
    """Return the ruptures until `now`, in the order in which they would have been told, to who
    knew every fact when it happened."""
    found: list[Rupture] = []
    waiting: dict[str, tuple[datetime, Verdict]] = {}
    for at, verdicts in _moments(protocol, entered_at, thread, now):
        for one in verdicts:
            if one.is_open and one.of not in waiting:
                waiting[one.of] = (at, one)
            elif not one.is_open and one.of in waiting:
                found.append(_ended(waiting.pop(one.of)[1], at))
    found += [_ended(one, None) for _, one in waiting.values()]
    return tuple(sorted(found, key=lambda one: (one.since, one.of)))


def _moments(
    protocol: Protocol, entered_at: datetime, thread: Iterable[Happening], now: datetime
) -> Iterable[tuple[datetime, tuple[Verdict, ...]]]:
    """Yield the verdicts each time that they may change."""
    facts = sorted(thread, key=lambda one: (micros(one.happened_at), one.id))
    coming = [one for one in facts if micros(one.happened_at) <= micros(now)]
    state, at = begun(protocol, entered_at), entered_at
    while True:
        while coming and micros(coming[0].happened_at) <= micros(at):
            state = moved(protocol, state, coming.pop(0))
        if needs_replay(state):  # an exit that was denied
            seen = facts[: len(facts) - len(coming)]
            state = replayed(protocol, entered_at, seen, until=at)
        verdicts, wake = outlook(protocol, state, at)
        yield at, verdicts
        nexts = [coming[0].happened_at] if coming else []
        nexts += [wake] if wake is not None else []
        later = min(nexts, key=micros, default=None)
        if later is None or micros(later) > micros(now):
            return
        at = later


def _ended(one: Verdict, until: datetime | None) -> Rupture:
    if one.since is None:
        raise ValueError(f"{one.of}: what is broken has been so since some moment")
    return Rupture(one.of, one.since, until, one.expected, one.who, one.because)
