"""A budget of false alerts becomes limits, and the record of a site corrects it."""

import pytest

from cordee.vigilance.rules.limits import COARSEST, FINEST, VISITS_PER_ALERT, at, budget


def test_a_wider_budget_lowers_the_limits():
    narrow = budget(per_week=2, visits_per_week=500)
    wide = budget(per_week=8, visits_per_week=500)
    assert wide.limits.drop < narrow.limits.drop
    assert wide.limits.decline < narrow.limits.decline


def test_the_limits_are_read_between_the_lines_and_stop_at_both_ends():
    middle = at(140)
    assert at(100).drop < middle.drop < at(200).drop
    assert at(1) == at(FINEST)
    assert at(10**9) == at(COARSEST)
    for visits, drop, decline in VISITS_PER_ALERT:
        assert (at(visits).drop, at(visits).decline) == pytest.approx((drop, decline))


def test_a_budget_that_is_within_reach_is_expected_to_be_spent():
    asked = budget(per_week=6, visits_per_week=900)
    assert asked.held
    assert asked.expected_per_week == pytest.approx(6)
    assert asked.visits_per_alert == pytest.approx(150)


def test_few_visits_cannot_spend_a_wide_budget_and_it_is_said():
    asked = budget(per_week=6, visits_per_week=50)
    assert not asked.held
    assert asked.expected_per_week == pytest.approx(2)


def test_a_site_with_twice_the_false_alerts_has_higher_limits_for_the_same_budget():
    plain = budget(per_week=6, visits_per_week=900)
    corrected = budget(per_week=6, visits_per_week=900, correction=2.0)
    assert corrected.limits.drop > plain.limits.drop
    assert corrected.expected_per_week == pytest.approx(6)


def test_without_visits_nothing_is_expected():
    assert budget(per_week=6, visits_per_week=0).expected_per_week == 0


def test_a_budget_of_nothing_is_refused():
    with pytest.raises(ValueError, match="hear nothing"):
        budget(per_week=0, visits_per_week=500)
