"""The engine and the reference, side by side on one random thread."""

import json
from random import Random

from cordee.protocols.rules import conformance as engine
from tests.protocols import reference, threads


def told(verdict: engine.Verdict) -> reference.Read:
    """A verdict of the engine, in the shape of the reference."""
    return (
        verdict.status.value,
        verdict.since,
        verdict.due_at,
        verdict.because,
        verdict.breaches,
        verdict.last_breach_at,
        verdict.repaired_at,
    )


def compare(protocol, random: Random) -> int:
    """Move the engine along a random thread, as it was recorded, and compare each verdict with the
    reference. Return how many verdicts were compared. Raises AssertionError."""
    entered_at = random.choice(threads.ENTRIES)
    thread = threads.thread(random, protocol, entered_at)
    arrived = threads.arrivals(random, thread)
    state = engine.begun(protocol, entered_at)
    seen, compared = [], 0
    pauses = {random.randrange(len(arrived)), len(arrived) - 1}
    for place, fact in enumerate(arrived):
        state = engine.moved(protocol, state, fact)
        seen.append(fact)
        if place in pauses:
            state = json.loads(json.dumps(state))
            compared += _judge(protocol, random, (entered_at, seen), state)
    return compared


def _judge(protocol, random: Random, past, state) -> int:
    entered_at, seen = past
    last = max(fact.happened_at for fact in seen)
    first = reference.read(protocol, entered_at, seen, last)
    dues = [read[2] for read in first.values() if read[2]]
    compared = 0
    for now in threads.moments(random, seen, dues):
        wanted = reference.read(protocol, entered_at, seen, now)
        found = {one.of: told(one) for one in judged(protocol, past, state, now)}
        for of, read in wanted.items():
            assert found[of] == read, f"{of} at {now}: {found[of]} for {read}"
            compared += 1
    return compared


def judged(protocol, past, state, now):
    """Judge, after a replay when the state asks for one."""
    entered_at, seen = past
    try:
        return engine.judged(protocol, state, now)
    except engine.ReplayNeeded:
        again = engine.replayed(protocol, entered_at, seen, until=now)
        return engine.judged(protocol, again, now)
