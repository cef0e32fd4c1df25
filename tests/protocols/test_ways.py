"""What may be shown of the ways that persons take: small numbers never, nor by a subtraction."""

from datetime import date, timedelta

import pytest

from cordee.people.rules.small_numbers import smallest_on
from cordee.protocols.rules.ways import ENTRY, EXIT, Leg, shown, whole_months

DAY = timedelta(days=1)


def leg(origin, target, persons, times=None):
    return Leg(origin, target, persons, times or persons, DAY)


def test_a_way_taken_by_ten_persons_is_masked_and_by_eleven_is_shown():
    ways = shown([leg(ENTRY, "appel", 40), leg(ENTRY, "visite", 10), leg("appel", "x", 11)], 50, 11)
    assert [(one.origin, one.target) for one in ways.legs] == [(ENTRY, "appel"), ("appel", "x")]
    assert (ways.hidden, ways.joined) == (1, 50)


def test_how_many_entered_is_masked_when_they_are_few():
    assert shown([], 10, 11).joined is None


def test_what_is_shown_is_rounded_down_and_one_person_more_changes_nothing():
    one = shown([leg(ENTRY, "appel", 12, times=19)], 13, 11)
    other = shown([leg(ENTRY, "appel", 13, times=18)], 14, 11)
    assert one == other
    assert (one.legs[0].persons, one.legs[0].times, one.joined) == (10, 15, 10)


def test_two_questions_a_day_apart_are_the_same_one():
    asked = whole_months(date(2026, 11, 14), date(2026, 12, 3))
    assert asked == whole_months(date(2026, 11, 15), date(2026, 12, 4))
    assert asked == (date(2026, 11, 1), date(2027, 1, 1))
    assert whole_months(None, None) == (None, None)


def test_the_ways_most_taken_come_first():
    ways = shown([leg("a", EXIT, 12), leg(ENTRY, "b", 20), leg(ENTRY, "a", 20)], 40, 11)
    assert [(one.origin, one.target) for one in ways.legs] == [
        (ENTRY, "a"),
        (ENTRY, "b"),
        ("a", EXIT),
    ]


def test_the_least_number_is_a_dated_setting_that_says_its_source():
    found = smallest_on(date(2026, 11, 27))
    assert found.persons == 11
    assert "à vérifier" in found.source
    with pytest.raises(LookupError):
        smallest_on(date(2025, 12, 31))
