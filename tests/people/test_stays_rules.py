"""Entries and leavings are told late, twice or alone: what stays they tell, and what never is."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cordee.people.rules.stays import (
    Stay,
    away_since,
    brought_together,
    entered,
    in_order,
    left,
)
from tests.support import PARIS

GAP, THAU = UUID(int=1), UUID(int=2)


def at(day, hour=12):
    return datetime(2026, 11, day, hour, tzinfo=PARIS)


def told(*facts):
    """The stays that facts tell, in the order in which they were told."""
    known = {}
    for kind, when, *place in facts:
        where = place[0] if place else None
        stays = known.values()
        changed = entered(stays, when, where) if kind == "in" else left(stays, when, kind, where)
        for one in changed:
            row = one.row or uuid4()
            known[row] = replace(one, row=row)
    return in_order(known.values())


def periods(*facts):
    return [(one.entered_at, one.left_at) for one in told(*facts)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([("in", at(10))], [(at(10), None)]),
        ([("in", at(10)), ("home", at(14))], [(at(10), at(14))]),
        # she left before anybody told that she had entered
        ([("home", at(14))], [(None, at(14))]),
        ([("home", at(14)), ("in", at(10))], [(at(10), at(14))]),
        ([("home", at(14)), ("in", at(20))], [(None, at(14)), (at(20), None)]),
        # two entries in a row: one stay, whoever tells it first
        ([("in", at(10)), ("in", at(12))], [(at(10), None)]),
        ([("in", at(12)), ("in", at(10))], [(at(10), None)]),
        ([("in", at(10)), ("in", at(12)), ("home", at(14))], [(at(10), at(14))]),
        # a leaving told after she came back ends the first stay, not the second
        ([("in", at(10)), ("in", at(20)), ("home", at(14))], [(at(10), at(14)), (at(20), None)]),
        (
            [("in", at(10)), ("in", at(20)), ("home", at(25)), ("home", at(14))],
            [(at(10), at(14)), (at(20), at(25))],
        ),
        # a leaving from before the stay that goes on
        ([("in", at(20)), ("home", at(14))], [(None, at(14)), (at(20), None)]),
        # dated by its day, it comes after the entry of that day
        ([("in", at(10, 15)), ("home", at(10, 12))], [(at(10, 15), at(10, 15))]),
        ([("in", at(10)), ("in", at(12, 15)), ("home", at(12))], [(at(10), at(12, 15))]),
        # said twice, or corrected
        ([("in", at(10)), ("home", at(14)), ("home", at(14, 18))], [(at(10), at(14, 18))]),
        ([("in", at(10)), ("home", at(14)), ("home", at(16))], [(at(10), at(16))]),
        ([("in", at(10)), ("home", at(14)), ("home", at(12))], [(at(10), at(12))]),
        ([("home", at(14)), ("home", at(13))], [(None, at(13))]),
        # nobody told that she had come back
        ([("in", at(10)), ("home", at(14)), ("home", at(25))], [(at(10), at(14)), (None, at(25))]),
        ([("home", at(25)), ("home", at(14))], [(None, at(14)), (None, at(25))]),
    ],
)
def test_facts_tell_stays(facts, expected):
    assert periods(*facts) == expected


def test_what_is_told_last_of_where_and_for_where_holds():
    (one,) = told(("in", at(10)), ("in", at(11), GAP), ("home", at(14)), ("other", at(14)))
    assert (one.place, one.destination) == (GAP, "other")
    (moved,) = told(("in", at(10), GAP), ("in", at(11), THAU))
    assert moved.place == THAU
    (ended,) = told(("in", at(10), GAP), ("home", at(14), THAU))
    assert ended.place == GAP


def test_of_two_records_she_is_there_since_the_first_entry():
    one, other = Stay(entered_at=at(12)), Stay(entered_at=at(10), place=GAP)
    together = brought_together(one, other)
    assert together == Stay(entered_at=at(10), said_again_at=at(12), place=GAP)
    assert brought_together(other, one) == together


@pytest.mark.parametrize(
    ("facts", "since"),
    [
        ([], None),
        ([("in", at(10))], at(10)),
        ([("in", at(10)), ("in", at(13))], at(10)),  # said again: she never left
        ([("in", at(10)), ("home", at(14))], None),
        ([("in", at(10)), ("rehabilitation", at(14))], at(10)),
        ([("rehabilitation", at(14))], at(14)),
        ([("in", at(10)), ("rehabilitation", at(14)), ("in", at(20))], at(20)),
        ([("in", at(10)), ("home", at(14)), ("in", at(20))], at(20)),
    ],
)
def test_who_entered_is_away_until_she_left_for_home(facts, since):
    assert away_since(told(*facts)) == since


FACTS = st.lists(
    st.tuples(
        st.sampled_from(["in", "home", "other"]),
        st.builds(at, st.integers(1, 28), st.sampled_from([8, 12, 18])),
    ),
    min_size=1,
    max_size=9,
)


# Two things of one moment, told late: she left and came in at noon.
SAME_MOMENT = [("in", at(2, 8)), ("home", at(1, 12)), ("in", at(1, 12))]
ENDED_LATER = [("home", at(5, 8)), ("home", at(1, 12)), ("in", at(1, 12))]


@example(SAME_MOMENT)
@example(ENDED_LATER)
@given(FACTS)
def test_whatever_is_told_and_in_whatever_order_she_is_in_one_place_at_a_time(facts):
    stays = told(*facts)
    assert [one.left_at for one in stays].count(None) <= 1
    for one in stays:
        assert one.entered_at or one.left_at
        assert not (one.entered_at and one.left_at) or one.entered_at <= one.left_at
        again = one.said_again_at
        assert not again or (one.entered_at and one.entered_at < again)
        assert not again or not one.left_at or again <= one.left_at
        assert one.left_at or not one.destination
    for one, after in pairwise(stays):
        assert one.left_at
        assert one.left_at <= after.first


@example([("in", at(2, 8)), ("home", at(1, 8)), ("in", at(1, 8)), ("other", at(1, 8))])
@example(
    [*(("in", at(1, 8)), ("in", at(2, 8)), ("other", at(2, 8)), ("in", at(2, 8)))]
    + [("home", at(1, 8)), ("home", at(2, 8))]
)
@given(FACTS)
def test_what_is_told_twice_changes_nothing_more(facts):
    stays = told(*facts)
    kind, when = facts[-1]
    again = entered(stays, when, None) if kind == "in" else left(stays, when, kind, None)
    assert all(one in stays for one in again)


@example(SAME_MOMENT, 1)
@given(FACTS, st.integers(1, 28))
def test_who_left_is_there_no_more_and_who_entered_is(facts, day):
    last = max(when for _, when in facts) + timedelta(days=day)
    assert [one for one in told(*facts, ("in", last)) if one.left_at is None]
    assert not [one for one in told(*facts, ("home", last)) if one.left_at is None]
