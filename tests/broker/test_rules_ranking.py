from dataclasses import fields, replace
from typing import get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.broker.rules import (
    Candidate,
    History,
    Tier,
    chance_of_yes,
    expected_solicitations,
    fairness_share,
    ranked,
)
from cordee.broker.rules.ranking import CHANCE_POINTS, LEAST_CHANCE

NURSES = [UUID(int=number) for number in range(1, 30)]
counts = st.integers(0, 500)
histories = st.builds(History, counts, counts, counts)


def candidates(**fixed):
    return st.builds(
        Candidate,
        practitioner_id=st.sampled_from(NURSES),
        tier=st.sampled_from(Tier),
        history=histories,
        solicited=counts,
        available_hours=st.floats(1, 700),
        distance_km=st.none() | st.floats(0, 200),
        objects=st.booleans(),
        urgent_at_night=st.booleans(),
        **fixed,
    )


pools = st.lists(candidates(), max_size=12, unique_by=lambda one: one.practitioner_id)


def test_the_ranking_cannot_see_a_person_a_name_or_a_trait():
    allowed = {UUID, Tier, History, int, float, float | None, bool}
    hints = get_type_hints(Candidate)
    assert {field.name for field in fields(Candidate)} == {
        "practitioner_id", "tier", "history", "solicited", "available_hours",
        "distance_km", "objects", "urgent_at_night",
    }  # fmt: skip
    assert set(hints.values()) <= allowed


@given(histories)
def test_a_chance_is_a_chance(history):
    assert 0 < chance_of_yes(history) < 1


@given(histories)
def test_one_more_yes_raises_the_chance_and_one_more_no_lowers_it(history):
    chance = chance_of_yes(history)
    assert chance_of_yes(replace(history, yes=history.yes + 1)) > chance
    assert chance_of_yes(replace(history, no=history.no + 1)) < chance


@given(histories)
def test_who_objects_gets_the_neutral_chance_whatever_the_past(history):
    assert chance_of_yes(history, objects=True) == chance_of_yes(History())


@given(pools, st.text(max_size=5))
def test_tiers_come_in_order_and_nobody_is_lost(pool, seed):
    order = ranked(pool, seed=seed)
    assert sorted(one.candidate.tier for one in order) == [one.candidate.tier for one in order]
    assert {one.candidate for one in order} == set(pool)


@given(pools)
def test_the_order_does_not_depend_on_the_order_of_the_list(pool):
    assert ranked(pool, seed="a") == ranked(reversed(pool), seed="a")


@given(pools, st.data())
def test_refusing_never_lowers_a_score_below_the_floor(pool, data):
    if not pool:
        return
    one = data.draw(st.sampled_from(pool))
    stubborn = replace(one, history=History(no=10_000), objects=False)
    others = [other for other in pool if other is not one]
    score = _score_of(ranked([*others, stubborn], seed=""), stubborn)
    fresh = replace(one, history=History(), objects=False)
    neutral = _score_of(ranked([*others, fresh], seed=""), fresh)
    assert score >= neutral - CHANCE_POINTS * (chance_of_yes(History()) - LEAST_CHANCE) - 1e-9


@given(pools, st.data())
def test_a_recent_solicitation_never_improves_ones_own_score(pool, data):
    if not pool:
        return
    one = data.draw(st.sampled_from(pool))
    asked = replace(one, solicited=one.solicited + 1)
    others = [other for other in pool if other is not one]
    before = _score_of(ranked([*others, one], seed=""), one)
    after = _score_of(ranked([*others, asked], seed=""), asked)
    assert after <= before + 1e-9


@given(pools)
def test_every_score_is_the_sum_of_reasons_said_in_words(pool):
    for one in ranked(pool, seed=""):
        assert one.score == pytest.approx(sum(reason.points for reason in one.reasons))
        assert 0 <= one.score <= 100
        assert all(reason.text and reason.points <= reason.out_of for reason in one.reasons)


def test_who_always_refuses_is_still_asked_before_who_is_asked_too_often():
    stubborn = Candidate(NURSES[0], history=History(no=50), solicited=1)
    tired = Candidate(NURSES[1], history=History(yes=2, no=2), solicited=12)
    assert ranked([tired, stubborn], seed="")[0].candidate is stubborn


def test_equals_take_turns_from_one_search_to_the_next():
    pool = [Candidate(nurse) for nurse in NURSES]
    firsts = {ranked(pool, seed=str(n))[0].candidate.practitioner_id for n in range(60)}
    assert len(firsts) > 10


def test_solicitations_in_proportion_to_availability_are_all_fair():
    sent = {NURSES[0]: 10, NURSES[1]: 20}
    hours = {NURSES[0]: 35.0, NURSES[1]: 70.0}
    assert fairness_share(sent, hours, 0.2) == 1


def test_two_thirds_of_solicitations_on_one_of_two_equals_is_not_fair():
    hours = {NURSES[0]: 35.0, NURSES[1]: 35.0}
    assert fairness_share({NURSES[0]: 20, NURSES[1]: 10}, hours, 0.2) == 0
    assert fairness_share({NURSES[0]: 16, NURSES[1]: 14}, hours, 0.2) == 1


def test_one_professional_aside_counts_for_the_solicitations_they_got():
    hours = dict.fromkeys(NURSES[:3], 35.0)
    sent = {NURSES[0]: 10, NURSES[1]: 11, NURSES[2]: 3}
    assert fairness_share(sent, hours, 0.4) == pytest.approx(21 / 24)


def test_nothing_sent_gives_no_number():
    assert fairness_share({}, {NURSES[0]: 35.0}, 0.2) is None
    assert fairness_share({NURSES[0]: 0}, {NURSES[0]: 35.0}, 0.2) is None


@given(
    st.dictionaries(st.sampled_from(NURSES), st.integers(0, 50)),
    st.dictionaries(st.sampled_from(NURSES), st.floats(0, 300)),
    st.floats(0, 1),
)
def test_fairness_is_a_share_that_grows_with_tolerance(sent, hours, tolerance):
    share = fairness_share(sent, hours, tolerance)
    if share is None:
        return
    assert 0 <= share <= 1
    assert fairness_share(sent, hours, min(1, tolerance + 0.1)) >= share


@given(
    st.dictionaries(st.sampled_from(NURSES), st.integers(0, 50), min_size=1),
    st.dictionaries(st.sampled_from(NURSES), st.floats(1, 300), min_size=1),
)
def test_expected_solicitations_share_out_exactly_what_was_sent(sent, hours):
    assert sum(expected_solicitations(sent, hours).values()) == pytest.approx(sum(sent.values()))


def _score_of(order, candidate):
    return next(one.score for one in order if one.candidate is candidate)
