"""A thread confronted with a protocol, one fact at a time, whatever the order they are recorded in.

`begun` → a state, kept as JSON. `moved` takes one more fact; `judged` says what holds at a moment;
`wake_at` when it changes by itself; `rejudged` what a fact recorded late changes of the past.

What bounds a state: of each constraint, the last 16 facts that concern it, the summary of those
before, and what is still owed (one line for each thing somebody has to do). A fact that happened
before the summary cannot be put back in its place: the state then asks for a replay
(`needs_replay`), and judging it raises ReplayNeeded. `replayed` reads the thread again, and gives
the verdicts of a thread recorded in order. A fact given twice counts once. A fact that denies an
exit (« la personne est en vie ») says that it never happened, whatever the moment judged.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cordee.protocols.rules import tally
from cordee.protocols.rules.clocks import due, micros, moment, warned
from cordee.protocols.rules.protocol import Constraint, Protocol, Rule, Step

KEPT = 16
RECORDED_AT_ONCE = 60_000_000  # microseconds
EXITS_KEPT = 8
State = dict[str, Any]
Key = tuple[int, int]  # when, and the number of the line: the order of a thread
Line = tuple[int, int, int, str | None]


class ReplayNeeded(Exception):
    """The state does not remember enough of the past: read the thread again."""


class Status(StrEnum):
    """What a constraint, or the clock of a step, says at a moment."""

    RESPECTED = "respected"
    PENDING = "pending"
    AT_RISK = "at_risk"
    VIOLATED = "violated"
    NOT_CONCERNED = "not_concerned"


@dataclass(frozen=True, slots=True)
class Happening:
    """A fact of the thread: its number, what, when it happened and when it was recorded."""

    id: int
    kind: str
    happened_at: datetime
    recorded_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds, of a constraint or of a step (`of`).

    The status is that of what is owed now, else of what was owed last. Violated with a
    `repaired_at`: it was done, too late. `breaches` counts every time, repaired or not; `because`
    holds the numbers of the facts that explain it. It holds until `changes_at`, if nothing happens.
    """

    of: str
    status: Status
    since: datetime | None
    due_at: datetime | None
    expected: str
    because: tuple[int, ...]
    who: str
    breaches: int = 0
    last_breach_at: datetime | None = None
    repaired_at: datetime | None = None
    changes_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether something broken still waits for somebody."""
        return self.status is Status.VIOLATED and self.repaired_at is None


@dataclass(frozen=True, slots=True)
class Rejudged:
    """What a fact recorded late changes of the past."""

    by: int
    before: Verdict
    after: Verdict


def begun(protocol: Protocol, entered_at: datetime) -> State:
    """Return the state of who enters at this moment. Raises ValueError without a zone."""
    return {
        "of": protocol.name,
        "entered": micros(entered_at),
        "exits": {},
        "before": {},
        "steps": {},
        "rules": {},
        "replay": False,
    }


def replayed(
    protocol: Protocol,
    entered_at: datetime,
    thread: Iterable[Happening],
    *,
    until: datetime | None = None,
) -> State:
    """Return the state that the whole thread gives; it does not need to be replayed itself.

    `until`: a moment of the past to judge; what happened later is left out, and the state is of no
    other use."""
    state = begun(protocol, entered_at)
    facts = sorted(thread, key=lambda one: (micros(one.happened_at), one.id))
    for fact in facts:  # when the person left is known before anything is folded
        state = _moved(protocol, state, fact, leaving=True)
    for fact in facts:
        if until is None or micros(fact.happened_at) <= micros(until):
            state = _moved(protocol, state, fact, leaving=False)
    return state


def moved(protocol: Protocol, state: State, fact: Happening) -> State:
    """Return the state after one more fact; the state given is left as it was.

    Raises ValueError when the state is of another version, or the fact has no zone."""
    after = _moved(protocol, state, fact, leaving=True)
    return _moved(protocol, after, fact, leaving=False)


def needs_replay(state: State) -> bool:
    """Tell whether a fact came from before what the state still remembers."""
    left = _left(state)
    return bool(
        state["replay"]
        or any(_exit_lost(kept) for kept in state["exits"].values())
        or any(_is_lost(entry, left) for entry in state["rules"].values())
    )


def judged(protocol: Protocol, state: State, now: datetime) -> tuple[Verdict, ...]:
    """Return the verdict of each step that has a clock, then of each constraint, in the order of
    the document. Facts that are said to happen after `now` wait.

    Raises ReplayNeeded when the state does not remember enough."""
    return outlook(protocol, state, now)[0]


def outlook(
    protocol: Protocol, state: State, now: datetime
) -> tuple[tuple[Verdict, ...], datetime | None]:
    """Return what `judged` and `wake_at` do, in one reading of the state."""
    at = micros(now)
    seen = _views(protocol, state, at)
    steps = [step for step in protocol.steps if step.clock]
    told: list[Step | Constraint] = [*steps, *protocol.constraints]
    verdicts = tuple(_said(one.id, one.title, one.role, seen[one.id]) for one in told)
    changes = [view.next_at for view in seen.values() if view.next_at]
    changes += [state["entered"], *(key[0] for key in _dated(state, at))]
    coming = [change for change in changes if change > at]
    return verdicts, moment(min(coming)) if coming else None


def wake_at(protocol: Protocol, state: State, now: datetime) -> datetime | None:
    """Return the first moment after `now` when a verdict may change although nothing happens."""
    return outlook(protocol, state, now)[1]


def has_left(state: State, now: datetime) -> bool:
    """Tell whether the person has left the pathway at this moment."""
    return _end(state, micros(now))[1] is not None


def steps_done(
    protocol: Protocol, state: State, now: datetime
) -> dict[str, tuple[int | None, int | None]]:
    """Return, in microseconds, when each step was first done and when its clock was started."""
    end = _end(state, micros(now))
    found = {step.id: _step_keys(protocol, state, step, end) for step in protocol.steps}
    return {id_: (done and done[0], start and start[0]) for id_, (done, start) in found.items()}


def rejudged(
    protocol: Protocol, before: State, after: State, fact: Happening
) -> tuple[Rejudged, ...]:
    """Return the verdicts on the past that a fact recorded late changes: what was broken was not,
    or what seemed right was broken. A task done late changes the present only: it is not told.

    Raises ReplayNeeded; `after` may then be what `replayed` gives."""
    then = fact.recorded_at
    if micros(then) - micros(fact.happened_at) <= RECORDED_AT_ONCE:
        return ()
    pairs = zip(judged(protocol, before, then), judged(protocol, after, then), strict=True)
    return tuple(
        Rejudged(fact.id, old, new)
        for old, new in pairs
        if (old.breaches, old.last_breach_at) != (new.breaches, new.last_breach_at)
    )


def _moved(protocol: Protocol, state: State, fact: Happening, *, leaving: bool) -> State:
    """Take what the fact says of the exit, or else all the rest that it says."""
    if state["of"] != protocol.name:
        raise ValueError(f"a state of {state['of']} is not judged by {protocol.name}")
    key = (micros(fact.happened_at), fact.id)
    roles: dict[str, int] = {}
    after = state
    for place, of, pattern in protocol.places.get(fact.kind, ()):
        is_exit = place in _EXITS
        if is_exit is not leaving or not pattern.meets(fact.kind, fact.data):
            continue
        if is_exit:
            after = _left_by(after, of, key, denied=place == "stay")
        elif place in _BEFORE:
            after = _noted(after, of, key, _BEFORE[place])
        elif place in tally.BITS:
            roles[of] = roles.get(of, 0) | tally.BITS[place]
        else:
            after = _stepped(after, of, key, _STEPS[place])
    for of, bits in roles.items():
        after = _ruled(protocol.by_id[of], after, (*key, bits, None), fact.data)
    return after


_EXITS = ("exit", "stay")
_STEPS = {"done": 0, "start": 1}
_BEFORE = {"already": 0, "undone": 1}


def _left_by(state: State, rank: str, key: Key, *, denied: bool) -> State:
    """Note an exit, or that those noted before had not happened: [exits, denied at, forgotten]."""
    exits, no_more, forgotten = state["exits"].get(rank) or ([], None, None)
    if key[0] <= state["entered"]:
        return state
    if denied:
        no_more = max(tuple(no_more), key) if no_more else key
    else:
        exits = sorted({*(tuple(one) for one in exits), key})
    if no_more:
        exits = [one for one in exits if tuple(one) > tuple(no_more)]
    beyond = [tuple(one) for one in [*exits[EXITS_KEPT:], *([forgotten] if forgotten else [])]]
    last = max(beyond, default=None)
    if last and no_more and last <= tuple(no_more):
        last = None
    kept = [list(one) for one in exits[:EXITS_KEPT]]
    entry = [kept, no_more and list(no_more), last and list(last)]
    return {**state, "exits": {**state["exits"], rank: entry}}


def _exit_lost(kept: list[Any]) -> bool:
    exits, _, forgotten = kept
    return not exits and forgotten is not None


def _left(state: State) -> Key | None:
    """Return when the person left, if they did."""
    firsts = [tuple(kept[0][0]) for kept in state["exits"].values() if kept[0]]
    return min(firsts, default=None)


def _noted(state: State, of: str, key: Key, place: int) -> State:
    """Keep the last time before the entry that something was so, or was so no more."""
    if key[0] >= state["entered"]:
        return state
    entry = list(state["before"].get(of) or (None, None))
    if entry[place] is not None and tuple(entry[place]) >= key:
        return state
    entry[place] = list(key)
    folded = state["rules"].get(of)
    stale = bool(folded and folded[0])  # the summary began without knowing it
    before = {**state["before"], of: entry}
    return {**state, "before": before, "replay": state["replay"] or stale}


def _already(state: State, what: Step | Constraint) -> Key | None:
    """Return since when, before the entry, it was so, if it still was at the entry."""
    if what.already is None:
        return None
    done, undone = state["before"].get(what.id) or (None, None)
    if done is None or (undone is not None and tuple(done) <= tuple(undone)):
        return None
    within = what.already.within
    if within is not None and due(done[0], within) < state["entered"]:
        return None
    return done[0], done[1]


def _stepped(state: State, of: str, key: Key, place: int) -> State:
    """Keep the first time that a step was done, or that its clock was started."""
    if key[0] < state["entered"]:
        return state
    entry = list(state["steps"].get(of) or (None, None))
    if entry[place] is not None and tuple(entry[place]) <= key:
        return state
    entry[place] = list(key)
    return {**state, "steps": {**state["steps"], of: entry}}


def _ruled(one: Constraint, state: State, line: Line, data: Mapping[str, Any]) -> State:
    """Put the fact in its place among those of the constraint."""
    at, by, bits, _ = line
    if at < state["entered"]:  # from before, counts only what had to come before
        bits &= tally.AFTER | tally.UNLESS if one.rule is Rule.PRECEDENCE else 0
    if not bits:
        return state
    about = data.get(one.for_each) if one.for_each else ""
    line = (at, by, bits, None if about is None else str(about))
    entry = state["rules"].get(one.id) or [None, None, [], None]
    if entry[1] is not None and (at, by) <= tuple(entry[1]):
        return {**state, "replay": True}
    kept = _kept(one, entry, line, state)
    return {**state, "rules": {**state["rules"], one.id: kept}}


def _kept(one: Constraint, entry: list[Any], line: Line, state: State) -> list[Any]:
    """Insert a line among the last ones; fold the oldest when there are too many."""
    summary, floor, lines, dropped = entry
    key = line[:2]
    place = bisect_left(lines, list(key), key=lambda kept: kept[:2])
    if place < len(lines) and tuple(lines[place][:2]) == key:
        return entry
    lines = [*lines[:place], list(line), *lines[place:]]
    if len(lines) <= KEPT:
        return [summary, floor, lines, dropped]
    left = _left(state)
    if left is not None and tuple(lines[0][:2]) > left:
        # After the exit nothing counts, unless the exit is denied: only the first are kept.
        last = lines.pop()[:2]
        return [summary, floor, lines, min(dropped, last) if dropped else last]
    oldest = lines.pop(0)
    folded = tally.loaded(summary) if summary else _opened(one, state)
    tally.step(one, folded, tuple(oldest))
    return [folded.dumped(), oldest[:2], lines, dropped]


def _opened(one: Constraint, state: State) -> tally.Tally:
    return tally.opened(one, state["entered"], _already(state, one))


def _is_lost(entry: list[Any], left: Key | None) -> bool:
    """Tell whether the exit falls in what was folded, or after what was dropped."""
    _, floor, _, dropped = entry
    if left is None:
        return dropped is not None
    return (floor is not None and tuple(floor) > left) or (
        dropped is not None and tuple(dropped) <= left
    )


def _views(protocol: Protocol, state: State, at: int) -> dict[str, tally.View]:
    if needs_replay(state):
        raise ReplayNeeded(state["of"])
    if at < state["entered"]:
        ids = (*(step.id for step in protocol.steps), *protocol.by_id)
        return dict.fromkeys(ids, tally.View("not_concerned"))
    end = _end(state, at)
    found = {step.id: _step_view(protocol, state, step, end) for step in protocol.steps}
    for one in protocol.constraints:
        found[one.id] = _rule_view(one, state, *end)
    return found


def _end(state: State, at: int) -> tuple[int, Key | None]:
    """Return the moment judged, and the exit if it came before."""
    left = _left(state)
    return at, left if left is not None and left[0] <= at else None


def _rule_view(one: Constraint, state: State, at: int, left: Key | None) -> tally.View:
    entry = state["rules"].get(one.id)
    summary, floor, lines, _ = entry or (None, None, (), None)
    if floor is not None and floor[0] > at:
        raise ReplayNeeded(one.id)
    sum_ = tally.loaded(summary) if summary else _opened(one, state)
    for line in lines:
        if line[0] > at or (left is not None and (line[0], line[1]) > left):
            break
        tally.step(one, sum_, line)
    return tally.view(one, sum_, left[0] if left else at, left=left is not None)


def _step_view(
    protocol: Protocol, state: State, step: Step, end: tuple[int, Key | None]
) -> tally.View:
    """Judge the clock of a step: from the first start, to the first time it was done."""
    at, left = end
    horizon = left[0] if left else at
    done, start = _step_keys(protocol, state, step, end)
    if step.clock is None or start is None:
        if step.clock is None or done is None:
            return tally.View("not_concerned")
        return tally.View("respected", done[0], None, (done[1],))
    due_at = due(start[0], step.clock.within)
    because = tuple(key[1] for key in (start, done) if key and key[1] != tally.ENTRY)
    if done is not None:
        return _done_view(done, due_at, because)
    if due_at < horizon:
        return tally.View("violated", due_at, due_at, because, 1, due_at)
    if left is not None:
        return tally.View("not_concerned")
    warned_at = warned(start[0], due_at, step.clock.warning)
    is_close = horizon >= warned_at
    return tally.View(
        "at_risk" if is_close else "pending",
        start[0],
        due_at,
        because,
        next_at=due_at + 1 if is_close else warned_at,
    )


def _done_view(done: Key, due_at: int, because: tuple[int, ...]) -> tally.View:
    if done[0] > due_at:
        return tally.View("violated", due_at, due_at, because, 1, due_at, repaired_at=done[0])
    return tally.View("respected", done[0], due_at, because)


def _step_keys(
    protocol: Protocol, state: State, step: Step, end: tuple[int, Key | None]
) -> tuple[Key | None, Key | None]:
    """Return when a step was first done, and when its clock was started, at this moment.

    What was done before the entry starts the clocks that wait for it at the entry."""
    entry = (state["entered"], tally.ENTRY)
    done = _first_done(protocol, state, step.id, end)
    if step.clock is None:
        return done, None
    if step.clock.step:
        start = _first_done(protocol, state, step.clock.step, end)
        return done, entry if start is not None and start < entry else start
    if step.clock.after:
        return done, _within(state, step.id, 1, end)
    return done, entry


def _first_done(
    protocol: Protocol, state: State, of: str, end: tuple[int, Key | None]
) -> Key | None:
    step = protocol.step_of.get(of)
    return (step and _already(state, step)) or _within(state, of, 0, end)


def _within(state: State, of: str, place: int, end: tuple[int, Key | None]) -> Key | None:
    entry = state["steps"].get(of)
    if entry is None or entry[place] is None:
        return None
    key = (entry[place][0], entry[place][1])
    at, left = end
    return key if key[0] <= at and (left is None or key <= left) else None


def _dated(state: State, at: int) -> Iterable[Key]:
    """Return the keys of facts that a later moment could let in."""
    for kept in state["exits"].values():
        yield from (tuple(one) for one in kept[0])
    for entry in state["steps"].values():
        yield from (tuple(one) for one in entry if one)
    for _, _, lines, _ in state["rules"].values():
        if lines:  # they are sorted: if any is to come, the last one is
            yield from ((line[0], line[1]) for line in lines if lines[-1][0] > at)


def _said(of: str, expected: str, who: str, view: tally.View) -> Verdict:
    return Verdict(
        of=of,
        status=Status(view.status),
        since=_moment(view.since),
        due_at=_moment(view.due_at),
        expected=expected,
        because=view.because,
        who=who,
        breaches=view.breaches,
        last_breach_at=_moment(view.last_breach_at),
        repaired_at=_moment(view.repaired_at),
        changes_at=_moment(view.next_at),
    )


def _moment(at: int | None) -> datetime | None:
    return None if at is None else moment(at)
