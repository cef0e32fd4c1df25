"""Two who note at once what is done on an alert, through the page that each of them opened."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from lxml import html

from cordee.access.actor import Role
from cordee.vigilance.models import Alert
from tests.factories.directory import MembershipFactory
from tests.support import NOW, Browser, actor
from tests.vigilance.scene import Home, set_home

LOW = {"visit": 4, "health": 1, "morale": 4, "fitness": 4}
CALLED = {"deed": "doctor", "words": "Médecin prévenu.", "review_on": "demain", "advice": "Boire."}


@pytest.fixture
def home(db: None) -> Home:
    one = set_home()
    one.send(one.record(marks=LOW))
    return one


@pytest.fixture
def first(home: Home) -> Browser:
    return Browser().as_(home.coordinator)


@pytest.fixture
def second(home: Home) -> Browser:
    """Somebody else who coordinates at the same desk."""
    account = MembershipFactory(role="coordinator", organization=home.desk).account
    speaker = actor(Role.COORDINATOR, home.desk, account_id=account.pk, name=account.name)
    return Browser().as_(speaker)


def opened(browser: Browser) -> Any:
    return browser.get(reverse("vigilance:alert", args=[Alert.objects.get().pk]))


def pressed(browser: Browser, page: Any, **typed: str) -> Any:
    """Send the form of what is done as it stands on a page, but for what is typed there."""
    where = reverse("vigilance:act_on_alert", args=[Alert.objects.get().pk])
    (form,) = [one for one in html.fromstring(page.text).forms if one.action == where]
    return browser.post(where, {name: said or "" for name, said in form.fields.items()} | typed)


def noted() -> tuple[str, str, str, Any]:
    alert = Alert.objects.get()
    return alert.deed, alert.deed_words, alert.advice, alert.review_on


def test_who_completes_what_a_colleague_noted_erases_nothing_that_they_did_not_touch(first, second):
    mine, theirs = opened(first), opened(second)
    assert pressed(first, mine, **CALLED).status_code == 302
    refused = pressed(second, theirs, deed="call", words="Sa fille passe.")
    assert refused.status_code == 422
    both = "Médecin prévenu, sa fille passe."
    assert pressed(second, refused, words=both).status_code == 302
    assert noted() == ("call", both, "Boire.", NOW.date() + timedelta(days=1))


def test_what_was_not_touched_follows_what_a_colleague_changed_and_what_was_emptied_stays_so(
    first, second
):
    pressed(first, opened(first), **CALLED)
    mine, theirs = opened(first), opened(second)
    pressed(first, mine, review_on="+5")
    refused = pressed(second, theirs, advice="", words="Médecin passé.")
    assert refused.status_code == 422
    assert pressed(second, refused).status_code == 302
    assert noted() == ("doctor", "Médecin passé.", "", NOW.date() + timedelta(days=5))


Falls = Callable[[], None]


@pytest.fixture
def fall(home: Home) -> Falls:
    return lambda: home.send(home.record(marks=LOW, signs=["fell"]))


def test_a_visit_that_confirms_is_told_as_such_and_not_as_the_note_of_a_colleague(first, fall):
    fall()
    pressed(first, opened(first), **CALLED)
    page = opened(first)
    fall()
    refused = pressed(first, page, words="Médecin passé.")
    assert refused.status_code == 422
    assert "Une visite a confirmé" in refused.text
    assert "complétez-le" not in refused.text
    assert Alert.objects.get().is_waiting
    assert pressed(first, refused).status_code == 302
    assert noted()[1] == "Médecin passé."


def test_a_visit_that_confirms_hides_no_note_of_a_colleague(first, second, fall):
    theirs = opened(second)
    pressed(first, opened(first), **CALLED)
    fall()
    confirmed = pressed(second, theirs, deed="call", words="Sa fille passe.")
    assert "Une visite a confirmé" in confirmed.text
    refused = pressed(second, confirmed)
    assert refused.status_code == 422
    assert "complétez-le" in refused.text
    assert noted()[:3] == ("doctor", "Médecin prévenu.", "Boire.")
