"""One constraint along a thread: what is owed, what was broken, fact after fact, in their order.

`open` is the beginning, `step` takes the next fact, `view` says what it means at a moment. What
the words of a protocol mean is in docs/protocoles.md; an independent reading of the same page is in
tests/protocols/reference.py.

Facts come sorted by moment, then number. `roles` says what the fact is for the constraint.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cordee.protocols.rules.clocks import due, warned
from cordee.protocols.rules.protocol import Constraint, Rule

AFTER, FACTS, UNLESS, UNTIL = 1, 2, 4, 8
BITS = {"after": AFTER, "facts": FACTS, "unless": UNLESS, "until": UNTIL}
ENTRY = 0  # the number that stands for the entry, where a fact's would be

Owed = tuple[int, int, int]  # since when, because of which fact, due


@dataclass(slots=True)
class Tally:
    """What must be remembered of the facts seen so far."""

    owed: dict[str, Owed] = field(default_factory=dict)
    broken: int = 0  # how many times, what still stands open left out
    broken_at: int | None = None  # the last time
    settled: tuple[int, int, int, int | None] | None = None  # when, by what, of what, due
    forever: tuple[int, int] | None = None  # the first thing done that cannot be undone
    since: tuple[int, int] | None = None  # where a window began, or what came before
    until: int | None = None  # where the window ends by itself
    count: int = 0
    excused: int | None = None  # the « unless » that counted

    def dumped(self) -> list[Any]:
        """Return it as a value of JSON."""
        owed = [[key, *what] for key, what in self.owed.items()]
        pairs = (self.settled, self.forever, self.since)
        rest = [pair and list(pair) for pair in pairs]
        return [owed, self.broken, self.broken_at, *rest, self.until, self.count, self.excused]


def loaded(value: list[Any]) -> Tally:
    """Return what `dumped` gave."""
    owed, broken, broken_at, settled, forever, since, until, count, excused = value
    return Tally(
        {key: (at, by, due_at) for key, at, by, due_at in owed},
        broken,
        broken_at,
        settled and tuple(settled),
        forever and tuple(forever),
        since and tuple(since),
        until,
        count,
        excused,
    )


@dataclass(frozen=True, slots=True)
class View:
    """What a tally means at a moment; moments in microseconds, `owed` still open."""

    status: str
    since: int | None = None
    due_at: int | None = None
    because: tuple[int, ...] = ()
    breaches: int = 0
    last_breach_at: int | None = None
    repaired_at: int | None = None
    next_at: int | None = None  # when the status changes if nothing happens


def opened(one: Constraint, entered: int, already: tuple[int, int] | None = None) -> Tally:
    """Return the beginning: what the entry itself sets going; `already`: what was so before it."""
    tally = Tally()
    if already and one.rule is Rule.COUNT:  # nothing is owed
        tally.since, tally.settled = (entered, ENTRY), (*already, ENTRY, None)
    elif (already or not one.after) and one.rule in _BEGIN:
        _BEGIN[one.rule](one, tally, entered, ENTRY)
    return tally


def step(one: Constraint, tally: Tally, fact: tuple[int, int, int, str | None]) -> None:
    """Take the next fact: its moment, its number, its roles, and what it is about."""
    _STEP[one.rule](one, tally, fact)


def view(one: Constraint, tally: Tally, horizon: int, *, left: bool) -> View:
    """Say what it means at the horizon: now, or the moment the person left."""
    late = [what for what in tally.owed.values() if what[2] < horizon]
    breaches = tally.broken + len(late)
    last = max([tally.broken_at or 0, *(what[2] for what in late)]) if breaches else None
    seen: dict[str, Any] = {"breaches": breaches, "last_breach_at": last}
    open_ones = [] if left else [what for what in tally.owed.values() if what[2] >= horizon]
    next_at = min((_next(one, what, horizon) for what in open_ones), default=None)
    if tally.forever:
        at, by = tally.forever
        return View("violated", at, None, (by,), next_at=next_at, **seen)
    if late:
        due_at, _, by = min((what[2], what[0], what[1]) for what in late)
        return View("violated", due_at, due_at, _numbers(by), next_at=next_at, **seen)
    if open_ones:
        due_at, at, by = min((what[2], what[0], what[1]) for what in open_ones)
        is_close = horizon >= warned(at, due_at, one.warning)
        status = "at_risk" if is_close else "pending"
        return View(status, at, due_at, _numbers(by), next_at=next_at, **seen)
    return _settled(tally, seen)


def _settled(tally: Tally, seen: dict[str, Any]) -> View:
    if tally.settled is None:
        return View("not_concerned", **seen)
    at, by, of, due_at = tally.settled
    because = _numbers(of, by)
    if due_at is not None and at > due_at:
        return View("violated", due_at, due_at, because, repaired_at=at, **seen)
    return View("respected", at, due_at, because, **seen)


def _next(one: Constraint, what: Owed, horizon: int) -> int:
    at, _, due_at = what
    warned_at = warned(at, due_at, one.warning)
    return warned_at if warned_at > horizon else due_at + 1


def _numbers(*by: int) -> tuple[int, ...]:
    return tuple(number for number in by if number != ENTRY)


def _owe(one: Constraint, tally: Tally, key: str, at: int, by: int) -> None:
    if one.within is None:
        raise ValueError(f"{one.id}: what is owed has a delay")
    tally.owed[key] = (at, by, due(at, one.within))


def _settle(tally: Tally, key: str, fact: tuple[int, int], *, lifted: bool) -> None:
    """End what was owed: in time, too late (which stays counted), or because it no longer is."""
    _, of, due_at = tally.owed.pop(key)
    at, by = fact
    if at > due_at:
        tally.broken += 1
        tally.broken_at = max(tally.broken_at or 0, due_at)
    if at > due_at or not lifted:
        tally.settled = (at, by, of, due_at)


def _break(tally: Tally, at: int, by: int) -> None:
    tally.broken += 1
    tally.broken_at = max(tally.broken_at or 0, at)
    tally.forever = tally.forever or (at, by)


def _response(one: Constraint, tally: Tally, fact: tuple[int, int, int, str | None]) -> None:
    at, by, roles, key = fact
    if roles & FACTS and key in tally.owed:
        _settle(tally, key, (at, by), lifted=False)
    if roles & UNLESS:
        # An « unless » that names no request (a death) speaks of all of them.
        oldest = sorted(tally.owed, key=tally.owed.__getitem__)
        for other in oldest:
            if key is None or key == other:
                _settle(tally, other, (at, by), lifted=True)
    if roles & AFTER and key is not None and key not in tally.owed:
        _owe(one, tally, key, at, by)


def _precedence(one: Constraint, tally: Tally, fact: tuple[int, int, int, str | None]) -> None:
    at, by, roles, _ = fact
    if roles & FACTS:
        before = tally.since
        if before and (one.within is None or at <= due(before[0], one.within)):
            tally.settled = (at, by, before[1], None)
        elif tally.excused is not None:
            tally.settled = (at, by, tally.excused, None)
        else:
            _break(tally, at, by)
    if roles & AFTER:
        tally.since = (at, by)
    if roles & UNLESS and tally.excused is None:
        tally.excused = by


def _absence(one: Constraint, tally: Tally, fact: tuple[int, int, int, str | None]) -> None:
    at, by, roles, _ = fact
    if roles & FACTS and tally.since and (tally.until is None or at <= tally.until):
        _break(tally, at, by)
    if roles & UNTIL:
        tally.since = None
    if roles & AFTER:
        _watch(one, tally, at, by)


def _watch(one: Constraint, tally: Tally, at: int, by: int) -> None:
    """Open a window; what is only forbidden is respected as long as nobody does it."""
    tally.since = (at, by)
    tally.until = due(at, one.within) if one.within else None
    tally.settled = (at, ENTRY, by, None)


def _count(one: Constraint, tally: Tally, fact: tuple[int, int, int, str | None]) -> None:
    at, by, roles, _ = fact
    if tally.since:
        inside = tally.excused is None and (tally.until is None or at <= tally.until)
        if roles & FACTS:
            _one_more(one, tally, (at, by), inside=inside)
        if roles & UNLESS:
            if "" in tally.owed:
                _settle(tally, "", (at, by), lifted=True)
            tally.excused = by
    elif roles & AFTER:
        _begin_count(one, tally, at, by)


def _one_more(one: Constraint, tally: Tally, fact: tuple[int, int], *, inside: bool) -> None:
    if not inside and "" not in tally.owed:
        return
    tally.count += 1
    if "" in tally.owed and one.at_least is not None and tally.count >= one.at_least:
        _settle(tally, "", fact, lifted=False)
    if inside and one.at_most is not None and tally.count > one.at_most:
        _break(tally, *fact)


def _begin_count(one: Constraint, tally: Tally, at: int, by: int) -> None:
    _watch(one, tally, at, by)
    if one.at_least is not None:
        tally.settled = None
        _owe(one, tally, "", at, by)


def _repeat(one: Constraint, tally: Tally, fact: tuple[int, int, int, str | None]) -> None:
    at, by, roles, _ = fact
    if roles & FACTS and tally.since:
        if "" in tally.owed:
            _settle(tally, "", (at, by), lifted=False)
        _owe(one, tally, "", at, by)
    if roles & UNLESS and "" in tally.owed:
        _settle(tally, "", (at, by), lifted=True)
    if roles & AFTER and not tally.since:
        _begin_repeat(one, tally, at, by)


def _begin_repeat(one: Constraint, tally: Tally, at: int, by: int) -> None:
    tally.since = (at, by)
    _owe(one, tally, "", at, by)


_BEGIN: dict[Rule, Callable[[Constraint, Tally, int, int], None]] = {
    Rule.ABSENCE: _watch,
    Rule.COUNT: _begin_count,
    Rule.REPEAT: _begin_repeat,
    Rule.SILENCE: _begin_repeat,
}
_STEP: dict[Rule, Callable[[Constraint, Tally, tuple[int, int, int, str | None]], None]] = {
    Rule.RESPONSE: _response,
    Rule.PRECEDENCE: _precedence,
    Rule.ABSENCE: _absence,
    Rule.COUNT: _count,
    Rule.REPEAT: _repeat,
    Rule.SILENCE: _repeat,
}
