"""Leaving a pathway, learnt late or denied, when the state has forgotten what it would need."""

import pytest

from cordee.protocols.rules import conformance as engine
from tests.protocols import reference
from tests.protocols.comparison import told
from tests.protocols.shelf import CALL, DIED, fact, paris, protocol, rule

CALLS = (
    "sorties:\n- texte: Décès\n  fait: people.person_died\n  annulee_par: people.death_denied\n"
    + rule("regle: nombre\nfait: liaison.contact_made\nau_plus: 3")
)


def calls(first: int) -> list[engine.Happening]:
    """One call a day, in May, more than a state remembers."""
    days = [f"2026-05-{day:02}" for day in range(1, 32)]
    return [fact(first + rank, CALL, f"{day} 10:00") for rank, day in enumerate(days)]


@pytest.mark.parametrize(
    "thread",
    [
        # the death is learnt after thirty calls that came after it
        [*calls(1), fact(90, DIED, "2026-05-03 12:00", recorded="2026-06-30 08:00")],
        # the death is denied, then the person leaves much later
        [
            fact(90, DIED, "2026-05-02 12:00"),
            *calls(1),
            fact(91, "people.death_denied", "2026-06-20 10:00"),
            fact(92, DIED, "2026-06-25 10:00"),
        ],
        # the death is denied, and nobody leaves
        [
            fact(90, DIED, "2026-05-02 12:00"),
            *calls(1),
            fact(91, "people.death_denied", "2026-06-20 10:00"),
        ],
    ],
    ids=["learnt late", "denied then true", "denied"],
)
def test_an_exit_that_moves_into_what_was_forgotten_asks_for_a_replay(thread):
    one, entered, now = protocol(CALLS), paris("2026-05-01 08:00"), paris("2026-07-01 08:00")
    state = engine.begun(one, entered)
    for happening in thread:
        state = engine.moved(one, state, happening)
    assert engine.needs_replay(state)
    again = engine.replayed(one, entered, thread)
    (verdict,) = engine.judged(one, again, now)
    assert told(verdict) == reference.read(one, entered, thread, now)["regle"]


def test_after_the_exit_a_state_stops_growing_and_still_knows():
    one, entered = protocol(CALLS), paris("2026-05-01 08:00")
    thread = [fact(90, DIED, "2026-05-02 12:00"), *calls(1)]
    state = engine.begun(one, entered)
    for happening in thread:
        state = engine.moved(one, state, happening)
    assert not engine.needs_replay(state)
    assert len(state["rules"]["regle"][2]) == engine.KEPT
    assert engine.judged(one, state, paris("2026-07-01 08:00"))[0].status == "respected"
