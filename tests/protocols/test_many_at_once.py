"""Many persons judged by columns get, each, the verdicts that the engine gives to one."""

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import numpy as np
import pytest

from cordee.protocols.rules import conformance as engine
from cordee.protocols.rules.clocks import Delay, Unit, due, micros, warned
from cordee.protocols.rules.columns import NEVER, Facts, coded, dues, patterns_of, warnings
from cordee.protocols.rules.many import STATUSES, judged_many
from tests.protocols import threads
from tests.protocols.shelf import library, paris

PERSONS = 12


def columns(protocol, lives):
    """The facts of some persons, as columns."""
    known = patterns_of(protocol)
    rows = [(whose, fact) for whose, (_, thread) in enumerate(lives) for fact in thread]
    random = Random(len(rows))
    random.shuffle(rows)
    met = [
        sum(1 << place for place, one in enumerate(known) if one.meets(fact.kind, fact.data))
        for _, fact in rows
    ]
    fields = {one.for_each for one in protocol.constraints if one.for_each}
    return Facts.sorted(
        _ints(whose for whose, _ in rows),
        _ints(micros(fact.happened_at) for _, fact in rows),
        _ints(fact.id for _, fact in rows),
        _ints(met),
        {name: coded(fact.data.get(name) for _, fact in rows) for name in fields},
    )


def _ints(values):
    return np.array(list(values), dtype=np.int64)


def told(said, whose):
    """One verdict of the columns, as the engine says it."""
    moments = (said.since, said.due_at, said.last_breach_at, said.repaired_at)
    since, due_at, last, repaired = (
        None if column[whose] == NEVER else int(column[whose]) for column in moments
    )
    return STATUSES[said.status[whose]], since, due_at, int(said.breaches[whose]), last, repaired


def said_alone(verdict):
    moments = (verdict.since, verdict.due_at, verdict.last_breach_at, verdict.repaired_at)
    since, due_at, last, repaired = (None if one is None else micros(one) for one in moments)
    return verdict.status, since, due_at, verdict.breaches, last, repaired


def compare(protocol, lives, now: datetime) -> int:
    entered = _ints(micros(at) for at, _ in lives)
    judged = judged_many(protocol, columns(protocol, lives), entered, micros(now))
    found = judged.said
    compared = 0
    for whose, (entered_at, thread) in enumerate(lives):
        state = engine.replayed(protocol, entered_at, thread, until=now)
        assert judged.gone[whose] == engine.has_left(state, now)
        for verdict in engine.judged(protocol, state, now):
            assert told(found[verdict.of], whose) == said_alone(verdict), (verdict.of, whose, now)
            compared += 1
    return compared


def lives_of(random, protocol):
    entries = [random.choice(threads.ENTRIES) for _ in range(PERSONS)]
    return [(at, threads.thread(random, protocol, at)) for at in entries]


def moments(random, lives):
    facts = [fact for _, thread in lives for fact in thread]
    at = random.choice(facts).happened_at
    return [at, at + timedelta(days=2), max(fact.happened_at for fact in facts)]


@pytest.mark.parametrize("seed", range(120))
def test_random_protocols_say_by_columns_what_the_engine_says(seed):
    random = Random(seed)
    protocol = threads.protocol(random)
    lives = lives_of(random, protocol)
    assert sum(compare(protocol, lives, now) for now in moments(random, lives)) > 0


@pytest.mark.parametrize("id_", sorted(library()))
def test_the_shipped_protocols_say_by_columns_what_the_engine_says(id_):
    protocol = library()[id_]
    for seed in range(4):
        random = Random(seed)
        lives = lives_of(random, protocol)
        assert sum(compare(protocol, lives, now) for now in moments(random, lives)) > 0


def test_persons_without_any_fact_and_nobody_at_all_are_judged_too():
    protocol = library()["gestion-de-cas"]
    entered_at = paris("2026-03-10 09:00")
    assert compare(protocol, [(entered_at, [])] * 3, entered_at + timedelta(days=40)) > 0
    assert compare(protocol, [(entered_at, [])], entered_at - timedelta(days=1)) > 0
    found = judged_many(protocol, columns(protocol, []), _ints([]), micros(entered_at))
    assert all(len(said.status) == 0 for said in found.said.values())


@pytest.mark.parametrize(
    "delay", [Delay(1, Unit.DAYS), Delay(36, Unit.HOURS), Delay(90, Unit.DAYS)]
)
def test_delays_on_a_column_are_those_of_the_clocks_at_every_hour_of_two_years(delay):
    first = micros(paris("2026-01-01 00:00"))
    at = first + np.arange(2 * 366 * 24, dtype=np.int64) * 3_600_000_000
    at = np.concatenate([at, at - 1])
    expected = [due(int(one), delay) for one in at]
    assert dues(at, delay).tolist() == expected
    for warning in (None, delay):
        found = warnings(at, dues(at, delay), warning).tolist()
        assert found == [
            warned(int(one), end, warning) for one, end in zip(at, expected, strict=True)
        ]
    assert all(one <= other for one, other in pairwise(sorted(expected)))
