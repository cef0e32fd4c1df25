"""Clocks, the public page, and the end of duty."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.intake.rules.clocks import Moments, clock_of, median
from cordee.intake.rules.duty import PARIS, Hours, Keeping, Kept, closes_at, next_opening, why_alone
from cordee.intake.rules.states import State
from cordee.intake.rules.status import PUBLIC_REASON, REFUSALS, UNSAID, public_line

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
SOMEBODY = UUID(int=1)


def local(*moment):
    return datetime(*moment, tzinfo=PARIS)


def test_the_clock_names_what_is_still_awaited():
    clock = clock_of(Moments(AT, contacted_at=AT), AT + timedelta(minutes=12))
    assert clock.first_contact == timedelta()
    assert clock.running == "found"
    assert clock.age == timedelta(minutes=12)


def test_an_ended_request_stops_its_clock():
    moments = Moments(AT, AT, AT, AT, ended_at=AT + timedelta(hours=1))
    assert clock_of(moments, AT + timedelta(days=9)).age == timedelta(hours=1)
    assert clock_of(moments, AT + timedelta(days=9)).running is None


def test_a_request_found_in_time_never_becomes_late():
    moments = Moments(AT, found_at=AT + timedelta(hours=1), due_at=AT + timedelta(hours=2))
    assert not clock_of(moments, AT + timedelta(days=3)).late
    waiting = Moments(AT, due_at=AT + timedelta(hours=2))
    assert not clock_of(waiting, AT + timedelta(hours=2)).late
    assert clock_of(waiting, AT + timedelta(hours=2, seconds=1)).late


def test_the_clock_change_adds_no_hour():
    before = local(2026, 10, 25, 1, 30)
    after = datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
    assert clock_of(Moments(before), after).age == timedelta(hours=3)


@given(st.lists(st.timedeltas(timedelta(), timedelta(days=2)), min_size=1))
def test_the_median_has_as_many_below_as_above(durations):
    middle = median(durations)
    assert sum(d < middle for d in durations) <= len(durations) / 2
    assert sum(d > middle for d in durations) <= len(durations) / 2


def test_no_duration_no_median():
    assert median([]) is None


def test_the_public_page_says_only_what_is_on_its_list():
    said = {
        public_line(state, reason, light=light).sentence
        for state, reason, light in product(State, [*PUBLIC_REASON, "", "x"], [True, False])
    }
    assert len(said) <= 6 + len(REFUSALS) + 1
    for word in ("injection", "toilette", "pansement", "perfusion", "infirmière libérale", "M."):
        assert not any(word in sentence for sentence in said)


def test_an_unknown_reason_is_said_in_the_most_neutral_words():
    assert UNSAID in public_line(State.REFUSED, "aggressive_dog").sentence
    assert REFUSALS["declined"] in public_line(State.REFUSED, "person_declined").sentence


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        (local(2026, 11, 20, 19, 30), local(2026, 11, 21, 9)),  # vendredi → samedi
        (local(2026, 11, 21, 19, 30), local(2026, 11, 23, 9)),  # samedi → lundi
        (local(2026, 11, 23, 0, 0), local(2026, 11, 23, 9)),  # minuit
        (local(2026, 11, 23, 9, 0), local(2026, 11, 24, 9)),
        (local(2026, 10, 24, 19, 30), local(2026, 10, 26, 9)),  # changement d’heure
        (local(2026, 3, 28, 19, 30), local(2026, 3, 30, 9)),
    ],
)
def test_the_desk_opens_again_on_the_next_working_morning(now, opening):
    assert next_opening(now) == opening
    assert next_opening(now.astimezone(UTC)) == opening


def test_a_public_holiday_is_not_a_morning():
    hours = Hours(closed_on=(date(2026, 12, 25),))
    assert next_opening(local(2026, 12, 24, 19, 30), hours) == local(2026, 12, 26, 9)


def test_a_desk_may_open_later_and_on_other_days():
    hours = Hours(opens=time(14), weekdays=frozenset({6}))
    assert next_opening(local(2026, 11, 20, 19, 30), hours) == local(2026, 11, 22, 14)


def test_a_desk_that_never_opens_still_has_a_morning():
    never = Hours(weekdays=frozenset())
    assert next_opening(local(2026, 11, 20, 19, 30), never) == local(2026, 11, 21, 9)


def test_an_open_request_without_a_name_until_morning_is_an_orphan():
    morning = next_opening(AT)
    named = Kept(SOMEBODY, Keeping.ON_CALL, morning)
    assert why_alone(named, morning) == ""
    for alone in (
        Kept(None, Keeping.ON_CALL, morning),
        Kept(SOMEBODY, None, morning),
        Kept(SOMEBODY, Keeping.ON_CALL, None),
        Kept(SOMEBODY, Keeping.COLLEAGUE, morning - timedelta(seconds=1)),
        Kept(SOMEBODY, Keeping.CALLER_TOLD, morning, told_since=False),
    ):
        assert why_alone(alone, morning)


@pytest.mark.parametrize(
    ("ends", "closes", "at"),
    [
        (local(2026, 11, 23, 19, 22), time(19, 30), local(2026, 11, 23, 19, 30)),
        (local(2026, 11, 23, 23, 50), time(0), local(2026, 11, 24)),
        (local(2026, 10, 25, 1, 30), time(19, 30), local(2026, 10, 25, 19, 30)),
        (local(2026, 11, 23, 19, 30), time(19, 30), None),
        (local(2026, 11, 23, 21), time(19, 30), None),
    ],
)
def test_a_desk_whose_duty_has_ended_closes_the_same_day(ends, closes, at):
    assert closes_at(ends.astimezone(UTC), closes) == at
