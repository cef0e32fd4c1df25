"""What one visit says at once, and what several say together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bench.homes import ALONE, ONSET, SLOW, STEADY, SUDDEN, made
from bench.rivals import LEARNT, fixed, tuned
from bench.vigilance import by_severity, found, one_by_one, rate, verdicts
from cordee.vigilance.rules import trend
from cordee.vigilance.rules.limits import at
from cordee.vigilance.rules.many import Severities, Visits, replayed
from cordee.vigilance.rules.trend import UNKNOWN, Limits, Severity, Signal, Trend
from cordee.vigilance.rules.urgency import immediate

LIMITS = Limits(drop=3.5, decline=6.5)
WELL = {"visit": 4, "health": 4, "morale": 4, "fitness": 4}


def _after(levels: list[tuple[int | None, ...]], severity: Severity = UNKNOWN) -> tuple:
    state, told = Trend(), []
    for marks in levels:
        state, raised = trend.after(state, marks, days=1.0, severity=severity, limits=LIMITS)
        told.append(raised)
    return state, told


def test_an_ordinary_visit_raises_nothing_at_once():
    assert immediate(WELL, ["wants_to_talk"], urgent=False) is None


@pytest.mark.parametrize(
    ("marks", "signs", "urgent"),
    [
        (WELL | {"morale": 1}, [], False),
        (WELL, ["fell"], False),
        (WELL, [], True),
        ({"visit": None, "health": None, "morale": None, "fitness": None}, ["confused"], False),
    ],
)
def test_a_very_low_mark_an_urgent_sign_or_urgent_is_raised_at_once(marks, signs, urgent):
    assert immediate(marks, signs, urgent=urgent) is not None


def test_what_was_said_urgent_comes_before_one_very_low_mark():
    said = immediate(WELL, [], urgent=True)
    low = immediate(WELL | {"health": 1}, [], urgent=False)
    assert said is not None
    assert low is not None
    assert said.weight > low.weight
    assert low.marks == ("health",)


def test_a_sudden_drop_is_told_within_two_visits_with_the_mark_that_fell():
    usual = [(4, 4, 4, 4), (4, 3, 4, 4)] * 10
    _, told = _after([*usual, (2, 2, 3, 3), (2, 2, 3, 3)])
    assert not any(told[:20])
    raised = [one for visit in told[20:] for one in visit]
    assert raised[0].signal == Signal.DROP
    assert "visit" in raised[0].marks


def test_a_person_who_is_always_low_is_usual_for_herself():
    _, told = _after([(2, 2, 2, 2), (2, 3, 2, 2)] * 60)
    assert not any(told[10:])


def test_one_bad_day_is_no_slow_decline():
    usual = [(4, 4, 4, 4), (4, 3, 4, 4)] * 10
    _, told = _after([*usual, (2, 2, 2, 2), *usual])
    assert Signal.DECLINE not in {one.signal for visit in told for one in visit}


def test_a_visit_without_marks_changes_nothing():
    state, _ = _after([(4, 4, 4, 4)] * 8)
    again, raised = trend.after(state, (None,) * 4, days=3.0, severity=UNKNOWN, limits=LIMITS)
    assert again == state
    assert raised == ()


def test_the_same_signal_is_not_told_again_for_ten_visits():
    usual = [(5, 5, 5, 5), (5, 4, 5, 5)] * 10
    _, told = _after([*usual, *[(3, 2, 3, 3)] * 9])
    signals = [one.signal for visit in told for one in visit]
    assert signals.count(Signal.DROP) == 1


def test_what_is_kept_of_a_person_is_of_one_size_and_reads_back():
    state, _ = _after([(4, 3, None, 5)] * 40)
    assert len(state.as_list()) == trend.SIZE == 23
    assert Trend.of(state.as_list()) == state
    with pytest.raises(ValueError, match="numbers"):
        Trend.of([1.0])


marks = some.tuples(*[some.one_of(some.none(), some.integers(1, 5))] * 4)
helper = some.integers(0, 2)
visits = some.lists(
    some.tuples(marks, some.floats(0, 60, allow_nan=False), helper), min_size=1, max_size=60
)
KNOWN = Severities(
    np.array([[0.0] * 4, [0.5, 0.2, -0.1, 0.3], [-0.6] * 4]),
    np.array([1.0, 0.8, 2.1]),
    np.array([0.16, 0.01, 0.02]),
)


@settings(max_examples=50, deadline=None)
@given(some.lists(visits, min_size=1, max_size=4))
def test_many_at_once_are_judged_as_one_after_the_other(people):
    longest = max(len(one) for one in people)
    shape = (len(people), longest)
    given_marks, days = np.zeros((*shape, 4), np.int8), np.zeros(shape)
    helpers = np.zeros(shape, np.int64)
    for person, lines in enumerate(people):
        for place, (levels, gap, who) in enumerate(lines):
            given_marks[person, place] = [level or 0 for level in levels]
            days[person, place], helpers[person, place] = gap, who
    there, limits = Visits(given_marks, days, helpers), Limits(1.8, 2.9)
    both = replayed(there, KNOWN, limits), one_by_one(there, KNOWN, limits, len(people))
    assert np.array_equal(both[0].drops, both[1].drops)
    assert np.array_equal(both[0].declines, both[1].declines)


def test_many_at_once_are_judged_alike_by_two_threads():
    there = made(4_500, seed=3)
    severities, limits = there.severities(), at(100)
    one = replayed(there.visits, severities, limits)
    two = replayed(there.visits, severities, limits, threads=2)
    assert np.array_equal(one.any, two.any)


def test_the_limits_keep_to_the_budget_on_persons_they_were_not_set_on():
    there = made(3_000, seed=41)
    told = verdicts(there, at(50)).any
    assert 0.9 < rate(told) * 50 < 1.1


def test_a_slow_decline_is_told_in_half_the_visits_of_a_fixed_level():
    way = tuned(fixed, made(1_000, 42, STEADY), 1 / 250, 0.0, 4.0)
    there = made(1_000, 43, SLOW)
    ours, theirs = found(verdicts(there, at(250)).any), found(fixed(there, way))
    assert ours.median <= theirs.median / 2
    assert ours.share > 0.95


def test_a_sudden_drop_and_one_mark_alone_are_told():
    assert found(verdicts(made(1_000, 44, SUDDEN), at(250)).any).median <= 6
    assert found(verdicts(made(1_000, 45, ALONE), at(250)).any).share > 0.95


def test_severe_and_lenient_helpers_raise_as_many_alerts():
    there = made(6_000, seed=46)
    severe, lenient = by_severity(verdicts(there, at(50)).any, there)
    assert 0.9 < severe / lenient < 1.1


def test_how_helpers_mark_is_found_from_the_marks_and_pulled_to_nothing_for_who_marked_little():
    there = made(1_500, seed=47)
    estimated = there.severities()
    mean = estimated.offsets.mean(axis=1)
    assert np.corrcoef(mean, there.severity)[0, 1] > 0.95
    assert estimated.spreads[there.noisy].mean() > 1.5 * estimated.spreads[~there.noisy].mean()
    assert Severity() == UNKNOWN


def test_a_helper_who_meets_declining_persons_is_not_made_severe_by_them():
    there = made(1_500, 48, SLOW)
    after_onset = there.visits.helpers[:, ONSET:]
    assert after_onset.size
    estimated = there.severities().offsets.mean(axis=1)
    assert abs(float(np.mean(estimated - there.severity))) < 0.15


def test_alerts_before_a_change_are_counted_as_false_ones():
    assert 0 < rate(verdicts(made(1_000, 49, SLOW), at(100)).any[:, : ONSET - LEARNT]) < 0.02
