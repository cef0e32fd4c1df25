"""What was done of an alert is told to each helper whose visit said so."""

import re

import pytest
from django.urls import reverse
from lxml import html

from cordee.access.actor import Role
from cordee.vigilance.models import Alert, Device, Visit
from cordee.vigilance.rules.trend import Signal
from cordee.vigilance.services import raising
from cordee.vigilance.services.noted import Noted, Raising
from tests.factories.directory import MembershipFactory
from tests.factories.vigilance import phone_of
from tests.support import NOW, Browser, actor, arranging
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


def test_of_two_who_answer_a_visit_at_once_the_second_reads_what_was_told(home):
    home.send(home.record(words="Elle tousse."))
    visit = Visit.objects.get()
    account = MembershipFactory(role="coordinator", organization=home.desk).account
    colleague = actor(Role.COORDINATOR, home.desk, account_id=account.pk, name=account.name)
    first, second = Browser().as_(home.coordinator), Browser().as_(colleague)
    page, where = (reverse(f"vigilance:{name}", args=[visit.pk]) for name in ("visit", "answer"))
    seen = [_seen_on(one.get(page)) for one in (first, second)]
    said = {"words": "Médecin appelé.", "seen": seen[0]}
    assert [first.post(where, said).status_code for _ in range(2)] == [302, 302]
    refused = second.post(where, {"words": "Sa fille passe.", "seen": seen[1]})
    assert refused.status_code == 422
    assert "Sa fille passe." in refused.text
    assert "Médecin appelé." in refused.text
    assert post(home, []).json()["told"][0]["answer"] == "Médecin appelé."
    assert 'value="Médecin appelé."' in second.get(page).text
    both = {"words": "Médecin appelé, sa fille passe.", "seen": _seen_on(refused)}
    assert second.post(where, both).status_code == 302
    assert post(home, []).json()["told"][0]["answer"] == both["words"]


def _seen_on(page) -> str:
    found = re.search(r'name="seen" value="(\d+)"', page.text)
    return found.group(1) if found else ""


def test_who_closes_an_alert_reads_what_its_helper_was_told_already(home):
    home.send(home.record(marks=LOW))
    browser = Browser().as_(home.coordinator)
    words = {"words": "Médecin appelé."}
    browser.post(reverse("vigilance:answer", args=[Visit.objects.get().pk]), words)
    page = browser.get(reverse("vigilance:alert", args=[Alert.objects.get().pk])).text
    assert "Dit à l’aide à domicile\u00a0: Médecin appelé." in page


def test_who_closes_an_alert_writes_over_no_answer_that_came_since_they_opened_it(home, colleague):
    post(home, [home.record(marks=LOW)], device=colleague.pk)
    home.send(home.record(marks=LOW))
    alert, browser = Alert.objects.get(), Browser().as_(home.coordinator)
    page = browser.get(reverse("vigilance:alert", args=[alert.pk]))
    for _ in range(9):  # what was answered is not among the visits that the page shows
        home.send(home.record())
    words = {"words": "Médecin appelé."}
    browser.post(reverse("vigilance:answer", args=[alert.visit_id]), words)
    said = {"verdict": "right", "effect": "same", "feedback": "Rien à signaler."}
    refused = _closed(browser, page, **said)
    assert refused.status_code == 422
    assert "Déjà dit à l’aide à domicile\u00a0: Médecin appelé." in refused.text
    assert "Rien à signaler.</textarea>" in refused.text
    assert post(home, [], device=colleague.pk).json()["told"][0]["answer"] == "Médecin appelé."
    assert Alert.objects.get().is_open
    assert _closed(browser, refused, feedback="Médecin appelé, rien d’autre.").status_code == 302
    (told,) = post(home, [], device=colleague.pk).json()["told"]
    assert told["answer"] == "Médecin appelé, rien d’autre."


def test_who_closes_an_alert_without_a_word_is_not_stopped_by_an_answer(home):
    home.send(home.record(marks=LOW))
    browser = Browser().as_(home.coordinator)
    page = browser.get(reverse("vigilance:alert", args=[Alert.objects.get().pk]))
    words = {"words": "Médecin appelé."}
    browser.post(reverse("vigilance:answer", args=[Visit.objects.get().pk]), words)
    assert _closed(browser, page, verdict="right", effect="same").status_code == 302
    assert Visit.objects.get().answer == "Médecin appelé."


def _closed(browser, page, **typed):
    """Send the form that closes an alert as it stands on a page, but for what is typed there."""
    where = reverse("vigilance:close_alert", args=[Alert.objects.get().pk])
    (form,) = [one for one in html.fromstring(page.text).forms if one.action == where]
    return browser.post(where, {name: said or "" for name, said in form.fields.items()} | typed)
