"""Hours, availability and what makes a professional solicitable: pure, tried widely."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from cordee.directory import rules
from cordee.directory.rules import Away, Declared, Hours, Obstacle, Window

MONDAY = datetime(2026, 11, 23, 19, 25, tzinfo=rules.PARIS)
DAY = Hours(0, time(7), time(19, 30))


def complete(**changed):
    traits = {
        "mobile": "+33612345678",
        "mobile_proved": True,
        "tie_confirmed": True,
        "kinds": frozenset({"injection"}),
        "communes": frozenset({"05132"}),
        "hours": (DAY,),
    }
    return Declared(**{**traits, **changed})


def minute(at):
    return Window(at.astimezone(UTC), at.astimezone(UTC) + timedelta(minutes=1))


def at_work(hours, at, away=()):
    return not rules.obstacles_when(hours, away, minute(at))


def test_the_end_of_a_stretch_is_outside():
    assert at_work([DAY], MONDAY)
    assert not at_work([DAY], MONDAY.replace(hour=19, minute=30))
    assert at_work([Hours(0, time(20), time(0))], MONDAY.replace(hour=23, minute=59))


def test_hours_are_those_of_the_clock_on_the_wall():
    at_eight_in_winter = datetime(2026, 10, 26, 7, 0, tzinfo=UTC)  # a Monday, after the change
    at_eight_in_summer = datetime(2026, 10, 19, 6, 0, tzinfo=UTC)  # the Monday before
    early = Hours(0, time(8), time(9))
    assert at_work([early], at_eight_in_winter)
    assert at_work([early], at_eight_in_summer)


def test_a_night_of_clock_change_lasts_what_it_lasts():
    sunday = Hours(6, time(0), time(6))
    autumn, spring = date(2026, 10, 25), date(2026, 3, 29)
    assert rules.declared_hours([sunday], [], autumn, days=1) == 7
    assert rules.declared_hours([sunday], [], spring, days=1) == 5


def test_overlapping_absences_are_taken_away_once():
    day = date(2026, 11, 23)
    morning = Away(MONDAY.replace(hour=8, minute=0), MONDAY.replace(hour=10, minute=0))
    longer = Away(MONDAY.replace(hour=9, minute=0), MONDAY.replace(hour=11, minute=0))
    assert rules.declared_hours([DAY], [longer, morning], day, days=1) == 9.5
    assert rules.declared_hours([DAY], [Away(MONDAY.replace(hour=9, minute=0))], day, days=8) == 2


AUTUMN = datetime(2026, 10, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=60)).map(lambda since: AUTUMN + since)


def whole_minutes(**bounds):
    return st.times(**bounds).map(lambda one: one.replace(second=0, microsecond=0))


stretches = st.builds(
    Hours,
    st.integers(0, 6),
    st.times(max_value=time(11, 59)).map(lambda t: t.replace(second=0, microsecond=0)),
    st.times(min_value=time(12)).map(lambda t: t.replace(second=0, microsecond=0))
    | st.just(time(0)),
)
absences = st.lists(
    st.builds(lambda a, h: Away(a, a + h), moments, st.timedeltas(timedelta(1), timedelta(20))),
    max_size=4,
)


@given(st.lists(stretches, max_size=6), absences)
def test_declared_hours_count_the_minutes_one_is_there(hours, away):
    week = rules.merged(hours)
    first = date(2026, 10, 21)  # the week of the clock change
    begins = datetime.combine(first, time(0), rules.PARIS).astimezone(UTC)
    minutes = sum(
        at_work(week, moment, away)
        for moment in (begins + timedelta(minutes=rank) for rank in range(0, 7 * 24 * 60 + 60, 15))
        if moment.astimezone(rules.PARIS).date() < first + timedelta(days=7)
    )
    assert abs(rules.declared_hours(week, away, first, days=7) - minutes / 4) <= 4


@given(st.lists(stretches, max_size=8), moments)
def test_joining_stretches_changes_no_minute(hours, at):
    joined = rules.merged(hours)
    assert at_work(hours, at) == at_work(joined, at)
    for first, second in zip(joined, joined[1:], strict=False):
        assert first.weekday < second.weekday or (
            first.ends != time(0) and first.ends < second.starts
        )


def test_every_missing_condition_is_said():
    assert rules.obstacles(complete()) == []
    missing = {
        Obstacle.CLOSED: {"closed": True},
        Obstacle.NO_MOBILE: {"mobile": ""},
        Obstacle.MOBILE_UNPROVED: {"mobile_proved": False},
        Obstacle.TIE_UNCONFIRMED: {"tie_confirmed": False},
        Obstacle.STOPPED: {"stopped": True},
        Obstacle.NO_KIND: {"kinds": frozenset()},
        Obstacle.NO_ZONE: {"communes": frozenset()},
        Obstacle.NO_HOURS: {"hours": ()},
    }
    for obstacle, traits in missing.items():
        assert rules.obstacles(complete(**traits)) == [obstacle]
    assert set(rules.SAID) == set(Obstacle)


def test_a_need_may_be_elsewhere_otherwise_or_at_another_time():
    def to(**need):
        wanted = {"kinds": ["injection"], "commune": "05132", "window": minute(MONDAY), **need}
        return rules.obstacles_to(complete(absences=need.pop("absences", ())), **wanted)

    assert to() == []
    assert to(kinds=["injection", "dressing"]) == [Obstacle.OTHER_KIND]
    assert to(commune="34301") == [Obstacle.OUT_OF_ZONE]
    assert to(window=minute(MONDAY + timedelta(hours=1))) == [Obstacle.OUT_OF_HOURS]
    away = complete(absences=(Away(MONDAY - timedelta(days=1)),))
    need = {"kinds": ["injection"], "commune": "05132", "window": minute(MONDAY)}
    assert rules.obstacles_to(away, **need) == [Obstacle.AWAY]


def test_the_desk_is_held_from_monday_to_saturday_nine_to_half_past_seven():
    usual = (rules.DUTY_DAYS, rules.DUTY_OPENS, rules.DUTY_CLOSES)
    assert rules.desk_is_open(*usual, MONDAY)
    assert not rules.desk_is_open(*usual, MONDAY.replace(hour=8, minute=59))
    assert not rules.desk_is_open(*usual, MONDAY.replace(hour=19, minute=30))
    assert rules.desk_is_open(*usual, MONDAY + timedelta(days=5))
    assert not rules.desk_is_open(*usual, MONDAY + timedelta(days=6))


def test_the_cover_of_the_cover_sees_the_work_and_a_ring_stops():
    a, b, c = uuid4(), uuid4(), uuid4()
    covers = [(a, b), (b, c)]
    assert rules.stands_in_for(covers, a) == [b, c]
    assert rules.absent_covered_by(covers, c) == {a, b}
    assert rules.absent_covered_by(covers, a) == frozenset()
    ring = [*covers, (c, a)]
    assert rules.stands_in_for(ring, a) == [b, c]
    assert rules.absent_covered_by(ring, a) == {b, c}
