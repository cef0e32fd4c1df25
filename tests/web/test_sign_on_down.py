"""A sign-on that falls, that answers anything, or that several tabs come back from at once."""

from itertools import count
from threading import Barrier

import pytest
from allauth.socialaccount.models import SocialAccount

from cordee.access.models import Account
from cordee.web import sign_on
from tests.factories.directory import AccountFactory
from tests.support import Browser, simultaneously
from tests.web.test_sign_on import (
    BACK,
    PASSWORD,
    RPPS,
    come_back,
    is_in,
    known_as,
    leave,
    national,
    nurse,
    provider,
    refusals,
)

__all__ = ["national", "nurse", "provider"]
DEEP = b"[" * 100_000
NO_DISCOVERY = [
    *([], None, "oui", 12, {"issuer": "http://127.0.0.1"}),
    *(b"<h1>Bonjour</h1>", b"", b"\xff\xfe{", DEEP),
]


def told_that_it_is_down(answer):
    assert answer.status_code == 503
    assert "Rien n’a été modifié" in answer.text
    assert "par votre mot de passe" in answer.text
    assert "web.sign_on_down" in answer.text


@pytest.mark.django_db
@pytest.mark.parametrize("known", NO_DISCOVERY, ids=lambda one: ascii(one)[:20])
def test_a_provider_that_does_not_say_where_it_answers_is_told_on_leaving(provider, known):
    provider.known = known
    browser = Browser(raise_request_exception=False)
    told_that_it_is_down(browser.post("/compte/oidc/oidc/login/?process=login"))
    assert refusals() == ["sign_on_down"]


@pytest.mark.parametrize(
    ("missing", "instead"),
    [
        *(("authorization", None), ("token", None), ("userinfo", None)),
        *(("authorization", "javascript:alert(1)"), ("token", ""), ("userinfo", 12)),
        ("authorization", ["http://ici"]),
    ],
)
def test_a_provider_that_lacks_an_address_is_told_on_leaving(provider, nurse, missing, instead):
    there = provider.address
    known = {f"{name}_endpoint": there for name in ("authorization", "token", "userinfo")}
    known |= {"issuer": there, "jwks_uri": there, f"{missing}_endpoint": instead}
    provider.known = {name: value for name, value in known.items() if value is not None}
    browser = Browser(raise_request_exception=False)
    told_that_it_is_down(browser.post("/compte/oidc/oidc/login/?process=login"))


@pytest.mark.parametrize("known", NO_DISCOVERY, ids=lambda one: ascii(one)[:20])
def test_a_provider_that_answers_otherwise_on_coming_back_lets_nobody_in(provider, nurse, known):
    browser = Browser(raise_request_exception=False)
    back = leave(browser, provider)
    provider.known = known
    told_that_it_is_down(browser.get(BACK, back))
    assert not is_in(browser)
    assert not SocialAccount.objects.exists()
    assert refusals() == ["sign_on_down"]


def test_a_provider_that_falls_between_leaving_and_coming_back_is_told(provider, nurse, settings):
    browser = Browser(raise_request_exception=False)
    back = leave(browser, provider)
    known_as(settings, "http://127.0.0.1:9")  # nobody listens there
    told_that_it_is_down(browser.get(BACK, back))
    assert not is_in(browser)
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "gives",
    [
        *([], ["access_token"], None, b"<h1>Bonjour</h1>", b"{", DEEP, {"access_token": ["a"]}),
        *({"expires_in": said} for said in ("demain", 10**30, [1])),
        *({"id_token": said} for said in (12, "a.b", "\ud800", "", ["a"], {"a": 1})),
    ],
    ids=lambda one: ascii(one)[:30],
)
def test_a_token_that_is_none_gets_no_entry(provider, nurse, gives):
    provider.gives = gives
    provider.says = {"sub": "jeanne"}  # without a number: nobody's identity, rightly told
    browser = Browser(raise_request_exception=False)
    answer = come_back(browser, provider)
    assert answer.status_code in {200, 401}
    assert not is_in(browser)
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "signs",
    [
        *({"jti": said} for said in ("a\0b", "\ud800", "x" * 5000, 12)),
        *({"exp": said} for said in (10**30, 1e308, float("inf"), [1], "demain")),
        *({"iss": said} for said in ([], 12, None)),
        *({"aud": said} for said in ({}, 12, [None])),
    ],
    ids=ascii,
)
def test_an_identity_token_of_odd_values_breaks_nothing(provider, nurse, signs):
    provider.says, provider.signs = {"sub": "jeanne"}, signs
    browser = Browser(raise_request_exception=False)
    assert come_back(browser, provider).status_code in {200, 401}
    assert not is_in(browser)


@pytest.mark.parametrize("odd", [None, 12, [], {"a": 1}, "a\0b", "\ud800", "x" * 20_000], ids=ascii)
def test_odd_claims_beside_the_subject_break_nothing(provider, nurse, odd):
    names = ("email", "email_verified", "name", "preferred_username", "family_name", "picture")
    provider.says = dict.fromkeys(names, odd) | {"sub": "jeanne", "SubjectNameID": f"8{RPPS}"}
    browser = Browser(raise_request_exception=False)
    assert come_back(browser, provider).status_code == 302
    assert is_in(browser)
    assert SocialAccount.objects.get().extra_data == {"rpps": RPPS}


def test_who_comes_back_twice_by_the_same_address_is_told_to_begin_again(provider, nurse):
    provider.says = {"sub": "jeanne", "SubjectNameID": f"8{RPPS}"}
    browser = Browser(raise_request_exception=False)
    back = leave(browser, provider)
    assert browser.get(BACK, back).status_code == 302
    answer = browser.get(BACK, back)
    assert answer.status_code == 401
    assert "web.sign_on_failed" in answer.text
    assert is_in(browser)


@pytest.mark.parametrize("method", ["put", "delete", "patch", "head", "options"])
def test_a_wrong_method_at_the_sign_on_is_no_fault_of_ours(provider, nurse, method):
    browser = Browser(raise_request_exception=False)
    for address in (BACK, "/compte/oidc/oidc/login/"):
        assert getattr(browser, method)(address).status_code < 500


# --- several tabs at once ----------------------------------------------------------------------


def together(monkeypatch, name, times=2):
    """Have the first calls of a function of the sign-on wait for each other."""
    alone, barrier, calls = getattr(sign_on, name), Barrier(times), count()

    def meets(*arguments):
        if next(calls) < times:
            barrier.wait(10)
        return alone(*arguments)

    monkeypatch.setattr(sign_on, name, meets)


@pytest.mark.django_db(transaction=True)
def test_the_first_sign_on_from_two_devices_at_once_keeps_one_identity(
    provider, nurse, monkeypatch
):
    provider.says = {"sub": "jeanne", "SubjectNameID": f"8{RPPS}"}
    browsers = [Browser(raise_request_exception=False) for _ in range(2)]
    backs = [leave(browser, provider) for browser in browsers]
    provider.nonce = None
    provider.signs = {"nonce": None}
    monkeypatch.setattr(sign_on, "is_proved", lambda *said: True)  # two leavings, one provider
    together(monkeypatch, "account_of_rpps")
    answers = simultaneously(
        *(lambda b=b, back=back: b.get(BACK, back) for b, back in zip(browsers, backs, strict=True))
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    assert [is_in(browser) for browser in browsers] == [True, True]
    assert SocialAccount.objects.get().user_id == nurse.account_id


@pytest.mark.django_db(transaction=True)
def test_the_first_sign_on_in_two_tabs_of_one_browser_keeps_one_identity(
    provider, nurse, monkeypatch
):
    provider.says = {"sub": "jeanne", "SubjectNameID": f"8{RPPS}"}
    tabs = [Browser(raise_request_exception=False) for _ in range(2)]
    first = leave(tabs[0], provider)
    tabs[1].cookies = tabs[0].cookies.copy()
    backs = [first, leave(tabs[1], provider)]
    monkeypatch.setattr(sign_on, "is_proved", lambda *said: True)
    together(monkeypatch, "account_of_rpps")
    answers = simultaneously(
        *(lambda t=t, back=back: t.get(BACK, back) for t, back in zip(tabs, backs, strict=True))
    )
    assert {answer.status_code for answer in answers} <= {302, 409}
    assert any(is_in(tab) for tab in tabs)
    assert SocialAccount.objects.get().user_id == nurse.account_id


@pytest.mark.django_db(transaction=True)
def test_an_identity_joined_in_two_tabs_at_once_is_joined_once(provider, db, monkeypatch):
    account = AccountFactory(email="lise@exemple.fr")
    account.set_password(PASSWORD)
    account.save()
    provider.says = {"sub": "lise"}
    browsers = [Browser(raise_request_exception=False) for _ in range(2)]
    for browser in browsers:
        browser.post("/compte/login/", {"login": "lise@exemple.fr", "password": PASSWORD})
    backs = [leave(browser, provider, "connect") for browser in browsers]
    monkeypatch.setattr(sign_on, "is_proved", lambda *said: True)
    together(monkeypatch, "is_of_another")
    answers = simultaneously(
        *(lambda b=b, back=back: b.get(BACK, back) for b, back in zip(browsers, backs, strict=True))
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    assert SocialAccount.objects.get().user_id == account.pk


def test_an_account_closed_while_its_identity_is_fetched_stays_closed(provider, db, monkeypatch):
    account = AccountFactory(email="lise@exemple.fr")
    account.set_password(PASSWORD)
    account.save()
    provider.says = {"sub": "lise"}
    browser = Browser(raise_request_exception=False)
    browser.post("/compte/login/", {"login": "lise@exemple.fr", "password": PASSWORD})
    back = leave(browser, provider, "connect")

    def closes(*said):
        Account.objects.filter(pk=account.pk).update(is_active=False)
        return True

    monkeypatch.setattr(sign_on, "is_proved", closes)
    assert browser.get(BACK, back).status_code == 302
    account.refresh_from_db()
    assert not account.is_active


def test_a_session_ended_in_another_tab_on_coming_back_is_told(provider, nurse, monkeypatch):
    provider.says = {"sub": "jeanne", "SubjectNameID": f"8{RPPS}"}
    browser = Browser(raise_request_exception=False)
    back = leave(browser, provider)
    alone = sign_on.Provider.__init__

    def ends(self, *arguments, **named):
        alone(self, *arguments, **named)
        assert self.request.session.keys()  # read, then ended elsewhere
        type(self.request.session)(self.request.session.session_key).flush()

    monkeypatch.setattr(sign_on.Provider, "__init__", ends)
    answer = browser.get(BACK, back)
    assert answer.status_code == 409
    assert "web.session_moved" in answer.text
    assert not SocialAccount.objects.exists()
