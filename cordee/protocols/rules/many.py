"""Many persons confronted with a protocol at one moment: the verdicts of `conformance`, by columns.

What the engine says of one person, fact after fact, is said here of all of them, rule after rule.
It remembers nothing: it is for who wants every verdict at once (is the register true? what would
another text say?). The silences judged by a habit are not here: `watching` judges them.

A third reading of docs/protocoles.md: tests hold it to the engine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cordee.protocols.rules.columns import (
    NEVER,
    NOBODY,
    Bools,
    Facts,
    Ints,
    dues,
    heads,
    mask_of,
    patterns_of,
    tails,
    warnings,
)
from cordee.protocols.rules.conformance import Status
from cordee.protocols.rules.protocol import Already, Constraint, Patterns, Protocol, Rule, Step

STATUSES = tuple(Status)
_CODE = {status: code for code, status in enumerate(STATUSES)}
UNCONCERNED, RESPECTED = _CODE[Status.NOT_CONCERNED], _CODE[Status.RESPECTED]
VIOLATED, PENDING, AT_RISK = (
    _CODE[one] for one in (Status.VIOLATED, Status.PENDING, Status.AT_RISK)
)


@dataclass(slots=True)
class Said:
    """One verdict for each person: its fields are columns, NEVER where there is no moment."""

    status: Ints
    since: Ints
    due_at: Ints
    breaches: Ints
    last_breach_at: Ints
    repaired_at: Ints

    @classmethod
    def nothing(cls, persons: int) -> "Said":
        """Nobody is concerned yet."""
        status = np.full(persons, UNCONCERNED, dtype=np.int64)
        since, due, last, repaired = (np.full(persons, NEVER, dtype=np.int64) for _ in range(4))
        return cls(status, since, due, np.zeros(persons, dtype=np.int64), last, repaired)

    def say(self, whom: Any, status: Any, since: Any, **more: Any) -> None:
        """Say a status of some persons; what is not given is forgotten, breaches excepted."""
        self.status[whom], self.since[whom] = status, since
        self.due_at[whom] = more.get("due_at", NEVER)
        self.repaired_at[whom] = more.get("repaired_at", NEVER)

    @property
    def is_open(self) -> Bools:
        """Whether something broken still waits for somebody."""
        found: Bools = (self.status == VIOLATED) & (self.repaired_at == NEVER)
        return found


@dataclass(slots=True)
class Owed:
    """What was owed: whose, since when and which row, for when, and the row that ended it."""

    person: Ints
    since: Ints
    row: Ints
    due_at: Ints
    end: Ints
    lifted: Bools

    def some(self, which: Any) -> "Owed":
        """Keep some of them."""
        columns = (self.person, self.since, self.row, self.due_at, self.end, self.lifted)
        return Owed(*(column[which] for column in columns))


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdicts of everybody, by step or constraint, and who has left."""

    said: dict[str, Said]
    gone: Bools


def judged_many(protocol: Protocol, facts: Facts, entered: Ints, now: int) -> Judged:
    """Return the verdicts of each step that has a clock, then of each constraint, for persons who
    entered then, one row each. Who enters later than `now` is concerned by nothing.

    The facts are of whole threads, those from before the entry included, and those after `now`
    too, when they deny an exit."""
    reading = _Reading(protocol, facts, entered, now)
    found = {step.id: reading.of_step(step) for step in protocol.steps if step.clock}
    found |= {one.id: reading.of(one) for one in protocol.constraints}
    later = entered > now
    if later.any():
        for said in found.values():
            said.say(later, UNCONCERNED, NEVER)
            said.breaches[later], said.last_breach_at[later] = 0, NEVER
    return Judged(found, reading.gone)


class _Reading:
    """Threads and a protocol at a moment: which rows count, until when, and what is said."""

    def __init__(self, protocol: Protocol, facts: Facts, entered: Ints, now: int) -> None:
        self.protocol, self.facts, self.entered, self.now = protocol, facts, entered, now
        self.patterns, self.persons = patterns_of(protocol), len(entered)
        self.met: dict[Patterns, Ints] = {}
        self.since = facts.at >= entered[facts.person]
        self.begins = np.searchsorted(facts.person, np.arange(self.persons)) - 1
        left = self._exits()
        self.gone = left < len(facts.at)
        self.horizon = np.full(self.persons, now, dtype=np.int64)
        self.horizon[self.gone] = facts.at[left[self.gone]]
        self.known = facts.at <= now
        self.known &= np.arange(len(facts.at)) <= left[facts.person]
        self.stay = self.known & self.since

    def _exits(self) -> Ints:
        """Return the row of the exit of each person, or the number of rows."""
        beyond = len(self.facts.at)
        left = np.full(self.persons, beyond, dtype=np.int64)
        after = self.facts.at > self.entered[self.facts.person]
        for one in self.protocol.exits:
            rows = self.rows(one.facts, after & (self.facts.at <= self.now))
            denied = self._last(self.rows(one.unless, after))
            rows = rows[rows > denied[self.facts.person[rows]]]
            left = np.minimum(left, self._first(rows, beyond))
        return left

    def rows(self, patterns: Patterns, among: Bools) -> Ints:
        """Return the rows that meet one of some patterns, among some. They are looked for once:
        rules speak of the same, and few rows are left to choose among."""
        found = self.met.get(patterns)
        if found is None:
            mask = mask_of(self.patterns, patterns)
            found = self.met[patterns] = np.flatnonzero((self.facts.patterns & mask) != 0)
        return found[among[found]]

    def _first(self, rows: Ints, nothing: int = NOBODY) -> Ints:
        """Return the first of some rows for each person."""
        return self._of_each(rows, heads, nothing)

    def _last(self, rows: Ints) -> Ints:
        return self._of_each(rows, tails, NOBODY)

    def _of_each(self, rows: Ints, ends: Callable[[Ints], Bools], nothing: int) -> Ints:
        found = np.full(self.persons, nothing, dtype=np.int64)
        kept = rows[ends(self.facts.person[rows])]
        found[self.facts.person[kept]] = kept
        return found

    def at(self, rows: Ints) -> Ints:
        """Return the moment of each row; NEVER where there is none."""
        if not len(self.facts.at):
            return np.full(len(rows), NEVER, dtype=np.int64)
        return np.where(rows == NOBODY, NEVER, self.facts.at[rows])

    def already(self, already: Already | None, patterns: Patterns) -> Ints:
        """Return the row, before the entry, that made it so, for each person."""
        if already is None:
            return np.full(self.persons, NOBODY, dtype=np.int64)
        done = self._last(self.rows(patterns, ~self.since))
        done[done <= self._last(self.rows(already.unless, ~self.since))] = NOBODY
        if already.within is not None:
            had = np.flatnonzero(done != NOBODY)
            old = dues(self.facts.at[done[had]], already.within) < self.entered[had]
            done[had[old]] = NOBODY
        return done

    # --- steps -------------------------------------------------------------------------------

    def of_step(self, step: Step) -> Said:
        """The verdict on the clock of a step."""
        said = Said.nothing(self.persons)
        if step.clock is None:
            return said
        done, start = self.at(self._done(step)), self._start(step)
        none = start == NEVER
        free = none & (done != NEVER)
        said.say(free, RESPECTED, done[free])
        due = np.full(self.persons, NEVER, dtype=np.int64)
        due[~none] = dues(start[~none], step.clock.within)
        ended = ~none & (done != NEVER)
        whom = ended & (done <= due)
        said.say(whom, RESPECTED, done[whom], due_at=due[whom])
        whom = ended & (done > due)
        said.say(whom, VIOLATED, due[whom], due_at=due[whom], repaired_at=done[whom])
        late = ~none & (done == NEVER) & (due < self.horizon)
        said.say(late, VIOLATED, due[late], due_at=due[late])
        broken = late | whom
        said.breaches[broken], said.last_breach_at[broken] = 1, due[broken]
        wait = ~none & (done == NEVER) & ~late & ~self.gone
        warned = warnings(start[wait], due[wait], step.clock.warning)
        close = np.where(self.horizon[wait] >= warned, AT_RISK, PENDING)
        said.say(wait, close, start[wait], due_at=due[wait])
        return said

    def _done(self, step: Step) -> Ints:
        had = self.already(step.already, step.done)
        return np.where(had != NOBODY, had, self._first(self.rows(step.done, self.stay)))

    def _start(self, step: Step) -> Ints:
        """Return when the clock of a step started; what was done before starts it at the entry."""
        clock = step.clock
        if clock is None or not (clock.step or clock.after):
            return self.entered
        if clock.after:
            return self.at(self._first(self.rows(clock.after, self.stay)))
        before = self.protocol.step_of.get(clock.step)
        if before is None:
            return np.full(self.persons, NEVER, dtype=np.int64)
        start = self.at(self._done(before))
        return np.where((start != NEVER) & (start < self.entered), self.entered, start)

    # --- rules -------------------------------------------------------------------------------

    def of(self, one: Constraint) -> Said:
        """The verdict of a constraint."""
        return _RULES[one.rule](self, one)

    def response(self, one: Constraint) -> Said:
        """After A, B within the delay, for each thing that A names."""
        rows, group, bits = self._told_apart(one)
        opens, ends = (bits & 1) != 0, (bits & 6) != 0
        first = heads(group)
        was_open = np.zeros(len(rows), dtype=np.bool_)
        was_open[1:] = opens[:-1]
        starts = np.flatnonzero(opens & (first | ~was_open | ends))
        closers = np.flatnonzero(ends)
        place = np.searchsorted(closers, starts, side="right")
        has = place < len(closers)
        ended = np.full(len(starts), NOBODY, dtype=np.int64)
        ended[has] = closers[place[has]]
        ended[(ended != NOBODY) & (group[ended] != group[starts])] = NOBODY
        lifted = (bits[ended] & 2) == 0 if len(bits) else ended == NOBODY
        end = np.where(ended != NOBODY, rows[ended] if len(rows) else ended, NOBODY)
        begun = rows[starts]
        since = self.facts.at[begun]
        due = dues(since, one.within) if one.within else since
        owed = Owed(self.facts.person[begun], since, begun, due, end, lifted)
        return self._read(one, owed)

    def _told_apart(self, one: Constraint) -> tuple[Ints, Ints, Ints]:
        """Return the rows of a response, one after the other for each thing named: their group, and
        what each is (1 what starts, 2 what is expected, 4 an excuse)."""
        bits = np.zeros(len(self.facts.at), dtype=np.int64)
        for bit, patterns in ((1, one.after), (2, one.facts), (4, one.unless)):
            bits[self.rows(patterns, self.stay)] |= bit
        rows = np.flatnonzero(bits)
        if not one.for_each:
            return rows, self.facts.person[rows], bits[rows]
        about = self.facts.about[one.for_each][rows]
        named, loose = rows[about != 0], rows[(about == 0) & ((bits[rows] & 4) != 0)]
        about = about[about != 0]
        order = np.lexsort((named, about, self.facts.person[named]))
        named, about = named[order], about[order]
        fresh = heads(self.facts.person[named])
        fresh[1:] |= about[1:] != about[:-1]
        group = np.cumsum(fresh) - 1
        return self._excused((named, group, bits[named]), loose, np.flatnonzero(fresh))

    def _excused(
        self, told: tuple[Ints, Ints, Ints], loose: Ints, firsts: Ints
    ) -> tuple[Ints, Ints, Ints]:
        """Have an excuse that names nothing speak of everything that its person has."""
        rows, group, bits = told
        if not len(loose) or not len(rows):
            return told
        whose = self.facts.person[rows[firsts]]  # of each group
        low = np.searchsorted(whose, self.facts.person[loose])
        many = np.searchsorted(whose, self.facts.person[loose], side="right") - low
        spread = np.repeat(loose, many)
        within = np.arange(len(spread)) - np.repeat(np.cumsum(many) - many, many)
        rows = np.concatenate([rows, spread])
        group = np.concatenate([group, np.repeat(low, many) + within])
        bits = np.concatenate([bits, np.full(len(spread), 4, dtype=np.int64)])
        order = np.lexsort((rows, group))
        return rows[order], group[order], bits[order]

    def precedence(self, one: Constraint) -> Said:
        """B only if A came before."""
        said, done = Said.nothing(self.persons), self.rows(one.facts, self.stay)
        last = self._before(done, self.rows(one.after, self.known))
        good = last != NOBODY
        if one.within is not None and good.any():
            good[good] = self.facts.at[done[good]] <= dues(self.facts.at[last[good]], one.within)
        good |= self._before(done, self.rows(one.unless, self.known)) != NOBODY
        kept = self._last(done[good])
        whom = kept != NOBODY
        said.say(whom, RESPECTED, self.facts.at[kept[whom]])
        return self._forbidden(said, done[~good])

    def _before(self, rows: Ints, among: Ints) -> Ints:
        """Return, for each row, the last of others that came before it for the same person."""
        if not len(among):
            return np.full(len(rows), NOBODY, dtype=np.int64)
        found = among[np.maximum(np.searchsorted(among, rows) - 1, 0)]
        mine = (found < rows) & (self.facts.person[found] == self.facts.person[rows])
        return np.where(mine, found, NOBODY)

    def absence(self, one: Constraint) -> Said:
        """This does not happen, while a window is open."""
        done = self.rows(one.facts, self.stay)
        after = self.rows(one.after, self.stay)
        opened = self._before(done, after)
        closed = self._before(done, self.rows(one.until, self.stay))
        at = self.at(opened)
        if not one.after:
            at = np.where(closed == NOBODY, self.entered[self.facts.person[done]], NEVER)
        else:
            at[closed > opened] = NEVER
        bad = at != NEVER
        if one.within is not None and bad.any():
            bad[bad] = self.facts.at[done[bad]] <= dues(at[bad], one.within)
        said = Said.nothing(self.persons)
        begun = self.at(self._last(after)) if one.after else self.entered
        whom = begun != NEVER
        said.say(whom, RESPECTED, begun[whom])
        return self._forbidden(said, done[bad])

    def _anchor(self, one: Constraint) -> tuple[Ints, Ints]:
        """Return the row after which it counts, and since when; NEVER for who is not concerned."""
        if not one.after:
            return self.begins, self.entered
        first = self._first(self.rows(one.after, self.stay))
        had = self.already(one.already, one.after) != NOBODY
        begun = np.where(had, self.entered, self.at(first))
        return np.where(had, self.begins, first), begun

    def count(self, one: Constraint) -> Said:
        """So many times, from the entry or from the first A."""
        had = self.already(one.already, one.facts)
        anchor, begun = self._anchor(one)
        begun = np.where(had != NOBODY, NEVER, begun)
        concerned = begun != NEVER
        limit = np.full(self.persons, np.iinfo(np.int64).max)
        if one.within is not None:
            limit[concerned] = dues(begun[concerned], one.within)
        done = self._after(self.rows(one.facts, self.stay), anchor, concerned)
        excuse = self._first(self._after(self.rows(one.unless, self.stay), anchor, concerned))
        said = Said.nothing(self.persons)
        if one.at_least is None:
            said.say(concerned, RESPECTED, begun[concerned])
        else:
            whom = np.flatnonzero(concerned)
            end = self._nth(done, one.at_least)[whom]
            free = excuse[whom]
            lifted = (free != NOBODY) & ((end == NOBODY) | (free < end))
            end = np.where(lifted, free, end)
            row = np.where(begun == self.entered, NOBODY, anchor)[whom]
            said = self._read(one, Owed(whom, begun[whom], row, limit[whom], end, lifted))
        held = had != NOBODY
        said.say(held, RESPECTED, self.facts.at[had[held]])
        if one.at_most is None:
            return said
        person = self.facts.person[done]
        inside = self.facts.at[done] <= limit[person]
        inside &= (excuse[person] == NOBODY) | (done <= excuse[person])
        done = done[inside]
        return self._exceeded(said, done[self._rank(done) >= one.at_most])

    def _exceeded(self, said: Said, rows: Ints) -> Said:
        """A count cannot both lack and exceed: what exceeds is all that is said."""
        whom = np.unique(self.facts.person[rows])
        said.breaches[whom], said.last_breach_at[whom] = 0, NEVER
        return self._forbidden(said, rows)

    def _after(self, rows: Ints, anchor: Ints, concerned: Bools) -> Ints:
        person = self.facts.person[rows]
        return rows[concerned[person] & (rows > anchor[person])]

    def _rank(self, rows: Ints) -> Ints:
        """Return how many of some rows of the same person come before each."""
        first = heads(self.facts.person[rows])
        place = np.arange(len(rows))
        return place - np.maximum.accumulate(np.where(first, place, 0)) if len(rows) else place

    def _nth(self, rows: Ints, nth: int) -> Ints:
        return self._first(rows[self._rank(rows) == nth - 1])

    def repeat(self, one: Constraint) -> Said:
        """Again and again: each fact starts the clock again; an excuse stops it until the next."""
        anchor, begun = self._anchor(one)
        concerned = begun != NEVER
        done = self._after(self.rows(one.facts, self.stay), anchor, concerned)
        excuses = self._after(self.rows(one.unless, self.stay), anchor, concerned)
        whom = np.flatnonzero(concerned)
        is_done, is_excuse = self._among(done), self._among(excuses)
        starts = done[~is_excuse[done]]
        row = np.concatenate([anchor[whom], starts])
        person = np.concatenate([whom, self.facts.person[starts]])
        since = np.concatenate([begun[whom], self.facts.at[starts]])
        order = np.argsort(person, kind="stable")
        row, person, since = row[order], person[order], since[order]
        closers = np.flatnonzero(is_done | is_excuse)
        place = np.searchsorted(closers, row, side="right")
        end = np.full(len(row), NOBODY, dtype=np.int64)
        has = place < len(closers)
        end[has] = closers[place[has]]
        end[has] = np.where(self.facts.person[end[has]] == person[has], end[has], NOBODY)
        lifted = end != NOBODY
        lifted[lifted] = ~is_done[end[lifted]]
        if one.within is None:
            raise ValueError(f"{one.id}: what is owed has a delay")
        return self._read(one, Owed(person, since, row, dues(since, one.within), end, lifted))

    def _among(self, rows: Ints) -> Bools:
        """Tell of each row of the columns whether it is one of some."""
        found = np.zeros(len(self.facts.at), dtype=np.bool_)
        found[rows] = True
        return found

    def _forbidden(self, said: Said, rows: Ints) -> Said:
        """Say what was done that cannot be undone: since the first, so many times, last when."""
        if not len(rows):
            return said
        first, last = self._first(rows), self._last(rows)
        whom = first != NOBODY
        said.say(whom, VIOLATED, self.facts.at[first[whom]])
        said.breaches += np.bincount(self.facts.person[rows], minlength=self.persons)
        said.last_breach_at[whom] = self.facts.at[last[whom]]
        return said

    def _read(self, one: Constraint, owed: Owed) -> Said:
        """Read together what is owed, was done, was done late, or was lifted."""
        said = Said.nothing(self.persons)
        ended_at = self.at(owed.end)
        ended = owed.end != NOBODY
        standing = ~ended & (owed.due_at < self.horizon[owed.person])
        late = standing | (ended & (ended_at > owed.due_at))
        _count_breaches(said, owed.person[late], owed.due_at[late])
        self._say_ended(said, owed, ended & (late | ~owed.lifted))
        waits = ~ended & ~standing & ~self.gone[owed.person]
        first = _most_urgent(owed, waits)
        warned = warnings(first.since, first.due_at, one.warning)
        close = np.where(self.horizon[first.person] >= warned, AT_RISK, PENDING)
        said.say(first.person, close, first.since, due_at=first.due_at)
        worst = _most_urgent(owed, standing)
        said.say(worst.person, VIOLATED, worst.due_at, due_at=worst.due_at)
        return said

    def _say_ended(self, said: Said, owed: Owed, told: Bools) -> None:
        last = owed.some(_ends_of_each(owed.person, told, (owed.row, owed.end), tails))
        at = self.at(last.end)
        in_time = at <= last.due_at
        one, other = last.some(in_time), last.some(~in_time)
        said.say(one.person, RESPECTED, at[in_time], due_at=one.due_at)
        said.say(
            other.person, VIOLATED, other.due_at, due_at=other.due_at, repaired_at=at[~in_time]
        )


def _most_urgent(owed: Owed, among: Bools) -> Owed:
    by = (owed.row, owed.since, owed.due_at)
    return owed.some(_ends_of_each(owed.person, among, by, heads))


def _ends_of_each(
    person: Ints, among: Bools, by: tuple[Ints, ...], ends: Callable[[Ints], Bools]
) -> Ints:
    """Return the place of the first or the last of some for each person; `by`: as in lexsort. Only
    what is compared is moved: what is kept of each is read once, by who asks."""
    some = np.flatnonzero(among)
    if not len(some):
        return some
    some = some[np.lexsort((*(column[some] for column in by), person[some]))]
    return some[ends(person[some])]


def _count_breaches(said: Said, person: Ints, due_at: Ints) -> None:
    if len(person):
        said.breaches += np.bincount(person, minlength=len(said.breaches))
        np.maximum.at(said.last_breach_at, person, due_at)


_RULES: dict[Rule, Callable[[_Reading, Constraint], Said]] = {
    Rule.RESPONSE: _Reading.response,
    Rule.PRECEDENCE: _Reading.precedence,
    Rule.ABSENCE: _Reading.absence,
    Rule.COUNT: _Reading.count,
    Rule.REPEAT: _Reading.repeat,
    Rule.SILENCE: _Reading.repeat,
}
