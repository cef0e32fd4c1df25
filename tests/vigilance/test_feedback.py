"""What was done of an alert is told to each helper whose visit said so."""

import pytest
from django.urls import reverse

from cordee.vigilance.models import Alert, Device, Visit
from cordee.vigilance.rules.trend import Signal
from cordee.vigilance.services import raising
from cordee.vigilance.services.noted import Noted, Raising
from tests.factories.directory import MembershipFactory
from tests.factories.vigilance import phone_of
from tests.support import NOW, Browser, arranging
from tests.vigilance.scene import set_home
from tests.vigilance.test_phone import post

LOW = {"visit": 4, "health": 1, "morale": 4, "fitness": 4}


@pytest.fixture
def home(db):
    return set_home()


@pytest.fixture
def colleague(home) -> Device:
    """The phone of another helper of the same service."""
    account = MembershipFactory(role="home_help", organization=home.service).account
    return phone_of(account, home.service)


def test_each_helper_whose_visit_confirmed_an_alert_reads_who_saw_it_and_what_was_done(
    home, colleague
):
    home.send(home.record(marks=LOW))
    home.send(home.record())  # all is well: it confirms nothing
    post(home, [home.record(marks=LOW)], device=colleague.pk)
    alert, browser = Alert.objects.get(), Browser().as_(home.coordinator)
    browser.post(reverse("vigilance:see_alert", args=[alert.pk]), {"times": alert.times})
    hers = post(home, [], device=colleague.pk).json()["told"]
    assert [(one["status"], one["by"]) for one in hers] == [("seen", home.coordinator.name)]
    said = {"verdict": "right", "effect": "better", "feedback": "Médecin passé ce soir."}
    browser.post(reverse("vigilance:close_alert", args=[alert.pk]), said | {"times": alert.times})
    assert post(home, [], device=colleague.pk).json()["told"][0]["answer"] == said["feedback"]
    mine = post(home, []).json()["told"]
    assert sorted(one["answer"] for one in mine) == ["", said["feedback"]]


def test_an_alert_closed_without_a_word_leaves_each_visit_as_seen(home, colleague):
    home.send(home.record(marks=LOW))
    post(home, [home.record(marks=LOW)], device=colleague.pk)
    alert = Alert.objects.get()
    said = {"verdict": "known", "effect": "same", "times": alert.times}
    browser = Browser().as_(home.coordinator)
    answer = browser.post(reverse("vigilance:close_alert", args=[alert.pk]), said)
    assert answer.status_code == 302
    assert set(Visit.objects.values_list("status", "answer")) == {("seen", "")}


def test_a_visit_that_confirms_an_alert_seen_already_is_told_seen(home, colleague):
    home.send(home.record(marks=LOW))
    alert, browser = Alert.objects.get(), Browser().as_(home.coordinator)
    browser.post(reverse("vigilance:see_alert", args=[alert.pk]), {"times": alert.times})
    post(home, [home.record()], device=colleague.pk)
    row = Visit.objects.filter(helper=colleague.account_id).values().get()
    with arranging():
        Alert.objects.update(signal="drop")
        raising.raise_all([Raising(Signal.DROP, Noted.of(row), 1, ())], NOW)
    alert.refresh_from_db()
    assert (alert.times, alert.is_waiting) == (2, False)
    hers = post(home, [], device=colleague.pk).json()["told"]
    assert [(one["status"], one["by"]) for one in hers] == [("seen", home.coordinator.name)]
