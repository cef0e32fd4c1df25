"""Texts to a team: few, and only while something waits. Budgets: what was expected of them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.messaging.models import Message
from cordee.people.models import CircleMember, Person
from cordee.vigilance import jobs, selectors, services
from cordee.vigilance.models import AlarmBudget, Alert
from cordee.vigilance.rules.following import Effect, Verdict
from cordee.vigilance.selectors.learnt import answered_today
from tests.factories.people import (
    InformationFactory,
    PersonFactory,
    ProcessingFactory,
    joins_circle,
)
from tests.support import arranging, queued, run_jobs
from tests.vigilance.scene import set_home

LOW = {"visit": 4, "health": 1, "morale": 4, "fitness": 4}


@pytest.fixture
def home(db):
    home = set_home()
    services.set_budget(
        actor=home.coordinator,
        organization=home.desk,
        per_week=Decimal(6),
        minutes=20,
        mobile="0612345678",
        now=timezone.now(),
    )
    return home


def _storm(home, count=8):
    records = [home.record(marks=LOW)]
    for _ in range(count - 1):
        person = PersonFactory(territory=home.desk.territory)
        joins_circle(person, organization=home.desk)
        joins_circle(person, organization=home.service, role=CircleMember.Role.HOME_HELP)
        InformationFactory(person=person)
        records.append(home.record(person=str(person.pk), marks=LOW))
    home.send(*records, now=timezone.now())


def test_a_storm_is_one_text(home):
    _storm(home)
    run_jobs()
    assert Alert.objects.count() == 8
    assert Message.objects.filter(template="vigilance.alert").count() == 1
    assert Message.objects.get().expires_at is not None


def test_what_comes_soon_after_a_text_waits_for_the_next(home):
    home.send(home.record(marks=LOW), now=timezone.now())
    run_jobs()
    _storm(home, count=3)
    run_jobs()
    assert Message.objects.count() == 1
    again = {one[3] for one in queued("cordee.vigilance.jobs.tell")}
    assert len(again) == 1
    assert timedelta(minutes=9) < again.pop() - timezone.now() < timedelta(minutes=11)


def test_an_alert_that_was_passed_on_is_not_texted_again(home):
    home.send(home.record(marks=LOW), now=timezone.now())
    run_jobs()
    alert = Alert.objects.get()
    jobs.escalate(alert=str(alert.pk))
    jobs.escalate(alert=str(alert.pk))
    assert len(queued("cordee.vigilance.jobs.tell")) == 1


def test_nobody_is_texted_about_who_died(home):
    home.send(home.record(marks=LOW), now=timezone.now())
    with arranging():
        Person.objects.filter(pk=home.person.pk).update(deceased_on=timezone.localdate())
    run_jobs()
    assert not Message.objects.exists()


def test_one_alert_that_fails_does_not_hold_back_the_others(home, monkeypatch):
    home.send(home.record(marks=LOW), now=timezone.now() - timedelta(hours=2))
    late = Alert.objects.get()
    keys = [home.person.pk, late.pk]  # the first is no alert of anybody

    def passing(alert, now, **desk):
        raise ValueError("a roster that fails")

    monkeypatch.setattr(selectors, "late_alerts", lambda now: keys)
    with monkeypatch.context() as patched:
        patched.setattr(selectors, "stands_in_for", passing)
        jobs.escalate_late()
    assert Alert.objects.get().escalated_at is None
    jobs.escalate_late()
    assert Alert.objects.get().escalated_at is not None


def test_a_site_with_few_visits_is_not_taught_that_its_alerts_are_rare(home):
    home.send(home.record())
    long_ago = timezone.now() - timedelta(weeks=5)
    with arranging():
        AlarmBudget.objects.update(set_at=long_ago)
    home.send(home.record(marks=LOW), now=timezone.now())
    with arranging():
        alert = Alert.objects.get()
        Alert.objects.filter(pk=alert.pk).update(signal="drop")
    alert = Alert.objects.get()
    ended = services.Ended(Verdict.FALSE, Effect.SAME)
    services.close_alert(actor=home.coordinator, alert=alert, ended=ended, now=timezone.now())
    services.learn(actor=SYSTEM, now=timezone.now())
    assert AlarmBudget.objects.get().correction > 1


def test_a_team_watches_those_whose_alerts_it_answers(home):
    home.send(home.record())
    assert answered_today() == {home.person.pk: home.desk.pk}
    with arranging():
        ProcessingFactory(person=home.person, will="refused")
    assert answered_today() == {home.person.pk: home.service.pk}
