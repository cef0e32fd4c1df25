"""Judging what was recorded: whatever happens, visits are kept and urgent signs are told."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import connection

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.vigilance import services
from cordee.vigilance.models import Alert, Leaning, Visit, Watch
from cordee.vigilance.rules.following import Effect, Verdict
from cordee.vigilance.rules.trend import SIZE
from cordee.vigilance.services import Ended, judging
from cordee.vigilance.services.remembered import remember, remembered
from tests.support import NOW, arranging, queued, run_jobs, simultaneously, until_somebody_waits
from tests.vigilance.scene import set_home

LOW = {"visit": 4, "health": 1, "morale": 4, "fitness": 4}
FALLEN = {"visit": 3, "health": 2, "morale": 2, "fitness": 3}
RIGHT = Ended(Verdict.RIGHT, Effect.BETTER)


@pytest.fixture
def home(db):
    return set_home()


def test_numbers_that_cannot_be_read_are_made_again_from_the_visits(home):
    for day in range(3):
        home.send(home.record(at=(NOW - timedelta(days=4 - day)).isoformat(), sequence=day))
    Watch.objects.update(numbers=[1.0, 2.0])
    acks = home.send(home.record(sequence=9))
    assert {state for state, _ in acks.values()} == {"received"}
    numbers = Watch.objects.get().numbers
    assert (len(numbers), numbers[0]) == (SIZE, 4)


def test_a_way_of_marking_that_cannot_be_read_is_not_known(home):
    with arranging():
        Leaning.objects.create(
            helper_id=home.helper.account_id, offsets=[0.1], spread=1, doubt=0.1, estimated_at=NOW
        )
    home.send(home.record())
    assert Watch.objects.get().numbers[0] == 1


def test_visits_that_cannot_be_judged_are_recorded_and_judged_later(home, monkeypatch):
    def broken(*_):
        raise ValueError("a detector that fails")

    with monkeypatch.context() as patched:
        patched.setattr(judging, "severities_of", broken)
        acks = home.send(home.record(marks=LOW))
    assert {state for state, _ in acks.values()} == {"received"}
    assert Visit.objects.count() == 1
    assert Alert.objects.get().signal == "immediate"
    assert not Watch.objects.exists()
    assert [one[2]["part"] for one in queued("cordee.vigilance.jobs.judge_again")] == ["in_time"]
    run_jobs()
    assert Watch.objects.get().numbers[0] == 1
    assert Alert.objects.get().times == 1


def test_an_urgent_sign_that_meets_a_closing_is_told_again(transactional_db):
    home = set_home()
    home.send(home.record(marks=LOW))
    alert, closing = Alert.objects.get(), Event()

    def close():
        with gesture(actor=SYSTEM, verb="test.arrange", now=NOW):
            services.close_alert(actor=home.coordinator, alert=alert, ended=RIGHT, now=NOW)
            closing.set()
            until_somebody_waits()

    def send():
        closing.wait(10)
        home.send(home.record(marks=LOW))

    assert simultaneously(close, send) == [None, None]
    assert sorted(Alert.objects.values_list("closed_at", flat=True), key=str) == [NOW, None]


def test_who_begins_to_remember_while_another_does_reads_what_they_wrote(transactional_db):
    home, begun = set_home(), Event()

    def first():
        with gesture(actor=SYSTEM, verb="test.arrange", now=NOW):
            watch = remembered({home.person.pk})[home.person.pk]
            watch.numbers = [0.1]
            remember([watch])
            begun.set()
            until_somebody_waits()

    def second():
        begun.wait(10)
        with gesture(actor=SYSTEM, verb="test.arrange", now=NOW):
            return remembered({home.person.pk})[home.person.pk].numbers

    assert simultaneously(first, second) == [None, [0.1]]


def test_what_is_confirmed_by_a_gesture_begun_before_it_was_seen_waits_again(home):
    home.send(home.record(marks=LOW))
    later = NOW + timedelta(seconds=2)
    services.see_alert(actor=home.coordinator, alert=Alert.objects.get(), now=later)
    home.send(home.record(marks=LOW))
    alert = Alert.objects.get()
    assert alert.is_waiting
    assert alert.latest_at > alert.seen_at


def test_a_late_visit_that_has_others_tell_a_trend_raises_it(home):
    usual = {"visit": 4, "health": 4, "morale": 4, "fitness": 4}
    start = NOW - timedelta(days=30)
    home.send(
        *(
            home.record(at=(start + timedelta(days=day)).isoformat(), sequence=day, marks=usual)
            for day in range(20)
        )
    )
    falls = [
        home.record(
            at=(start + timedelta(days=20 + day)).isoformat(), sequence=20 + day, marks=FALLEN
        )
        for day in range(4)
    ]
    Watch.objects.update(drop_limit=5.0, decline_limit=90.0)
    home.send(falls[3])
    assert not Alert.objects.exists()
    home.send(falls[0])
    assert not Alert.objects.exists()
    home.send(falls[1])
    assert {one.signal for one in Alert.objects.all()} == {"drop"}
    alert = Alert.objects.get()
    assert str(alert.visit_id) == falls[3]["id"]
    home.send(falls[2])
    assert Alert.objects.count() == 1


def test_records_that_are_merged_say_together_what_nobody_was_told(home):
    usual = {"visit": 4, "health": 4, "morale": 4, "fitness": 4}
    for day in range(30):
        marks = usual if day < 26 else FALLEN
        at = (NOW - timedelta(days=31 - day)).isoformat()
        home.send(home.record(at=at, sequence=day, marks=marks))
        with arranging():
            Watch.objects.update(drop_limit=90.0, decline_limit=90.0)
    assert not Alert.objects.exists()
    with arranging():
        Watch.objects.update(drop_limit=4.0)
        services.watch_again(home.person.pk, NOW)
    assert Alert.objects.get().signal == "drop"
    assert connection.in_atomic_block
