"""A form whose page is of before: nothing of it is done, and nothing that was written is lost."""

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cordee.people.models import ProtectedNote
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.support import Browser, coordinator_of
from tests.web.forms_on_pages import forms_in

pytestmark = pytest.mark.django_db
HERE = {"origin": "null", "sec-fetch-site": "same-origin"}
WORDS = "Elle dit « j’ai froid » & <b>dort</b> peu.\nÀ revoir demain."
OF_BEFORE = {"csrfmiddlewaretoken": "a" * 64}
NOTE = {"category": "social", "body": WORDS}


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def person(dac):
    person = PersonFactory(territory=dac.territory)
    joins_circle(person, organization=dac, role="coordination")
    return person


@pytest.fixture
def author(dac):
    return coordinator_of(dac, account_id=AccountFactory(name="Ahmed Diallo").pk)


@pytest.fixture
def browser(person, author):
    """Hers, whose cookie is of now: she signed in again in another tab."""
    browser = Browser(enforce_csrf_checks=True).as_(author)
    browser.get("/compte/roles")
    return browser


def send(browser, person, typed=NOTE, headers=HERE):
    """Send what was typed in a page of before."""
    where = reverse("people:write_note", args=[person.pk])
    return browser.post(where, typed | OF_BEFORE, headers=headers)


def press_again(browser, answer):
    """Send what a page gives back, as a browser does."""
    (form,) = [one for one in forms_in(answer.text) if one.method == "post"]
    return browser.post(form.action, form.rest, headers=HERE)


def test_a_form_of_before_is_not_done_and_comes_back_filled(browser, person):
    answer = send(browser, person)
    assert (answer.status_code, ProtectedNote.objects.count()) == (403, 0)
    assert "Envoyer de nouveau" in answer.text
    assert "Envoyé au nom de" in answer.text  # another may have signed in meanwhile
    assert "<b>dort" not in answer.text
    assert press_again(browser, answer).status_code == 302
    assert [note.body for note in ProtectedNote.objects.all()] == [WORDS]


def test_what_was_refused_once_is_refused_again_as_long_as_nothing_proves_it(browser, person):
    send(browser, person)
    send(browser, person)
    assert ProtectedNote.objects.count() == 0


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"origin": "null", "sec-fetch-site": "cross-site"}, id="another site"),
        pytest.param({"sec-fetch-site": "same-site"}, id="a neighbour"),
        pytest.param({}, id="who does not say"),
        pytest.param({"origin": "https://voleur.exemple.fr"}, id="a thief"),
    ],
)
def test_what_another_site_wrote_is_not_given_to_be_pressed(browser, person, headers):
    answer = send(browser, person, headers=headers)
    assert (answer.status_code, ProtectedNote.objects.count()) == (403, 0)
    assert "froid" not in answer.text
    assert "rien n’a été fait" in answer.text
    assert [one for one in forms_in(answer.text) if one.method == "post"] == []


def test_a_button_alone_is_pressed_again(browser, person):
    answer = send(browser, person, typed={})
    assert press_again(browser, answer).status_code == 422  # of the note: it is empty


def test_no_password_is_written_in_a_page():
    browser = Browser(enforce_csrf_checks=True)
    typed = {"login": "claire@exemple.fr", "password": "corde et mousqueton"} | OF_BEFORE
    answer = browser.post("/compte/login/", typed, headers=HERE)
    assert (answer.status_code, "mousqueton" in answer.text) == (403, False)
    assert 'href="/compte/login/"' in answer.text


def test_a_script_is_told_in_a_sentence_and_may_try_again(browser, person):
    del browser.cookies[settings.CSRF_COOKIE_NAME]
    answer = send(browser, person, headers=HERE | {"hx-request": "true"})
    assert (answer.status_code, answer["HX-Retarget"]) == (403, "#toasts")
    assert "rien n’a été fait" in answer.text
    assert settings.CSRF_COOKIE_NAME in browser.cookies


# --- a session that has ended ------------------------------------------------------------------


def test_what_was_sent_after_the_session_waits_on_its_page(browser, person, author):
    visitor = Browser(enforce_csrf_checks=True)
    answer = send(visitor, person)
    assert (answer.status_code, ProtectedNote.objects.count()) == (401, 0)
    assert 'href="/compte/login/" target="_blank"' in answer.text
    press_again(visitor, answer)
    assert ProtectedNote.objects.count() == 0
    once_more = press_again(visitor.as_(author), answer)  # nobody knows whose words they are
    assert (once_more.status_code, ProtectedNote.objects.count()) == (409, 0)
    assert "Envoyé au nom de\u00a0: <strong>coordination de parcours" in once_more.text
    assert press_again(visitor, once_more).status_code == 302
    assert [note.body for note in ProtectedNote.objects.all()] == [WORDS]


def test_a_visitor_learns_nothing_of_what_exists(person):
    there, nowhere = send(Browser(), person), send(Browser(), PersonFactory.build())
    assert there.status_code == nowhere.status_code == 401
    assert "Envoyer de nouveau" in nowhere.text


def test_a_file_is_to_be_chosen_again(person):
    typed = {"nom": "Plan de Noël", "fichier": SimpleUploadedFile("plan & <i>.yaml", b"a: 1")}
    answer = send(Browser(), person, typed)
    assert 'enctype="multipart/form-data"' in answer.text
    assert "À choisir de nouveau\u00a0: plan &amp; &lt;i&gt;.yaml" in answer.text
    assert 'type="file" id="fichier-1" name="fichier" required' in answer.text


# --- read again before it is sent --------------------------------------------------------------


def test_each_value_that_was_chosen_or_typed_is_there_to_be_read(browser, person):
    typed = {"body": "Chute", "poids": "47,5", "jour": "2026-11-24", "mail": "ana@exemple.fr"}
    answer = send(browser, person, typed)
    for words in ("Chute", "47,5", "mardi 24\u00a0novembre 2026", "ana@exemple.fr"):
        assert f">{words}</li>" in answer.text


def test_what_was_chosen_is_read_in_its_words(browser, person):
    typed = {"body": "Chute", "kind": "dressing", "delay": "h24", "caller_kind": "other"}
    answer = send(browser, person, typed)
    for words in ("pansement", "dans les 24\u00a0heures"):
        assert f">{words}</li>" in answer.text
    for code in ("dressing", "h24", "other"):
        assert f">{code}</li>" not in answer.text


def test_what_a_page_says_to_itself_is_not_to_be_read(browser, person):
    ours = {"seen": "12", "_window": "f2", "draft_id": "0193ab12-0000-7000-8000-1234567890ab"}
    token = "b3BlbnMgbm90aGluZyBhdCBhbGw6MXcyZTNy"  # noqa: S105
    answer = send(browser, person, ours | {"jeton": token, "fait": "on"})
    assert 'class="pre-line"' not in answer.text
    assert "Un bouton pressé" in answer.text


@pytest.mark.parametrize("name", ["code", "otp", "password", "new_password"])
@pytest.mark.parametrize("visits", [True, False])
def test_what_opens_a_door_is_not_written_in_a_page(browser, person, name, visits):
    answer = send(Browser() if visits else browser, person, {name: "918273", "body": WORDS})
    assert (answer.status_code, "918273" in answer.text) == (302 if visits else 403, False)
    assert "Envoyer de nouveau" not in answer.text


@pytest.mark.parametrize("visits", [True, False])
def test_the_consent_to_an_application_is_asked_again_and_never_given_back(browser, visits):
    visitor = Browser() if visits else browser
    where = reverse("partners:authorize") + "?client_id=x"
    answer = visitor.post(where, {"decision": "autoriser"} | OF_BEFORE, headers=HERE)
    assert answer.status_code == (302 if visits else 403)
    assert "Envoyer de nouveau" not in answer.text


def test_the_body_of_a_visitor_is_not_read_when_it_is_long(person):
    where = reverse("people:write_note", args=[person.pk])
    answer = Browser().post(where, NOTE, headers=HERE, CONTENT_LENGTH="2000001")
    assert (answer.status_code, answer.get("Location")) == (302, "/compte/login/")


def test_what_was_sent_nowhere_is_not_read():
    answer = Browser().post("/nulle-part", NOTE, headers=HERE)
    assert (answer.status_code, answer.get("Location")) == (302, "/compte/login/")
