"""What of a pathway waits for somebody at a moment: the verdicts of the engine, and the silences
judged by the person's own habit (`silence`), as one list of troubles; and what becomes of the
ruptures that are known.

A trouble is named by its constraint or step and by its moment: when it is due, or when what was
forbidden happened. The same moment is the same rupture, however often the thread is read again.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cordee.protocols.rules import conformance, tally
from cordee.protocols.rules.clocks import micros, moment
from cordee.protocols.rules.conformance import State, Status, Verdict
from cordee.protocols.rules.outcomes import OPEN, Standing
from cordee.protocols.rules.protocol import Constraint, Protocol, Rule
from cordee.protocols.rules.silence import Basis, News, Silence, silence_of

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is broken, or close to be: what was expected, for when, and who may act.

    `undone`: what happened cannot be undone; `basis` and `gaps`: what a silence rests on."""

    of: str
    at: datetime
    standing: Standing
    expected: str
    who: str
    because: tuple[int, ...]
    undone: bool = False
    basis: str = ""
    gaps: int = 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What holds at a moment: every verdict, what waits for somebody, and when to look again."""

    verdicts: tuple[Verdict, ...]
    troubles: tuple[Trouble, ...]
    silences: dict[str, Silence]
    wake_at: datetime | None
    has_left: bool


def look(protocol: Protocol, state: State, now: datetime) -> Outlook:
    """Say what waits for somebody at this moment. Raises ReplayNeeded.

    After the exit nothing waits any more."""
    verdicts, wake = conformance.outlook(protocol, state, now)
    left = conformance.has_left(state, now)
    silences = {} if left else dict(_silences(protocol, state, verdicts, now))
    found = [] if left else [_trouble(one, silences.get(one.of)) for one in verdicts]
    limits = [one.limit_at + INSTANT for one in silences.values() if one.limit_at]
    coming = [at for at in (wake, *limits) if at is not None and at > now]
    troubles = tuple(one for one in found if one is not None)
    return Outlook(verdicts, troubles, silences, min(coming, default=None), left)


def _trouble(verdict: Verdict, silence: Silence | None) -> Trouble | None:
    if silence is not None:
        return _of_silence(verdict, silence)
    at = verdict.due_at or verdict.last_breach_at
    if at is None or not (verdict.is_open or verdict.status is Status.AT_RISK):
        return None
    standing = Standing.LATE if verdict.is_open else Standing.AT_RISK
    undone = verdict.is_open and verdict.due_at is None
    return Trouble(verdict.of, at, standing, verdict.expected, verdict.who, verdict.because, undone)


def _of_silence(verdict: Verdict, silence: Silence) -> Trouble | None:
    """The habit of the person says when it is too long; the protocol warns before."""
    close = verdict.status in (Status.AT_RISK, Status.VIOLATED)
    if silence.limit_at is None or not (silence.is_long or close):
        return None
    return Trouble(
        of=verdict.of,
        at=silence.limit_at,
        standing=Standing.LATE if silence.is_long else Standing.AT_RISK,
        expected=verdict.expected,
        who=verdict.who,
        because=silence.because,
        basis=silence.basis.value,
        gaps=silence.gaps,
    )


def _silences(
    protocol: Protocol, state: State, verdicts: Collection[Verdict], now: datetime
) -> Iterator[tuple[str, Silence]]:
    """Judge each silence that runs by what the state remembers of the news."""
    running = {one.of: one for one in verdicts if one.status is not Status.NOT_CONCERNED}
    for one in protocol.constraints:
        if one.rule is Rule.SILENCE and one.id in running and not _is_paused(running[one.id]):
            yield one.id, _silence(protocol, one, state, now)


def _is_paused(verdict: Verdict) -> bool:
    """Nothing is owed: an « unless » stopped the clock until the next news."""
    return verdict.status is Status.RESPECTED or verdict.repaired_at is not None


def _silence(protocol: Protocol, one: Constraint, state: State, now: datetime) -> Silence:
    entry = state["rules"].get(one.id)
    lines = entry[2] if entry else []
    news = [
        News(by, moment(at), step_at(protocol, state, at))
        for at, by, bits, _ in lines
        if bits & tally.FACTS
    ]
    begun = min((at for at, _, bits, _ in lines if bits & tally.AFTER), default=state["entered"])
    return silence_of(
        news,
        entered_at=moment(begun if one.after else state["entered"]),
        step=step_at(protocol, state, micros(now)),
        figure=one.within,
        now=now,
    )


def step_at(protocol: Protocol, state: State, at: int) -> str:
    """Return the last step done by then: that is the step the person was at."""
    done = [
        (tuple(entry[0]), step.id)
        for step in protocol.steps
        if (entry := state["steps"].get(step.id)) and entry[0] and entry[0][0] <= at
    ]
    return max(done)[1] if done else ""


# --- what becomes of the ruptures that are known --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """A rupture as it was written: the last of its name and moment."""

    of: str
    at: datetime
    standing: Standing
    undone: bool
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What must be written: a rupture of this name and moment now stands there, since `when`."""

    of: str
    at: datetime
    standing: Standing
    when: datetime
    trouble: Trouble | None = None


def changes(
    known: Sequence[Known], seen: Outlook, *, unbroken: Collection[str], when: datetime
) -> tuple[Change, ...]:
    """Say what a look changes of the ruptures that are known.

    `unbroken`: what a fact recorded late shows was never broken. `when`: the moment of what moved
    the pathway. What somebody settled by hand stays settled."""
    by_name = {(one.of, one.at): one for one in known}
    told = {(one.of, one.at): one for one in seen.troubles}
    found = []
    for name, trouble in told.items():
        before = by_name.get(name)
        settled = before is not None and before.by_hand and before.standing not in OPEN
        if not settled and (before is None or before.standing != trouble.standing):
            found.append(Change(*name, trouble.standing, when, trouble))
    verdicts = {one.of: one for one in seen.verdicts}
    for name, before in by_name.items():
        if before.standing in OPEN and name not in told:
            found += _ended(before, verdicts.get(before.of), seen.has_left, (unbroken, when))
    return tuple(found)


def _ended(
    known: Known, verdict: Verdict | None, left: bool, heard: tuple[Collection[str], datetime]
) -> list[Change]:
    """Say how a rupture that nothing tells of any more ended: done, or no longer owed."""
    unbroken, when = heard
    if left or verdict is None or known.of in unbroken:
        return [Change(known.of, known.at, Standing.LIFTED, when)]
    if known.undone and verdict.is_open and verdict.due_at is None:
        return []  # the same thing was done again: the first one still waits for somebody
    if known.undone or verdict.status is Status.NOT_CONCERNED:
        return [Change(known.of, known.at, Standing.LIFTED, when)]
    done_at = verdict.repaired_at if verdict.due_at == known.at else None
    return [Change(known.of, known.at, Standing.REPAIRED, done_at or when)]


SAID = {
    Basis.OWN_STEP: "d’après ses propres habitudes à cette étape",
    Basis.OWN: "d’après ses propres habitudes",
    Basis.PROTOCOL: "d’après le délai du protocole",
    Basis.NONE: "",
}


def basis_said(basis: str, gaps: int) -> str:
    """Say in words what a silence rests on."""
    if not basis:
        return ""
    said = SAID[Basis(basis)]
    return f"{said} ({gaps} intervalles connus)" if gaps else said
