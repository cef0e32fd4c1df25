"""Coming in with odd machines, from several tabs at once, or by what was used already."""

from threading import Barrier

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache

from tests.factories.directory import AccountFactory
from tests.support import Browser, simultaneously
from tests.web.conftest import PASSWORD
from tests.web.test_sign_in import code_of, secret, sign_in

__all__ = ["secret"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counted_attempts():
    cache.clear()


def visitor():
    browser = Browser(raise_request_exception=False)
    browser.now = None
    return browser


def is_in(browser):
    return "_auth_user_id" in browser.session


# The server refuses a NUL in a header, and gives bytes as letters: neither is tried here.
ODD = ["", "\xff\xfe", "é" * 5000, "\u202e", "<script>", "${{7*7}}", "%00"]


@pytest.mark.parametrize("said", ODD, ids=ascii)
@pytest.mark.parametrize("header", ["USER_AGENT", "ACCEPT_LANGUAGE", "X_FORWARDED_FOR", "REFERER"])
def test_whatever_a_machine_says_of_itself_one_comes_in(account, header, said):
    browser = visitor()
    sent = {"login": account.email, "password": PASSWORD}
    answer = browser.post("/compte/login/", sent, **{f"HTTP_{header}": said})
    assert answer.status_code == 302
    assert is_in(browser)
    page = browser.get("/compte/sessions/", **{f"HTTP_{header}": said})
    assert page.status_code == 200
    assert "<script>" not in page.text.split("<main")[1]


@pytest.mark.parametrize("said", ["a\0b", "é" * 5000, "\xff", "x" * 5000, "'; --", ""], ids=ascii)
@pytest.mark.parametrize("cookie", ["cordee_session", "cordee_csrf", "messages", "cordee_attente"])
def test_a_cookie_that_is_none_breaks_nothing(account, cookie, said):
    for address in ("/", "/compte/login/", "/demande/nouvelle", f"/suivi/{'G' * 43}"):
        answer = visitor().get(address, HTTP_COOKIE=f"{cookie}={said}")
        assert answer.status_code < 500
    sent = {"login": account.email, "password": PASSWORD}
    answer = visitor().post("/compte/login/", sent, HTTP_COOKIE=f"{cookie}={said}")
    assert answer.status_code == 302


@pytest.mark.parametrize("field", ["login", "password"])
@pytest.mark.parametrize("said", ["a\0b", "é" * 10_000, "\u202eeniom", "{{7*7}}", "' OR 1=1", "@"])
def test_whatever_is_typed_at_the_sign_in_is_only_wrong(account, field, said):
    browser = visitor()
    answer = browser.post(
        "/compte/login/", {"login": account.email, "password": PASSWORD, field: said}
    )
    assert answer.status_code == 200
    assert not is_in(browser)


# --- twice, or at once -------------------------------------------------------------------------


def at_the_second_factor(account):
    browser = visitor()
    sign_in(browser)
    assert not is_in(browser)
    return browser


@pytest.mark.django_db(transaction=True)
def test_a_recovery_code_opens_once_even_from_two_machines_at_once(account, secret):
    code = RecoveryCodes.activate(account).get_unused_codes()[0]
    browsers = [at_the_second_factor(account) for _ in range(2)]
    sent = {"code": code}
    simultaneously(*(lambda b=b: b.post("/compte/2fa/authenticate/", sent) for b in browsers))
    assert sorted(is_in(browser) for browser in browsers) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_a_code_opens_once_even_from_two_machines_at_once(account, secret):
    browsers = [at_the_second_factor(account) for _ in range(2)]
    sent = {"code": code_of(secret)}
    simultaneously(*(lambda b=b: b.post("/compte/2fa/authenticate/", sent) for b in browsers))
    assert sorted(is_in(browser) for browser in browsers) == [False, True]


def test_a_recovery_code_used_once_opens_nothing_again(account, secret):
    code = RecoveryCodes.activate(account).get_unused_codes()[0]
    for expected in (True, False):
        browser = at_the_second_factor(account)
        answer = browser.post("/compte/2fa/authenticate/", {"code": code})
        assert answer.status_code == (302 if expected else 200)
        assert is_in(browser) is expected


@pytest.mark.django_db(transaction=True)
def test_the_sign_in_pressed_twice_at_once_is_no_fault_of_ours(account, monkeypatch):
    sent = {"login": account.email, "password": PASSWORD}
    tabs = [visitor(), visitor()]
    kept = SessionStore()
    kept["avant"] = 1
    kept.save()
    barrier, cycle = Barrier(2), SessionStore.cycle_key

    def meet(self):
        barrier.wait(10)
        cycle(self)

    monkeypatch.setattr(SessionStore, "cycle_key", meet)
    for tab in tabs:
        tab.cookies["cordee_session"] = kept.session_key
    answers = simultaneously(*(lambda t=t: t.post("/compte/login/", sent) for t in tabs))
    assert [answer.status_code for answer in answers] == [302, 302]
    assert all(is_in(tab) for tab in tabs)


def test_the_sessions_of_a_colleague_are_neither_seen_nor_ended(account):
    other = AccountFactory(email="lise@exemple.fr")
    other.set_password(PASSWORD)
    other.save()
    theirs, mine = visitor(), visitor()
    sign_in(theirs, email="lise@exemple.fr")
    sign_in(mine)
    session = UserSession.objects.get(user=other)
    for field in ("session", "sessions", "id", "pk"):
        mine.post("/compte/sessions/", {field: str(session.pk)})
    assert is_in(theirs)
    assert UserSession.objects.filter(user=other).exists()


def test_a_factor_of_a_colleague_is_not_touched(account):
    other = AccountFactory(email="lise@exemple.fr")
    from allauth.mfa.webauthn.internal.auth import WebAuthn

    from tests.web.soft_key import SoftKey

    key = WebAuthn.add(other, "Poste", SoftKey().made(b"un defi")).instance
    browser = visitor()
    sign_in(browser)
    browser.post("/compte/reauthenticate/", {"password": PASSWORD})
    for gesture in ("edit", "remove"):
        address = f"/compte/2fa/webauthn/keys/{key.pk}/{gesture}/"
        assert browser.get(address).status_code == 404
        assert browser.post(address, {"name": "volée"}).status_code == 404
    key.refresh_from_db()
    assert key.wrap().name == "Poste"


def test_totp_of_another_secret_opens_nothing(account, secret):
    browser = at_the_second_factor(account)
    wrong = code_of(totp.generate_totp_secret())
    answer = browser.post("/compte/2fa/authenticate/", {"code": wrong})
    assert answer.status_code == 200
    assert not is_in(browser)
