"""A page, or a form that comes back, is sent by who wrote it; by another only once it said in whose
name."""

import re
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from cordee.people.hats import hats_of
from cordee.people.models import ProtectedNote
from cordee.web.identity import HAT
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.support import Browser
from tests.web.forms_on_pages import forms_in

pytestmark = pytest.mark.django_db
HERE = {"origin": "null", "sec-fetch-site": "same-origin"}
WORDS = "Elle a froid."
SINCE = date(2026, 1, 5)


@pytest.fixture
def places():
    """Two structures, which both know the person."""
    alpha = OrganizationFactory(kind="dac", name="DAC Alpha")
    return alpha, OrganizationFactory(kind="dac", name="DAC Beta", territory=alpha.territory)


@pytest.fixture
def person(places):
    person = PersonFactory(territory=places[0].territory)
    for one in places:
        joins_circle(person, organization=one, role="coordination")
    return person


@pytest.fixture
def browser():
    """One for all who sit there; with scripts, which put the cookie of now in each form."""
    return Browser(enforce_csrf_checks=True)


def works(name, *places):
    account = AccountFactory(name=name)
    roles = [
        MembershipFactory(account=account, organization=one, since=SINCE, role="coordinator")
        for one in places
    ]
    return account, roles


def sign_in(browser, account, role=None):
    browser.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
    if role:
        session = browser.session
        session[HAT] = str(role.pk)
        session.save()
    browser.get("/compte/roles")


def write(browser, person):
    """Send a note from a page that was open, at the door as it stands now."""
    where = reverse("people:write_note", args=[person.pk])
    typed = {"category": "social", "body": WORDS}
    return browser.post(where, typed | proof(browser), headers=HERE)


def press_again(browser, answer, **changed):
    """Send what a page gives back, as a browser with scripts does."""
    (form,) = [one for one in forms_in(answer.text) if one.method == "post"]
    return browser.post(form.action, form.rest | proof(browser) | changed, headers=HERE)


def proof(browser):
    cookie = browser.cookies.get(settings.CSRF_COOKIE_NAME)
    return {"csrfmiddlewaretoken": cookie.value if cookie else ""}


def session_ends():
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))


def kept():
    return list(ProtectedNote.objects.values_list("body", flat=True))


def test_who_wrote_it_sends_it_in_one_press_once_signed_in_again(browser, person, places):
    anne, (_, in_beta) = works("Anne Blanc", *places)
    sign_in(browser, anne, in_beta)
    session_ends()
    answer = write(browser, person)
    assert (answer.status_code, "Anne Blanc" in answer.text) == (401, False)
    sign_in(browser, anne, in_beta)
    assert press_again(browser, answer).status_code == 302
    assert kept() == [WORDS]


def test_another_who_signs_in_is_first_told_in_whose_name_it_would_leave(browser, person, places):
    anne, bruno = works("Anne Blanc", places[1])[0], works("Bruno Roux", places[0])[0]
    sign_in(browser, anne)
    session_ends()
    answer = write(browser, person)
    sign_in(browser, bruno)
    named = press_again(browser, answer)
    assert (named.status_code, kept()) == (409, [])
    assert "Bruno Roux · coordination de parcours · DAC Alpha" in named.text
    assert WORDS in named.text
    assert press_again(browser, named).status_code == 302
    assert ProtectedNote.objects.get().organization == places[0]


def test_another_hat_is_first_told_for_which_structure_it_would_be(browser, person, places):
    anne, roles = works("Anne Blanc", *places)
    by_itself = hats_of(anne, timezone.now())[0].key
    (other,) = [one for one in roles if str(one.pk) == by_itself]
    (hers,) = [one for one in roles if one != other]
    sign_in(browser, anne, hers)
    session_ends()
    answer = write(browser, person)
    sign_in(browser, anne)  # a new session wears the first hat
    named = press_again(browser, answer)
    assert (named.status_code, kept()) == (409, [])
    assert f"Anne Blanc · coordination de parcours · {other.organization.name}" in named.text
    sign_in(browser, anne, hers)  # and what was named is not who sends any more
    assert (press_again(browser, named).status_code, kept()) == (409, [])
    sign_in(browser, anne, other)
    assert press_again(browser, named).status_code == 302


def test_what_waits_since_one_session_is_not_of_the_next_that_ends(browser, person, places):
    anne, bruno = works("Anne Blanc", places[1])[0], works("Bruno Roux", places[0])[0]
    sign_in(browser, anne)
    session_ends()
    answer = write(browser, person)
    sign_in(browser, bruno)
    session_ends()
    answer = press_again(browser, answer)
    assert answer.status_code == 401
    sign_in(browser, bruno)
    assert (press_again(browser, answer).status_code, kept()) == (409, [])


def test_who_is_named_where_the_proof_was_of_before_and_nobody_else_sends(browser, person, places):
    anne, bruno = works("Anne Blanc", places[1])[0], works("Bruno Roux", places[0])[0]
    sign_in(browser, anne)
    where = reverse("people:write_note", args=[person.pk])
    of_before = {"category": "social", "body": WORDS, "csrfmiddlewaretoken": "a" * 64}
    answer = browser.post(where, of_before, headers=HERE)
    assert answer.status_code == 403
    assert "Anne Blanc · coordination de parcours · DAC Beta" in answer.text
    sign_in(browser, bruno)
    assert (press_again(browser, answer).status_code, kept()) == (409, [])
    sign_in(browser, anne)
    assert press_again(browser, answer).status_code == 302


def test_a_note_that_is_old_or_of_ones_own_making_sends_nothing(
    browser, person, places, monkeypatch
):
    anne, _ = works("Anne Blanc", *places)
    sign_in(browser, anne)
    session_ends()
    answer = write(browser, person)
    sign_in(browser, anne)
    assert press_again(browser, answer, _sender="anne").status_code == 409
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 13 * 3600)
    assert (press_again(browser, answer).status_code, kept()) == (409, [])


def written_for(browser):
    """The note of an open page, which its scripts give back."""
    page = browser.get(reverse("people:list")).text
    return re.search(r'<meta name="written-for" content="([^"]+)">', page)[1]


def test_a_page_left_open_is_not_sent_in_the_name_of_who_signed_in_elsewhere(
    browser, person, places
):
    anne, bruno = works("Anne Blanc", places[1])[0], works("Bruno Roux", places[0])[0]
    sign_in(browser, anne)
    note, where = written_for(browser), reverse("people:write_note", args=[person.pk])
    sign_in(browser, bruno)
    typed = {"category": "social", "body": WORDS}
    named = browser.post(where, typed | proof(browser) | {"_sender": note}, headers=HERE)
    assert (named.status_code, kept()) == (409, [])
    assert "Bruno Roux · coordination de parcours · DAC Alpha" in named.text
    by_script = HERE | {"HX-Request": "true", "X-CSRFToken": proof(browser)["csrfmiddlewaretoken"]}
    refused = browser.post(where, typed, headers=by_script | {"X-Sender": note})
    assert (refused.status_code, kept()) == (409, [])
    assert "web.other_hand" in refused.text
    sign_in(browser, anne)
    done = browser.post(where, typed | proof(browser) | {"_sender": note}, headers=HERE)
    assert (done.status_code, kept()) == (302, [WORDS])


def test_whoever_is_there_signs_out_from_any_page(browser, places):
    anne, bruno = works("Anne Blanc", places[1])[0], works("Bruno Roux", places[0])[0]
    sign_in(browser, anne)
    note = written_for(browser)
    sign_in(browser, bruno)
    answer = browser.post("/compte/logout/", proof(browser) | {"_sender": note}, headers=HERE)
    assert answer.status_code == 302
    assert not Session.objects.filter(session_key=browser.session.session_key).exists()
