"""The pages of alerts, as a coordinator uses them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import Actor, Role
from cordee.vigilance import selectors
from cordee.vigilance.models import AlarmBudget, Alert, Visit, Watch
from tests.factories.directory import MembershipFactory
from tests.support import NOW, Browser, actor, arranging, traces
from tests.vigilance.scene import set_home

LOW = {"visit": 4, "health": 1, "morale": 4, "fitness": 4}


@pytest.fixture
def home(db):
    return set_home()


@pytest.fixture
def browser(home):
    return Browser().as_(home.coordinator)


def colleague_of(home) -> Actor:
    """Somebody else who coordinates at the same desk."""
    account = MembershipFactory(role="coordinator", organization=home.desk).account
    return actor(Role.COORDINATOR, home.desk, account_id=account.pk, name=account.name)


def test_a_coordinator_reads_why_acts_and_closes_and_the_helper_is_told(home, browser):
    home.send(home.record(marks=LOW, signs=["fell"]))
    alert = Alert.objects.get()
    board = browser.get(reverse("vigilance:alerts")).content.decode()
    assert "sur 6 supportables" in board
    assert "La santé" in board
    assert home.person.full_name in board
    page = browser.get(reverse("vigilance:alert", args=[alert.pk])).content.decode()
    assert "ni un diagnostic" in page
    acted = {"deed": "call", "words": "Appel à sa fille.", "advice": "Passer ce soir."}
    browser.post(reverse("vigilance:act_on_alert", args=[alert.pk]), acted)
    ended = {"verdict": "right", "effect": "better", "feedback": "Sa fille passe ce soir."}
    browser.post(reverse("vigilance:close_alert", args=[alert.pk]), ended)
    alert.refresh_from_db()
    assert (alert.deed, alert.verdict) == ("call", "right")
    assert Visit.objects.get().answer == "Sa fille passe ce soir."
    assert "Juste" in browser.get(reverse("vigilance:alerts")).content.decode()


def test_what_is_missing_is_asked_again_and_nothing_is_lost(home, browser):
    home.send(home.record(marks=LOW))
    alert = Alert.objects.get()
    answer = browser.post(
        reverse("vigilance:act_on_alert", args=[alert.pk]), {"deed": "everyday", "words": "Marche"}
    )
    assert answer.status_code == 422
    assert "Marche" in answer.content.decode()
    assert "Choisissez le jour" in answer.content.decode()


def test_the_day_to_look_again_is_typed_as_one_says_it(home, browser):
    home.send(home.record(marks=LOW))
    alert = Alert.objects.get()
    where = reverse("vigilance:act_on_alert", args=[alert.pk])
    tried = {"deed": "everyday", "words": "Marche"}
    assert browser.post(where, tried | {"review_on": "peut-être"}).status_code == 422
    assert browser.post(where, tried | {"review_on": "demain"}).status_code == 302
    alert.refresh_from_db()
    assert alert.review_on == NOW.date() + timedelta(days=1)


@pytest.mark.parametrize("day", ["1/11/2026", "31/12/2027"])
def test_a_day_to_look_again_that_is_past_or_too_far_is_refused_when_it_is_chosen(
    home, browser, day
):
    home.send(home.record(marks=LOW))
    alert = Alert.objects.get()
    where = reverse("vigilance:act_on_alert", args=[alert.pk])
    answer = browser.post(where, {"deed": "doctor", "words": "Prévenu.", "review_on": day})
    assert answer.status_code == 422
    assert "dans les trois mois" in answer.text
    assert Alert.objects.get().deed == ""


def test_a_day_to_look_again_that_has_come_does_not_stop_who_completes_the_rest(home, browser):
    home.send(home.record(marks=LOW))
    where = reverse("vigilance:act_on_alert", args=[Alert.objects.get().pk])
    said = {"deed": "doctor", "words": "Prévenu.", "review_on": "demain"}
    assert browser.post(where, said).status_code == 302
    with arranging():
        Alert.objects.update(review_on=NOW.date() - timedelta(days=3))
    more = {"words": "Prévenu, il passe.", "review_on": "20/11/2026"}
    seen = {"seen": Alert.objects.get().version}
    assert browser.post(where, said | more | seen).status_code == 302
    assert Alert.objects.get().deed_words == "Prévenu, il passe."


def seen_on(page) -> str:
    """The version of the alert that a page shows."""
    found = re.search(r'name="seen" value="(\d*)"', page.content.decode())
    return found.group(1) if found else ""


def test_of_two_who_note_what_is_done_at_once_the_second_reads_the_first(home, browser):
    home.send(home.record(marks=LOW))
    alert, other = Alert.objects.get(), Browser().as_(colleague_of(home))
    where = reverse("vigilance:act_on_alert", args=[alert.pk])
    shown = reverse("vigilance:alert", args=[alert.pk])
    mine, theirs = seen_on(browser.get(shown)), seen_on(other.get(shown))
    called = {"deed": "doctor", "words": "Médecin prévenu.", "review_on": "demain"}
    assert browser.post(where, called | {"advice": "Boire.", "seen": mine}).status_code == 302
    late = {"deed": "call", "words": "Sa fille passe.", "seen": theirs}
    assert other.post(where, late | {"review_on": "peut-être"}).status_code == 422
    answer = other.post(where, late)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Sa fille passe." in page
    assert "Médecin prévenu." in page
    assert "complétez" in page
    alert.refresh_from_db()
    assert (alert.deed, alert.deed_words, alert.advice) == ("doctor", "Médecin prévenu.", "Boire.")
    assert alert.review_on == NOW.date() + timedelta(days=1)
    both = late | {"words": "Médecin prévenu, sa fille passe.", "seen": seen_on(answer)}
    assert other.post(where, both).status_code == 302
    assert Alert.objects.get().deed_words == "Médecin prévenu, sa fille passe."


def test_who_notes_a_second_action_begins_from_the_first(home, browser):
    home.send(home.record(marks=LOW))
    alert = Alert.objects.get()
    where = reverse("vigilance:act_on_alert", args=[alert.pk])
    said = {"deed": "doctor", "words": "Médecin prévenu.", "advice": "Boire."}
    browser.post(where, said | {"review_on": "demain"})
    page = browser.get(reverse("vigilance:alert", args=[alert.pk])).content.decode()
    form = page[page.index(where) : page.index("Clore</h2>")]
    assert '<option value="doctor" selected>' in form
    assert 'value="Médecin prévenu."' in form
    assert "Boire.</textarea>" in form
    assert (NOW.date() + timedelta(days=1)).strftime("%d/%m/%Y") in form


def test_the_same_button_pressed_twice_is_refused_nothing(home, browser):
    home.send(home.record(marks=LOW))
    alert = Alert.objects.get()
    where = reverse("vigilance:act_on_alert", args=[alert.pk])
    page = browser.get(reverse("vigilance:alert", args=[alert.pk]))
    said = {"deed": "doctor", "words": "Médecin prévenu.", "seen": seen_on(page)}
    assert [browser.post(where, said).status_code for _ in range(2)] == [302, 302]


def test_a_smaller_budget_raises_the_limits_of_the_persons_that_the_team_follows(home, browser):
    home.send(home.record())
    before = Watch.objects.get().drop_limit
    said = {"per_week": "0,5", "minutes": "20", "mobile": "0612345678"}
    answer = browser.post(reverse("vigilance:budget"), said)
    assert answer.status_code == 302
    budget = AlarmBudget.objects.get()
    assert (float(budget.per_week), budget.minutes) == (0.5, 20)
    assert budget.mobile == "+33612345678"
    assert Watch.objects.get().drop_limit != before
    assert "0,5" in browser.get(reverse("vigilance:budget")).content.decode()


def test_a_budget_that_hears_nothing_or_a_number_that_does_not_exist_is_refused(home, browser):
    for said in (
        {"per_week": "0", "minutes": "20"},
        {"per_week": "4", "minutes": "2"},
        {"per_week": "4", "minutes": "20", "mobile": "12"},
    ):
        assert browser.post(reverse("vigilance:budget"), said).status_code == 422
    assert not AlarmBudget.objects.exists()


def test_a_page_read_before_the_alert_was_confirmed_answers_nothing(home, browser):
    home.send(home.record(marks=LOW))
    alert = Alert.objects.get()
    page = browser.get(reverse("vigilance:alert", args=[alert.pk])).content.decode()
    assert page.count('name="times" value="1"') == 3
    home.send(home.record(marks=LOW, signs=["fell"]))
    browser.post(reverse("vigilance:see_alert", args=[alert.pk]), {"times": "1"})
    assert Alert.objects.get().is_waiting
    ended = {"verdict": "false", "effect": "same", "feedback": "Rien", "times": "1"}
    answer = browser.post(reverse("vigilance:close_alert", args=[alert.pk]), ended)
    assert answer.status_code == 422
    assert "a confirmé cette alerte" in answer.content.decode()
    assert 'name="times" value="2"' in answer.content.decode()
    browser.post(reverse("vigilance:close_alert", args=[alert.pk]), ended | {"times": "2"})
    assert Alert.objects.get().verdict == "false"


def test_a_list_that_is_cut_keeps_what_presses_most_and_says_what_is_hidden(
    home, browser, monkeypatch
):
    monkeypatch.setattr("cordee.vigilance.selectors.alerts.SHOWN", 1)
    home.send(home.record(marks=LOW))
    with arranging():
        urgent = Alert.objects.get()
        Alert.objects.create(
            person=urgent.person,
            organization=urgent.organization,
            service=urgent.service,
            signal="drop",
            visit=urgent.visit,
            weight=9,
            raised_at=NOW + timedelta(hours=1),
            latest_at=NOW + timedelta(hours=1),
        )
    assert selectors.open_alerts(home.coordinator) == [[urgent]]
    board = browser.get(reverse("vigilance:alerts")).content.decode()
    assert "1 autre alerte ouverte n’est pas affichée" in board


def test_a_team_without_a_number_is_told_what_that_means(home, browser):
    assert "Aucun numéro" in browser.get(reverse("vigilance:budget")).content.decode()


def test_a_screen_that_hears_of_an_alert_asks_for_the_list_alone(home, browser):
    home.send(home.record(marks=LOW, signs=["fell"]))
    where = reverse("vigilance:alerts")
    whole = browser.get(where).content.decode()
    asked = {"HX-Request": "true", "HX-Target": "alertes"}
    part = browser.get(where, headers=asked).content.decode()
    assert part.strip() in whole
    assert home.person.full_name in part
    assert "sur 6 supportables" not in part
    around = browser.get(where, headers=asked | {"HX-Target": "alertes-semaine"})
    assert "sur 6 supportables" in around.content.decode()
    (line,) = [one for one in traces("list") if one["verb"] == "vigilance.alert.list"]
    assert line["persons"] == [home.person.pk]  # a refresh that shows nobody new adds none
