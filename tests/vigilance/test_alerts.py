"""Alerts, from the visit that raises them to the words that the helper reads."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.access.policy import visible
from cordee.access.sight import seen_by
from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.identifiers import uuid7
from cordee.kernel.models import FactHeader
from cordee.pathways import services as tasks
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.models import CircleMember
from cordee.plans.rules.rhythms import end_of
from cordee.vigilance import selectors, services
from cordee.vigilance.models import Alert, Leaning, Visit, Watch
from cordee.vigilance.rules.following import Deed, Effect, Verdict
from cordee.vigilance.services import Done, Ended
from tests.factories.directory import MembershipFactory, PractitionerFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import NOW, arranging, run_jobs, simultaneously
from tests.vigilance.scene import set_home

LOW = {"visit": 4, "health": 1, "morale": 4, "fitness": 4}
FALLEN = {"visit": 3, "health": 2, "morale": 2, "fitness": 3}
RIGHT = Ended(Verdict.RIGHT, Effect.BETTER)


@pytest.fixture
def home(db):
    return set_home()


def _usual(home, count=24, first=1):
    """Ordinary visits, a day apart, the last of them yesterday."""
    start = NOW - timedelta(days=count)
    records = [
        home.record(
            at=(start + timedelta(days=day)).isoformat(),
            sequence=first + day,
            marks={"visit": 4, "health": 4 if day % 2 else 3, "morale": 4, "fitness": 4},
        )
        for day in range(count)
    ]
    home.send(*records)


def test_a_very_low_mark_raises_an_alert_in_the_transaction_that_records_it(home):
    one = home.record(marks=LOW)
    home.send(one)
    alert = Alert.objects.get()
    assert (alert.signal, alert.marks, alert.visit_id) == ("immediate", ["health"], alert.visit_id)
    assert str(alert.visit_id) == one["id"]
    assert alert.organization == home.desk
    assert FactHeader.objects.get(kind="vigilance.alert_raised").thread_id == home.person.pk


def test_an_ordinary_visit_raises_nothing(home):
    home.send(home.record())
    assert not Alert.objects.exists()
    assert len(Watch.objects.get(pk=home.person.pk).numbers) == 23


def test_several_visits_say_together_what_none_says_alone(home):
    _usual(home)
    assert not Alert.objects.exists()
    for day in range(4):
        at = (NOW - timedelta(hours=20 - day)).isoformat()
        home.send(home.record(at=at, sequence=100 + day, marks=FALLEN))
    signals = set(Alert.objects.values_list("signal", flat=True))
    assert "drop" in signals
    assert "immediate" not in signals


def test_the_same_signal_is_open_once_and_counts_what_confirms_it(home):
    for _ in range(3):
        home.send(home.record(marks=LOW))
    alert = Alert.objects.get()
    assert alert.times == 3
    assert FactHeader.objects.filter(kind="vigilance.alert_raised").count() == 1


def test_two_phones_at_once_open_one_alert(transactional_db):
    home = set_home()
    first, second = home.record(marks=LOW), home.record(marks=LOW)
    simultaneously(lambda: home.send(first), lambda: home.send(second))
    assert Visit.objects.count() == 2
    alert = Alert.objects.get()
    assert alert.times == 2
    assert Watch.objects.get().numbers[0] == 2


def test_the_database_keeps_one_open_alert_per_person_and_signal(home):
    home.send(home.record(marks=LOW))
    alert = Alert.objects.get()
    with (
        pytest.raises(IntegrityError, match="vigilance_alert_is_open_once_per_person_and_signal"),
        arranging(),
        transaction.atomic(),
    ):
        Alert.objects.create(
            person=alert.person,
            organization=alert.organization,
            service=alert.service,
            signal=alert.signal,
            visit=alert.visit,
            weight=1,
            raised_at=NOW,
            latest_at=NOW,
        )


def test_what_cannot_wait_is_told_again_when_it_comes_back_after_it_was_seen(home):
    home.send(home.record(marks=LOW))
    services.see_alert(actor=home.coordinator, alert=Alert.objects.get(), now=NOW)
    assert not Alert.objects.get().is_waiting
    home.send(home.record(marks=LOW), now=NOW + timedelta(hours=3))
    assert Alert.objects.get().is_waiting
    assert FactHeader.objects.filter(kind="vigilance.alert_raised").count() == 2


def test_a_visit_that_comes_late_is_read_in_its_place(home):
    _usual(home)
    in_order = Watch.objects.get().numbers
    late = home.record(at=(NOW - timedelta(days=30)).isoformat(), sequence=1)
    home.send(late)
    watch = Watch.objects.get()
    assert watch.numbers[0] == in_order[0] + 1
    assert watch.latest_at == max(Visit.objects.values_list("happened_at", flat=True))


def test_seen_acted_on_and_closed_with_its_effect_and_the_helper_is_told(home):
    home.send(home.record(marks=LOW))
    alert = selectors.get_alert(home.coordinator, Alert.objects.get().pk)
    done = Done("Voir ce qui ne va pas.", Deed.CALL, "Appel à sa fille.")
    services.act_on_alert(actor=home.coordinator, alert=alert, done=done, now=NOW)
    visit = Visit.objects.get()
    assert (visit.status, visit.seen_by_id) == ("seen", home.coordinator.account_id)
    ended = Ended(Verdict.RIGHT, Effect.BETTER, "Sa fille passe ce soir, merci.")
    services.close_alert(actor=home.coordinator, alert=alert, ended=ended, now=NOW)
    alert.refresh_from_db()
    assert (alert.verdict, alert.effect, alert.deed) == ("right", "better", "call")
    assert Visit.objects.get().answer == "Sa fille passe ce soir, merci."


def test_a_small_everyday_action_has_a_day_to_see_whether_it_helps(home):
    home.send(home.record(marks=LOW))
    done = Done("Marcher un peu.", Deed.EVERYDAY)
    with pytest.raises(DomainError, match="jour"):
        services.act_on_alert(actor=home.coordinator, alert=Alert.objects.get(), done=done, now=NOW)


def _done_until(home, days):
    """Something is done, to be looked at again in some days; the conductor hears of it."""
    done = Done("Boire.", Deed.DOCTOR, review_on=NOW.date() + timedelta(days=days))
    again = replace(done, seen=Alert.objects.get().version)
    services.act_on_alert(actor=home.coordinator, alert=Alert.objects.get(), done=again, now=NOW)
    run_jobs()
    return Task.objects.open().get(kind="follow_alert")


@pytest.mark.parametrize("days", [2, 14])
def test_a_day_to_look_again_is_the_one_that_was_chosen_and_its_task_keeps_its_hand(
    home, monkeypatch, days
):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    home.send(home.record(marks=LOW))
    task = _done_until(home, days)
    assert task.due_at == end_of(NOW.date() + timedelta(days=days))
    colleague = MembershipFactory(role="coordinator", organization=home.desk).account
    tasks.hand_over(actor=home.coordinator, task=task, to=colleague, now=NOW)
    nurse = joins_circle(home.person, practitioner=PractitionerFactory())
    people.leave_circle(actor=SYSTEM, member=nurse, now=NOW)  # the circle is looked at again
    run_jobs()
    kept = Task.objects.open().get(kind="follow_alert")
    assert (kept.pk, kept.assignee) == (task.pk, colleague)
    moved = _done_until(home, 20)
    assert (moved.due_at, moved.assignee) == (end_of(NOW.date() + timedelta(days=20)), colleague)


def test_a_closed_alert_stays_closed(home):
    home.send(home.record(marks=LOW))
    alert = Alert.objects.get()
    services.close_alert(actor=home.coordinator, alert=alert, ended=RIGHT, now=NOW)
    with pytest.raises(DomainError, match="déjà close"):
        services.close_alert(actor=home.coordinator, alert=alert, ended=RIGHT, now=NOW)
    with (
        pytest.raises(IntegrityError, match="vigilance_closed_alert_stays_closed"),
        arranging(),
        transaction.atomic(),
    ):
        Alert.objects.filter(pk=alert.pk).update(verdict="false")


def test_a_home_help_tells_and_others_decide(home):
    home.send(home.record(marks=LOW))
    with pytest.raises(Forbidden):
        services.close_alert(actor=home.helper, alert=Alert.objects.get(), ended=RIGHT, now=NOW)


def test_nobody_reads_what_the_detector_remembers(home):
    home.send(home.record())
    for one in (home.coordinator, home.helper):
        assert not visible(Watch.objects.all(), one).exists()
        with seen_by(one):
            assert not Watch.objects.exists()
    assert visible(Watch.objects.all(), SYSTEM).exists()


def test_an_alert_storm_is_grouped_by_person_and_ranked(home):
    others = []
    for _ in range(20):
        person = PersonFactory(territory=home.desk.territory)
        joins_circle(person, organization=home.desk)
        joins_circle(person, organization=home.service, role=CircleMember.Role.HOME_HELP)
        InformationFactory(person=person)
        others.append(person)
    storm = [home.record(person=str(one.pk), marks=LOW) for one in others for _ in range(10)]
    storm.append(home.record(marks=LOW, urgent=True))
    home.send(*storm[:101])
    home.send(*storm[101:])
    groups = selectors.open_alerts(home.coordinator)
    assert len(groups) == Alert.objects.count() == 21
    assert groups[0][0].person == home.person
    spent = selectors.spent_by(home.coordinator, home.desk.pk, NOW)
    assert spent.at_once == 21
    assert spent.this_week == 0


def test_nobody_saw_it_so_it_passes_to_somebody_else_once(home):
    home.send(home.record(marks=LOW))
    alert = Alert.objects.get()
    later = NOW + timedelta(minutes=31)
    assert selectors.late_alerts(later) == [alert.pk]
    services.escalate(actor=SYSTEM, alert=alert, to=None, now=later)
    assert selectors.late_alerts(later) == []
    services.escalate(actor=SYSTEM, alert=alert, to=None, now=later + timedelta(minutes=5))
    assert Alert.objects.get().escalated_at == later
    assert FactHeader.objects.filter(kind="vigilance.alert_escalated").count() == 1


def test_the_way_a_helper_marks_is_estimated_at_night_and_read_by_the_detector(home):
    _usual(home, count=20)
    assert services.estimate_leanings(actor=SYSTEM, now=NOW) == 1
    known = services.judging.severities_of([home.helper.account_id])
    assert known[home.helper.account_id].doubt < 0.16
    for one in (home.coordinator, home.helper):
        with seen_by(one):
            assert not Leaning.objects.exists()


def test_a_record_sent_twice_raises_one_alert(home):
    one = home.record(id=str(uuid7()), marks=LOW)
    home.send(one)
    home.send(one, one)
    assert Alert.objects.get().times == 1
