"""The engine says, fact after fact, what a slow reading of the whole thread says."""

from collections import Counter
from itertools import cycle, islice
from random import Random

import pytest

from cordee.protocols.rules import conformance as engine
from cordee.protocols.rules.clocks import MICRO
from tests.protocols import threads
from tests.protocols.comparison import compare, judged, told
from tests.protocols.shelf import library

THREADS = 500
BATCH = 50


@pytest.mark.parametrize("batch", range(THREADS // BATCH))
def test_random_threads_get_the_same_verdicts_from_the_shipped_protocols(batch):
    shelf = sorted(library())
    for seed, id_ in islice(zip(range(THREADS), cycle(shelf)), batch * BATCH, (batch + 1) * BATCH):
        try:
            assert compare(library()[id_], Random(seed)) > 0
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, {id_}: {error}") from error


@pytest.mark.parametrize("batch", range(4))
def test_random_threads_get_the_same_verdicts_from_random_protocols(batch):
    for seed in range(batch * 50, (batch + 1) * 50):
        random = Random(seed)
        try:
            assert compare(threads.protocol(random), random) > 0
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error


def test_random_threads_meet_every_rule_in_every_state_and_ask_for_replays():
    seen, replays, already = Counter(), 0, 0
    for seed in range(150):
        random = Random(seed)
        protocol = threads.protocol(random)
        entered_at = random.choice(threads.ENTRIES)
        thread = threads.thread(random, protocol, entered_at)
        state = engine.begun(protocol, entered_at)
        for fact in threads.arrivals(random, thread):
            state = engine.moved(protocol, state, fact)
        replays += engine.needs_replay(state)
        already += bool(state["before"])
        for now in (random.choice(thread).happened_at, thread[-1].happened_at):
            for one in judged(protocol, (entered_at, thread), state, now):
                if one.of in protocol.by_id:
                    seen[protocol.by_id[one.of].rule, one.status] += 1
    owed = ("reponse", "nombre", "repetition", "silence")
    assert {status for rule, status in seen if rule in owed} == set(engine.Status)
    assert all((rule, "violated") in seen for rule in ("precedence", "absence", *owed))
    assert all((rule, "respected") in seen for rule in ("precedence", "absence", *owed))
    assert replays > 5
    assert already > 20


def test_a_state_that_was_lost_is_replayed_to_the_verdicts_of_the_whole_thread():
    protocol = library()["sortie-personne-agee"]
    entered_at = threads.ENTRIES[4]
    random, thread = Random(7), []
    while len(thread) < 90:
        thread = threads.thread(random, protocol, entered_at)
    thread = [one for one in thread if one.kind not in ("people.person_died", "plans.plan_closed")]
    state = engine.begun(protocol, entered_at)
    for fact in reversed(thread):  # the oldest are recorded last
        state = engine.moved(protocol, state, fact)
    assert engine.needs_replay(state)
    with pytest.raises(engine.ReplayNeeded):
        engine.judged(protocol, state, thread[-1].happened_at)
    in_order = engine.begun(protocol, entered_at)
    for fact in thread:
        in_order = engine.moved(protocol, in_order, fact)
    again = engine.replayed(protocol, entered_at, reversed(thread))
    now = thread[-1].happened_at
    assert not engine.needs_replay(again)
    assert [told(one) for one in engine.judged(protocol, again, now)] == [
        told(one) for one in engine.judged(protocol, in_order, now)
    ]


def test_verdicts_hold_until_the_moment_the_engine_wakes_at():
    changes = 0
    for seed in range(120):
        random = Random(seed)
        protocol = threads.protocol(random)
        entered_at = random.choice(threads.ENTRIES)
        thread = threads.thread(random, protocol, entered_at)
        state = engine.replayed(protocol, entered_at, thread)
        now = thread[-1].happened_at
        verdicts, wake = engine.outlook(protocol, state, now)
        later = now + threads.timedelta(days=400)
        if wake is None:
            assert engine.judged(protocol, state, later) == verdicts
            continue
        assert engine.judged(protocol, state, wake - MICRO) == verdicts
        changes += engine.judged(protocol, state, wake) != verdicts
    assert changes > 60


def test_a_state_stays_small_however_long_the_thread():
    protocol = library()["gestion-de-cas"]
    entered_at = threads.ENTRIES[4]
    state = engine.begun(protocol, entered_at)
    for number in range(1, 2_001):
        at = entered_at + threads.timedelta(hours=6 * number)
        fact = engine.Happening(number, "liaison.contact_made", at, at, {"result": "reached"})
        state = engine.moved(protocol, state, fact)
    lines = [entry[2] for entry in state["rules"].values()]
    assert lines
    assert max(len(kept) for kept in lines) == engine.KEPT
