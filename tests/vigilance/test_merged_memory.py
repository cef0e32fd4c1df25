"""Two records that are merged, then parted: what the detector remembers is made again each time."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.people.models import Candidate, CircleMember, Merge
from cordee.vigilance.models import Alert, Visit, Watch
from cordee.vigilance.rules import trend
from cordee.vigilance.rules.limits import USUAL
from cordee.vigilance.rules.trend import UNKNOWN, Trend
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import NOW, Browser, run_jobs, seen_on
from tests.vigilance.scene import set_home

USUALLY = {"visit": 4, "health": 4, "morale": 4, "fitness": 4}
FALLEN = {"visit": 2, "health": 2, "morale": 2, "fitness": 2}


@pytest.fixture
def home(db):
    return set_home()


@pytest.fixture
def double(home):
    person = PersonFactory(territory=home.desk.territory)
    joins_circle(person, organization=home.desk)
    joins_circle(person, organization=home.service, role=CircleMember.Role.HOME_HELP)
    InformationFactory(person=person)
    return person


def _visits(home, person, days, **marks):
    home.send(
        *(
            home.record(
                person=str(person.pk),
                at=(NOW - timedelta(days=40 - day)).isoformat(),
                sequence=day,
                marks=USUALLY | marks,
            )
            for day in days
        )
    )


def _merged(home, double):
    """Bring both together as a coordinator does, through the pages."""
    browser = Browser().as_(home.coordinator)
    sent = browser.post(reverse("people:propose", args=[home.person.pk, double.pk]))
    seen = seen_on(browser.get(sent.url))
    browser.post(reverse("people:merge", args=[Candidate.objects.get().pk]), seen)
    run_jobs()
    return browser, Merge.objects.get()


def _replayed(person):
    """What the rules remember of the visits that are hers, read one after the other."""
    kept, latest = Trend(), None
    for visit in Visit.objects.filter(person=person).order_by("happened_at", "pk"):
        days = (visit.happened_at - latest) / timedelta(days=1) if latest else 0.0
        marks = list(visit.marks.values())
        kept, _ = trend.after(kept, marks, days=days, severity=UNKNOWN, limits=USUAL)
        latest = visit.happened_at
    return kept.as_list()


def _remembered():
    return {one.pk: (one.numbers, one.latest_at) for one in Watch.objects.all()}


def test_a_merge_makes_the_memory_of_one_person_and_its_undoing_that_of_two(home, double):
    _visits(home, home.person, range(0, 20, 2))
    _visits(home, double, range(1, 20, 3), health=3)
    before = _remembered()
    browser, merge = _merged(home, double)
    survivor, absorbed = merge.survivor_id, merge.absorbed_id
    kept = Watch.objects.get(pk=survivor)
    assert kept.numbers[0] == Visit.objects.filter(person=survivor).count() == 17
    assert kept.numbers == _replayed(survivor)
    assert Watch.objects.get(pk=absorbed).person_id == survivor
    browser.post(reverse("people:undo_merge", args=[merge.pk]))
    run_jobs()
    assert _remembered() == before
    assert {one.pk: one.person_id for one in Watch.objects.all()} == {
        survivor: survivor,
        absorbed: absorbed,
    }


def test_what_is_visited_between_a_merge_and_its_undoing_is_remembered_where_it_ends(home, double):
    _visits(home, home.person, range(0, 10))
    _visits(home, double, range(10, 14))
    browser, merge = _merged(home, double)
    _visits(home, double, [20], morale=2)  # a phone that does not know of the merge yet
    assert Watch.objects.get(pk=merge.survivor_id).numbers[0] == 15
    browser.post(reverse("people:undo_merge", args=[merge.pk]))
    run_jobs()
    for person in (merge.survivor_id, merge.absorbed_id):
        numbers = Watch.objects.get(pk=person).numbers
        assert numbers == _replayed(person)
    assert Visit.objects.count() == 15


def test_a_fall_of_marks_that_two_records_hid_is_told_when_they_are_one(home, double):
    _visits(home, home.person, range(0, 30))
    _visits(home, double, range(30, 35), **FALLEN)
    assert not Alert.objects.exists()
    _, merge = _merged(home, double)
    alert = Alert.objects.get(signal="drop")
    assert (alert.person_id, alert.organization) == (merge.survivor_id, home.desk)
    assert alert.visit.marks == FALLEN
