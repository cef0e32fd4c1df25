"""The pathway as a line with stations: done, due, late, skipped, ahead."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cordee.protocols.rules import conformance
from cordee.protocols.rules.clocks import moment
from cordee.protocols.rules.conformance import State, Status, Verdict
from cordee.protocols.rules.protocol import Protocol, Step


class Place(StrEnum):
    """Where a station is, for the person, at a moment."""

    DONE = "done"
    BEFORE = "before"  # done before the entry, which counts
    DONE_LATE = "done_late"
    AHEAD = "ahead"  # done before what starts its clock
    SKIPPED = "skipped"  # not done, and a step that waits for it is
    LATE = "late"
    DUE = "due"
    WAITING = "waiting"  # its clock has not started, or it has none
    LIFTED = "lifted"  # the person left before it was due


@dataclass(frozen=True, slots=True)
class Station:
    """One step, as it is drawn."""

    step: Step
    place: Place
    done_at: datetime | None
    due_at: datetime | None


def stations(protocol: Protocol, state: State, now: datetime) -> tuple[Station, ...]:
    """Return the line, in the order of the document. Raises ReplayNeeded."""
    verdicts = {one.of: one for one in conformance.judged(protocol, state, now)}
    keys = conformance.steps_done(protocol, state, now)
    left = conformance.has_left(state, now)
    return tuple(
        _before(state, step, keys) or _station(protocol, step, verdicts.get(step.id), (keys, left))
        for step in protocol.steps
    )


def _before(
    state: State, step: Step, keys: dict[str, tuple[int | None, int | None]]
) -> Station | None:
    done = keys[step.id][0]
    if done is None or done >= state["entered"]:
        return None
    return Station(step, Place.BEFORE, moment(done), None)


def _station(
    protocol: Protocol,
    step: Step,
    verdict: Verdict | None,
    seen: tuple[dict[str, tuple[int | None, int | None]], bool],
) -> Station:
    keys, left = seen
    done, start = keys[step.id]
    due_at = verdict.due_at if verdict else None
    done_at = None if done is None else moment(done)
    if done is not None:
        is_ahead = step.clock is not None and (start is None or done < start)
        is_late = verdict is not None and verdict.status is Status.VIOLATED
        place = Place.AHEAD if is_ahead else Place.DONE_LATE if is_late else Place.DONE
        return Station(step, place, done_at, due_at)
    return Station(step, _undone(protocol, step, verdict, seen), None, due_at)


def _undone(
    protocol: Protocol,
    step: Step,
    verdict: Verdict | None,
    seen: tuple[dict[str, tuple[int | None, int | None]], bool],
) -> Place:
    keys, left = seen
    waiting = [one.id for one in protocol.steps if one.clock and one.clock.step == step.id]
    if any(keys[id_][0] is not None for id_ in waiting):
        return Place.SKIPPED
    if verdict is not None and verdict.status is Status.VIOLATED:
        return Place.LATE
    if left:
        return Place.LIFTED
    if verdict is not None and verdict.status in (Status.PENDING, Status.AT_RISK):
        return Place.DUE
    return Place.WAITING
