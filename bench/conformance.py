"""Protocols: the engine held to a slow second reading, and what one fact costs.

`conformance`: 10,000 random threads over the protocols that are shipped, recorded in any order;
ours is how many of them get another verdict than the reference, beside how many were tried.
`one fact`: a fact moves the clocks of twenty constraints and they are judged again, in milliseconds
of processor: what waits is said, the ruptures that it raises or ends are named beside those that
are known, and the state is written as the text that is kept; the disk is not in it. Baseline: the
whole thread of the person is judged again.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from bench.registry import job
from cordee.protocols import shipped
from cordee.protocols.rules import conformance as engine
from cordee.protocols.rules.protocol import Protocol
from cordee.protocols.rules.reading import read
from cordee.protocols.rules.watching import Known, changes, look
from cordee.protocols.vocabulary import known_kinds
from tests.protocols.comparison import compare

THREADS = 10_000
FIRST_SEED = 1_000_000  # none of those of the suite
CONSTRAINTS = 20
FACTS = 2_000
TIMES = 40


@job(
    "conformance",
    unit="threads judged otherwise",
    goal="0 of 10,000",
    is_reached=lambda ours, baseline: ours == 0,
)
def conformance() -> tuple[float, float]:
    """Compare each verdict on random threads with those of the reference."""
    shelf = list(_shelf().values())
    wrong = 0
    for number in range(THREADS):
        protocol = shelf[number % len(shelf)]
        try:
            compare(protocol, Random(FIRST_SEED + number))  # noqa: S311 - threads, not secrets
        except AssertionError as error:
            wrong += 1
            sys.stderr.write(f"seed {FIRST_SEED + number}, {protocol.id}: {error}\n")
    return wrong, THREADS


@job(
    "one fact, its clocks",
    unit="ms of processor",
    goal="≤ 2 ms",
    is_reached=lambda ours, baseline: ours <= 2,
)
def one_fact() -> tuple[float, float]:
    """Move twenty constraints by one fact and judge them, then judge the whole thread again."""
    protocol = twenty()
    kinds = sorted(protocol.places)
    entered_at = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
    random = Random(1)  # noqa: S311 - a thread, not a secret
    thread = [
        engine.Happening(number, random.choice(kinds), at, at, {"request_id": "a"})
        for number in range(1, FACTS + 1)
        for at in [entered_at + timedelta(hours=3 * number)]
    ]
    *past, last = thread
    state = engine.replayed(protocol, entered_at, past)

    before = look(protocol, state, past[-1].happened_at)
    known = [
        Known(one.of, one.at, one.standing, one.undone, by_hand=False) for one in before.troubles
    ]

    def ours() -> object:
        after = engine.moved(protocol, state, last)
        seen = look(protocol, after, last.happened_at)
        raised = changes(known, seen, unbroken=(), when=last.happened_at)
        return raised, json.dumps(after)

    def baseline() -> object:
        again = engine.replayed(protocol, entered_at, [*past, last])
        return look(protocol, again, last.happened_at)

    return _processor(ours, TIMES), _processor(baseline, 3)


def _shelf() -> dict[str, Protocol]:
    return {id_: read(text, kinds=known_kinds()) for id_, text in shipped.texts().items()}


@cache
def twenty() -> Protocol:
    """The first twenty constraints that are shipped, as one protocol that nobody leaves."""
    shelf = _shelf()
    rules = [replace(one, id=f"{id_}-{one.id}") for id_ in shelf for one in shelf[id_].constraints]
    return replace(shelf["gestion-de-cas"], exits=(), constraints=tuple(rules[:CONSTRAINTS]))


def _processor(work: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) * 1000 / times
