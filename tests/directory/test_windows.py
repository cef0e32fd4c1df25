"""When a first visit may be, and who works then: pure, tried widely."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.broker.rules import Urgency, window_of
from cordee.directory import rules
from cordee.directory.kinds import VisitTime
from cordee.directory.rules import Away, Hours, Obstacle, Window
from cordee.intake import rules as intake
from cordee.pathways.orders import URGENCY

PARIS = rules.PARIS
FOUR = datetime(2026, 11, 23, 16, 0, tzinfo=PARIS)  # a Monday
LATE = datetime(2026, 11, 23, 19, 25, tzinfo=PARIS)
TOMORROW = datetime(2026, 11, 24, tzinfo=PARIS)
DAY = Urgency.DAY


def every_day(starts, ends):
    return [Hours(day, time(starts), time(ends % 24)) for day in range(7)]


def barred(hours, window, away=()):
    return rules.obstacles_when(hours, away, window)


def test_a_day_is_asked_whole_whatever_hour_one_begins():
    assert not barred(every_day(8, 19), window_of(DAY, TOMORROW, (), FOUR))
    assert not barred([Hours(1, time(18), time(20))], window_of(DAY, TOMORROW, (), FOUR))


def test_evening_visits_are_asked_of_who_works_in_the_evening():
    evening = window_of(Urgency.THREE_DAYS, TOMORROW, ("evening",), FOUR)
    assert not barred(every_day(16, 21), evening)
    assert not barred(every_day(8, 19), evening)
    assert barred(every_day(7, 13), evening) == [Obstacle.OUT_OF_HOURS]
    assert not barred(every_day(7, 13), window_of(DAY, TOMORROW, ("evening", "noon"), FOUR))


def test_within_three_days_or_one_a_morning_that_follows_will_do():
    for urgency in (Urgency.THREE_DAYS, DAY, Urgency.PLANNED):
        assert not barred(every_day(7, 13), window_of(urgency, FOUR, (), FOUR))
    thursday = [Hours(3, time(7), time(13))]
    assert not barred(thursday, window_of(Urgency.THREE_DAYS, FOUR, (), FOUR))
    assert barred(thursday, window_of(DAY, FOUR, (), FOUR)) == [Obstacle.OUT_OF_HOURS]


def test_this_evening_is_this_evening():
    tonight = window_of(Urgency.TONIGHT, LATE, (), LATE)
    assert barred(every_day(8, 19), tonight) == [Obstacle.OUT_OF_HOURS]
    assert barred(every_day(7, 13), tonight) == [Obstacle.OUT_OF_HOURS]
    assert not barred(every_day(8, 20), tonight)
    assert not barred(every_day(20, 24), tonight)
    at_ten = LATE.replace(hour=22)
    assert not barred(every_day(23, 24), window_of(Urgency.TONIGHT, at_ten, (), at_ten))


def test_what_is_planned_for_a_day_is_for_that_day():
    thursday = datetime(2026, 11, 26, tzinfo=PARIS)
    planned = window_of(Urgency.PLANNED, thursday, (), FOUR)
    assert not barred([Hours(3, time(7), time(13))], planned)
    assert barred([Hours(4, time(7), time(13))], planned) == [Obstacle.OUT_OF_HOURS]


def test_the_past_is_never_asked_for():
    long_after = FOUR + timedelta(days=5)
    window = window_of(DAY, FOUR, (), long_after)
    assert window.begins_at == long_after
    assert barred([Hours(0, time(7), time(13))], window) == [Obstacle.OUT_OF_HOURS]


def test_one_is_away_when_nothing_is_left_of_the_hours_that_were_asked():
    window, mornings = window_of(DAY, TOMORROW, (), FOUR), every_day(7, 13)
    back_at_two = Away(FOUR - timedelta(days=9), TOMORROW.replace(hour=14))
    back_at_ten = Away(FOUR - timedelta(days=9), TOMORROW.replace(hour=10))
    in_two = (Away(FOUR, TOMORROW.replace(hour=9)), Away(TOMORROW.replace(hour=9)))
    assert barred(mornings, window, [back_at_two]) == [Obstacle.AWAY]
    assert not barred(mornings, window, [back_at_ten])
    assert not barred(every_day(7, 19), window, [back_at_two])
    assert barred(every_day(7, 19), window, in_two) == [Obstacle.AWAY]
    assert not barred(mornings, window, [Away(TOMORROW.replace(hour=8))])
    assert barred([], window, [Away(FOUR)]) == [Obstacle.OUT_OF_HOURS, Obstacle.AWAY]


def test_night_holds_both_sides_of_midnight():
    night = window_of(DAY, FOUR, ("night",), FOUR)
    assert not barred(every_day(0, 5), night)
    assert not barred(every_day(20, 24), night)
    assert barred(every_day(6, 21), night) == [Obstacle.OUT_OF_HOURS]


def test_every_moment_of_the_day_has_its_hours():
    for setting in rules.MOMENT_HOURS:
        assert set(setting.hours) == set(VisitTime)
        assert setting.source


def test_each_day_is_judged_by_the_hours_in_force_that_day():
    """A territory says that its evening begins at 19:00, from Wednesday on."""
    shipped = rules.MOMENT_HOURS[-1]
    later = {**shipped.hours, "evening": ((time(19), time(22)),)}
    new = rules.MomentHours(date(2026, 11, 25), "Réunion des infirmières", later, verified=True)
    settings = (shipped, new)
    at_six = every_day(17, 18)
    tuesday = Window(TOMORROW, TOMORROW + timedelta(days=1), frozenset({"evening"}), settings)
    wednesday = Window(
        tuesday.ends_at, tuesday.ends_at + timedelta(days=1), tuesday.moments, settings
    )
    assert not barred(at_six, tuesday)
    assert barred(at_six, wednesday) == [Obstacle.OUT_OF_HOURS]
    assert not barred(every_day(17, 20), wednesday)
    assert rules.moment_hours(date(2020, 1, 1), settings) is shipped
    assert rules.moment_hours(date(2026, 11, 25), settings) is new


@pytest.mark.parametrize("delay", list(intake.Delay))
@pytest.mark.parametrize("day", [None, date(2026, 11, 23), date(2026, 11, 24), date(2026, 12, 9)])
@pytest.mark.parametrize("moments", [(), ("evening", "noon")])
def test_the_desk_counts_over_the_window_of_the_search(delay, day, moments):
    begins = intake.begins_at(day, FOUR)
    counted = intake.window(delay, begins, moments, FOUR)
    assert counted == window_of(URGENCY[delay], begins, moments, FOUR)


minutes = st.integers(0, 6 * 24 * 60).map(lambda rank: TOMORROW + timedelta(minutes=rank))
clocks = st.integers(0, 24 * 12 - 1).map(lambda rank: time(rank // 12, rank % 12 * 5))
stretches = st.builds(Hours, st.integers(0, 6), clocks, clocks).filter(
    lambda one: one.ends == time(0) or one.starts < one.ends
)
spans = st.builds(
    lambda begins, lasts: Away(begins, begins + timedelta(minutes=lasts)),
    minutes,
    st.integers(1, 4000),
)


@given(
    st.lists(stretches, max_size=5),
    st.lists(spans, max_size=3),
    minutes,
    st.integers(1, 2000),
    st.frozensets(st.sampled_from(list(VisitTime)), max_size=2),
)
def test_one_may_be_asked_when_a_minute_is_left(week, away, begins, lasts, asked):
    """The rule against a walk through every minute of the window."""

    def is_in(local, starts, ends):
        return starts <= local.time() and (ends == time(0) or local.time() < ends)

    def is_free(moment):
        local = moment.astimezone(PARIS)
        works = [one for one in week if one.weekday == local.weekday()]
        wanted = [span for one in asked for span in rules.MOMENT_HOURS[-1].hours[one]]
        return (
            any(is_in(local, one.starts, one.ends) for one in works)
            and (not asked or any(is_in(local, *span) for span in wanted))
            and not any(one.begins_at <= moment < one.ends_at for one in away)
        )

    window = Window(begins, begins + timedelta(minutes=lasts), asked)
    found = any(is_free(begins + timedelta(minutes=rank)) for rank in range(lasts))
    assert (not barred(week, window, away)) == found
