"""The hours of many are counted by sets, as those of one are counted one by one."""

from datetime import time, timedelta

import pytest

from cordee.directory import rules, selectors
from cordee.directory.models import Practice
from tests.factories.directory import AbsenceFactory, PracticeFactory, WeeklyHoursFactory
from tests.support import NOW, PARIS

pytestmark = pytest.mark.django_db
FIRST = (NOW - timedelta(days=30)).astimezone(PARIS).date()
DAY = timedelta(days=1)


def working(*stretches):
    practice = PracticeFactory()
    for weekday, starts, ends in stretches:
        WeeklyHoursFactory(practice=practice, weekday=weekday, starts=starts, ends=ends)
    return practice


def one_by_one(practice):
    return rules.declared_hours(
        [one.stretch() for one in practice.hours.order_by("pk")],
        [one.span() for one in practice.absences.order_by("pk")],
        FIRST,
    )


@pytest.mark.parametrize(
    "away",
    [
        [],
        [(-60 * DAY, -45 * DAY)],  # over before
        [(-60 * DAY, -25 * DAY)],  # the beginning
        [(-10 * DAY, -5 * DAY), (-6 * DAY, -2 * DAY)],  # one over the other
        [(-3 * DAY, None)],  # until she resumes
        [(-40 * DAY, None)],
        [(5 * DAY, 9 * DAY)],  # to come
    ],
)
def test_the_hours_of_many_are_those_of_each(away):
    week = [(0, time(8), time(12)), (0, time(14), time(19, 30)), (6, time(20), time(0))]
    practices = [working(*week), working(*week), working((2, time(0), time(0))), working()]
    for begins, ends in away:
        AbsenceFactory(
            practice=practices[0],
            begins_at=NOW + begins,
            ends_at=None if ends is None else NOW + ends,
        )
    found = selectors.hours_declared(Practice.objects.all(), FIRST)
    assert found == {one.practitioner_id: one_by_one(one) for one in practices}
    assert found[practices[1].practitioner_id] > 0
    assert found[practices[3].practitioner_id] == 0


def test_their_queries_do_not_follow_their_number(django_assert_num_queries):
    for _ in range(12):
        AbsenceFactory(practice=working((0, time(8), time(12))), begins_at=NOW - DAY)
    with django_assert_num_queries(2):
        selectors.hours_declared(Practice.objects.all(), FIRST)
