"""The life of a request, on every path."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cordee.intake.rules import states
from cordee.intake.rules.states import (
    CONDUCTOR,
    LIVE,
    MOVES,
    OUTCOMES,
    Facts,
    MoveError,
    State,
    Telling,
    conducted,
    is_settled,
    move,
    offered,
    requester_told,
)

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
EVERY_FACT = [
    Facts(state, *flags) for state, flags in product(State, product([False, True], repeat=6))
]


def test_every_state_is_either_live_or_an_outcome_and_has_a_word():
    assert set(LIVE) | set(OUTCOMES) == set(State)
    assert not set(LIVE) & set(OUTCOMES)
    assert len({state.label for state in State}) == len(State)


def test_nothing_leaves_an_outcome():
    assert [verb for verb, chosen in MOVES.items() if chosen.sources & set(OUTCOMES)] == []


def test_a_request_closes_only_once_the_requester_knows_and_the_care_is_confirmed():
    for facts in EVERY_FACT:
        for verb in MOVES:
            try:
                reached = move(verb, facts)
            except MoveError:
                continue
            if reached is State.CLOSED:
                assert facts.told
                assert facts.state is State.CONFIRMED or facts.light


def test_a_held_request_is_never_searched():
    for facts in EVERY_FACT:
        if facts.held:
            assert not {"search", "reopen", "qualify"} & set(offered(facts))
            assert conducted("search", facts) is None
            assert conducted("reopen", facts) is None


def test_an_anonymous_request_is_never_searched_nor_found():
    for facts in EVERY_FACT:
        if not facts.has_person:
            assert not {"search", "find"} & set(offered(facts))


def test_what_is_offered_is_exactly_what_is_accepted():
    for facts in EVERY_FACT:
        for verb in MOVES:
            accepted = verb in offered(facts) or verb in offered(facts, CONDUCTOR)
            if accepted:
                assert move(verb, facts) is MOVES[verb].to
                continue
            with pytest.raises(MoveError) as refused:
                move(verb, facts)
            assert refused.value.sentence.endswith(".")
            assert refused.value.code.startswith("intake.")


@pytest.mark.parametrize("verb", [v for v in MOVES if CONDUCTOR not in MOVES[v].by])
def test_the_conductor_never_decides_for_the_desk(verb):
    assert all(conducted(verb, facts) is None for facts in EVERY_FACT)


def test_a_late_fact_changes_nothing_once_a_request_has_ended():
    ended = [facts for facts in EVERY_FACT if facts.state in OUTCOMES]
    assert all(conducted(verb, facts) is None for verb in MOVES for facts in ended)


def test_every_live_state_can_reach_an_end():
    for start in LIVE:
        assert {MOVES[verb].to for verb in MOVES if start in MOVES[verb].sources} & set(OUTCOMES)


@given(st.lists(st.tuples(st.integers(-100, 100), st.booleans()), max_size=8))
def test_being_told_never_depends_on_the_order_of_the_notes(notes):
    tellings = [Telling(AT + timedelta(minutes=m), reached) for m, reached in notes]
    assert requester_told(tellings, AT) is requester_told(reversed(tellings), AT)


def test_a_call_made_before_the_outcome_does_not_count():
    before = Telling(AT - timedelta(seconds=1), reached=True)
    assert not requester_told([before], since=AT)
    assert requester_told([Telling(AT, reached=True)], since=AT)


def test_three_calls_without_an_answer_count_as_an_honest_attempt():
    missed = [Telling(AT + timedelta(hours=h), reached=False) for h in range(3)]
    assert not requester_told(missed[:2], since=AT)
    assert requester_told(missed, since=AT)


def test_an_end_other_than_closed_is_settled_only_when_told():
    for state in OUTCOMES:
        assert is_settled(state, told=True)
        assert is_settled(state, told=False) is (state is State.CLOSED)
    assert not any(is_settled(state, told=True) for state in LIVE)


class Life(RuleBasedStateMachine):
    """A request lives any life; the promises hold at each step."""

    def __init__(self):
        super().__init__()
        self.state, self.held, self.told, self.was_confirmed = State.RECEIVED, False, False, False

    @property
    def facts(self):
        return Facts(self.state, held=self.held, told=self.told)

    @precondition(lambda self: self.state in LIVE)
    @rule()
    def hold(self):
        self.held = True

    @rule()
    def release(self):
        self.held = False

    @rule()
    def tell(self):
        self.told = True

    @rule(verb=st.sampled_from(sorted(MOVES)))
    def gesture(self, verb):
        try:
            reached = move(verb, self.facts)
        except MoveError:
            return
        if reached is not self.state:
            self.told = self.told and reached is State.CLOSED
        self.was_confirmed = self.was_confirmed or reached is State.CONFIRMED
        if reached is State.SEARCHING:
            assert not self.held
        self.state = reached

    @invariant()
    def closed_means_confirmed_and_told(self):
        if self.state is State.CLOSED:
            assert self.was_confirmed
            assert self.told


TestLife = Life.TestCase


def test_the_sentences_name_the_state_the_request_is_in():
    with pytest.raises(MoveError, match="annulée"):
        move("confirm", Facts(State.CANCELLED))
    assert states.ATTEMPTS_THAT_COUNT == 3
