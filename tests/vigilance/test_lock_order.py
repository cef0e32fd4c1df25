"""Recording and gestures on an alert wait for each other in one order: neither is undone."""

from datetime import timedelta
from threading import Event

import pytest

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.vigilance import services
from cordee.vigilance.models import Alert, Visit
from cordee.vigilance.rules.following import Deed, Effect, Verdict
from cordee.vigilance.services import Done, Ended, recording
from tests.support import NOW, queued, simultaneously, until_somebody_waits
from tests.vigilance.scene import set_home

LOW = {"visit": 4, "health": 1, "morale": 4, "fitness": 4}
RIGHT = Ended(Verdict.RIGHT, Effect.BETTER, "Merci.")
LATER = NOW + timedelta(hours=1)

GESTURES = {
    "see": lambda home, alert: services.see_alert(actor=home.coordinator, alert=alert, now=LATER),
    "act": lambda home, alert: services.act_on_alert(
        actor=home.coordinator, alert=alert, done=Done("Passer.", Deed.CALL), now=LATER
    ),
    "close": lambda home, alert: services.close_alert(
        actor=home.coordinator, alert=alert, ended=RIGHT, now=LATER
    ),
    "escalate": lambda home, alert: services.escalate(
        actor=SYSTEM, alert=alert, to=None, now=LATER
    ),
    "reinforce": lambda home, alert: services.reinforce(
        actor=home.coordinator,
        person=home.person,
        ground="fall",
        review_on=LATER.date(),
        now=LATER,
    ),
    "answer": lambda home, alert: services.answer(
        actor=home.coordinator, visit=alert.visit, words="Vu.", now=LATER
    ),
}


@pytest.mark.parametrize("named", GESTURES)
def test_a_visit_that_meets_a_gesture_on_the_same_person_undoes_nothing(
    transactional_db, monkeypatch, named
):
    home = set_home()
    home.send(home.record(marks=LOW))
    alert, recorded = Alert.objects.get(), Event()
    judge = recording.judge

    def judged_while_somebody_waits(visits, now, **care):
        recorded.set()
        until_somebody_waits()
        judge(visits, now, **care)

    monkeypatch.setattr(recording, "judge", judged_while_somebody_waits)

    def act():
        recorded.wait(10)
        GESTURES[named](home, alert)

    sent = simultaneously(lambda: home.send(home.record(marks=LOW), now=LATER), act)
    assert not [one for one in sent if isinstance(one, Exception)]
    assert Visit.objects.count() == 2
    assert queued("cordee.vigilance.jobs.judge_again") == []
    assert sum(Alert.objects.values_list("times", flat=True)) == 2


def test_what_is_judged_again_meets_a_visit_and_undoes_nothing(transactional_db):
    home = set_home()
    home.send(home.record(marks=LOW))
    first, judging = Visit.objects.get(), Event()

    def again():
        with gesture(actor=SYSTEM, verb="test.arrange", now=LATER):
            keys = [first.pk]
            services.judge_again(actor=SYSTEM, visits=keys, part="in_time", now=LATER)
            judging.set()
            until_somebody_waits()
            services.judge_again(actor=SYSTEM, visits=keys, part="at_once", now=LATER)

    def send():
        judging.wait(10)
        home.send(home.record(marks=LOW), now=LATER)

    assert [one for one in simultaneously(again, send) if isinstance(one, Exception)] == []
    assert queued("cordee.vigilance.jobs.judge_again") == []
    assert Alert.objects.get().times == 3
