from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.broker.rules import (
    Barrier,
    Need,
    Proposal,
    Refusal,
    Standing,
    barriers,
    is_quiet,
    proposals,
    quiet_ends_at,
)
from cordee.directory.rules import Away, Declared, Hours, Window

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 1, 1, tzinfo=UTC)
NURSE, OTHER = UUID(int=1), UUID(int=2)
AT = datetime(2026, 11, 20, 19, 0, tzinfo=PARIS)
NEED = Need(
    "60", frozenset({"injection"}), frozenset({"05001"}), Window(AT, AT + timedelta(minutes=1))
)
ALL_WEEK = tuple(Hours(day, time(0), time(0)) for day in range(7))
DECLARED = Declared(
    mobile="+33612345678",
    mobile_proved=True,
    tie_confirmed=True,
    kinds=frozenset({"injection", "toilette"}),
    communes=frozenset({"05001"}),
    hours=ALL_WEEK,
)
FREE = Standing(NURSE, "60", DECLARED)
NINE_PM, SEVEN_AM = time(21), time(7)


def paris(*parts, fold=0):
    return datetime(*parts, tzinfo=PARIS, fold=fold)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        (paris(2026, 11, 20, 20, 59), False),
        (paris(2026, 11, 20, 21, 0), True),
        (paris(2026, 11, 21, 0, 0), True),
        (paris(2026, 11, 21, 6, 59), True),
        (paris(2026, 11, 21, 7, 0), False),
        (paris(2026, 10, 25, 2, 30, fold=1), True),
        (paris(2026, 3, 29, 3, 0), True),
    ],
)
def test_quiet_hours_follow_the_wall_clock_across_midnight_and_clock_changes(moment, quiet):
    assert is_quiet(moment, NINE_PM, SEVEN_AM) is quiet


def test_the_night_of_a_clock_change_is_an_hour_longer_or_shorter_and_still_ends_at_seven():
    for evening, hours in [
        (paris(2026, 10, 24, 21), 11),
        (paris(2026, 3, 28, 21), 9),
        (paris(2026, 6, 1, 21), 10),
    ]:
        ends = quiet_ends_at(evening, NINE_PM, SEVEN_AM)
        assert ends.astimezone(PARIS).time() == SEVEN_AM
        assert ends - evening.astimezone(UTC) == timedelta(hours=hours)


@given(
    st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    st.times(),
    st.times(),
)
def test_quiet_hours_always_end_later_and_outside_of_themselves(moment, begins, ends):
    end = quiet_ends_at(moment, begins, ends)
    assert end >= moment
    assert not is_quiet(end, begins, ends)
    assert end - moment <= timedelta(hours=26)


def test_equal_bounds_mean_no_quiet_hours():
    assert not is_quiet(AT, NINE_PM, NINE_PM)


WEEKDAY = AT.weekday()


def test_a_professional_who_declared_the_place_and_the_care_is_solicitable():
    assert barriers(NEED, FREE) == ()


@pytest.mark.parametrize(
    ("declared", "barrier"),
    [
        ({"closed": True}, Barrier.CLOSED),
        ({"stopped": True}, Barrier.STOPPED),
        ({"mobile_proved": False}, Barrier.MOBILE_UNPROVED),
        ({"tie_confirmed": False}, Barrier.TIE_UNCONFIRMED),
        ({"communes": frozenset({"05002"})}, Barrier.OUT_OF_ZONE),
        ({"kinds": frozenset({"toilette"})}, Barrier.OTHER_KIND),
        ({"hours": (Hours(WEEKDAY, time(7), time(12)),)}, Barrier.OUT_OF_HOURS),
        ({"absences": (Away(AT - timedelta(1)),)}, Barrier.AWAY),
    ],
)
def test_what_was_declared_filters_and_says_its_reason(declared, barrier):
    standing = replace(FREE, declared=replace(DECLARED, **declared))
    assert barriers(NEED, standing) == (barrier,)
    assert barrier.label


def test_every_kind_of_care_must_be_offered():
    need = replace(NEED, kinds=frozenset({"injection", "palliative"}))
    assert barriers(need, FREE) == (Barrier.OTHER_KIND,)


def test_a_widened_search_is_content_with_any_of_its_communes():
    elsewhere = replace(FREE, declared=replace(DECLARED, communes=frozenset({"05039"})))
    assert barriers(NEED, elsewhere) == (Barrier.OUT_OF_ZONE,)
    assert barriers(replace(NEED, communes=frozenset({"05001", "05039"})), elsewhere) == ()


def test_another_profession_is_not_asked():
    assert barriers(NEED, replace(FREE, profession="70")) == (Barrier.PROFESSION,)


def test_the_person_s_choice_and_having_been_asked_are_filters_too():
    assert barriers(replace(NEED, excluded=frozenset({NURSE})), FREE) == (Barrier.EXCLUDED,)
    assert barriers(replace(NEED, asked=frozenset({NURSE})), FREE) == (Barrier.ASKED,)
    assert barriers(replace(NEED, excluded=frozenset({OTHER})), FREE) == ()


def test_a_reached_cap_is_a_filter_and_no_cap_means_no_limit():
    assert barriers(NEED, replace(FREE, weekly_cap=2, taken_this_week=1)) == ()
    assert barriers(NEED, replace(FREE, weekly_cap=2, taken_this_week=2)) == (Barrier.CAP,)
    assert barriers(NEED, replace(FREE, weekly_cap=None, taken_this_week=99)) == ()


def test_refusals_become_proposals_with_the_best_supported_first():
    found = proposals([Refusal.TOO_FAR, Refusal.FULL, Refusal.KIND], [Barrier.CAP])
    assert [one.proposal for one in found] == [
        Proposal.WIDEN_ZONE,
        Proposal.OTHER_PROFESSION,
        Proposal.LIFT_CAP,
        Proposal.PHONE_LIST,
    ]


def test_a_later_offer_comes_before_everything():
    found = proposals([Refusal.TOO_FAR] * 9, later_offers=1)
    assert found[0].proposal is Proposal.LATER_OFFERS


@given(st.lists(st.sampled_from(Refusal)), st.lists(st.sampled_from(Barrier)), st.integers(0, 5))
def test_there_is_always_something_to_propose(refusals, met, later):
    found = proposals(refusals, met, later)
    assert found[-1].proposal is Proposal.PHONE_LIST
    assert len({one.proposal for one in found}) == len(found)
