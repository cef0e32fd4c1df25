"""A passkey that is none, that was copied, that is renamed while it serves."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.core.cache import cache
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cordee.access.actor import SYSTEM
from cordee.messaging.models import Channel, Message
from cordee.messaging.services import claim, mark_sent
from cordee.web.passkeys import went_back
from tests.support import NOW, Browser, traces
from tests.web.conftest import PASSWORD
from tests.web.soft_key import SoftKey, text

pytestmark = pytest.mark.django_db

NONE = [
    *("", "oui", "{", "[]", "[1, 2]", "null", "12", '"a"', "{}", '{"id": "\\u0000"}'),
    *("[" * 3000 + "]" * 3000, '{"a":' * 3000 + "1" + "}" * 3000, "9" * 6000, "1e999"),
    *('{"id": "\\ud800"}', '{"id": "YQ", "rawId": "YQ"}', '{"id": "YQ", "rawId": "YQ",'),
    '{"id": "YQ", "rawId": "YQ", "response": []}',
    '{"id": 1, "rawId": [], "type": {}, "response": {"userHandle": null}}',
    json.dumps({"id": "YQ", "rawId": "YQ", "response": {"clientDataJSON": "e" * 200_000}}),
    json.dumps({"id": "x" * 3_000_000}),
]


@pytest.fixture(autouse=True)
def _no_counted_attempts():
    cache.clear()


@pytest.fixture
def key(account):
    return SoftKey()


def keep(account, key, counter=0):
    return WebAuthn.add(account, "Poste", key.made(b"un defi quelconque", counter)).instance


def browser_in(account):
    browser = Browser(raise_request_exception=False)
    browser.now = None
    browser.post("/compte/login/", {"login": account.email, "password": PASSWORD})
    return browser


def asked(browser):
    """The challenge of a visitor who wants to come in by a key alone."""
    options = browser.get(
        "/compte/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"}
    )
    return options.json()["request_options"]["publicKey"]["challenge"]


def come_in(account, key, counter):
    browser = Browser(raise_request_exception=False)
    said = text(key.used(asked(browser), account, counter))
    answer = browser.post("/compte/2fa/webauthn/login/", {"credential": said}, follow=True)
    return answer, "_auth_user_id" in browser.session


def refusals():
    return [one["reason"] for one in traces("session") if one["verb"] == "web.sign_in_failed"]


def crafted(account, key):
    """Credentials of a right shape, whose parts are not what they say."""
    whole = key.used("ZGVmaQ", account)
    deep, junk = "gQ" * 4000, "AAAA"  # four thousand lists, one in the other, in CBOR
    for part in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for wrong in (deep, junk, "W" * 4000):
            yield whole | {"response": whole["response"] | {part: wrong}}
    yield whole | {"rawId": "AAAA"}


@pytest.mark.parametrize("said", NONE, ids=lambda one: ascii(one)[:30])
def test_a_credential_that_is_none_opens_nothing(account, said):
    browser = Browser(raise_request_exception=False)
    asked(browser)
    answer = browser.post("/compte/2fa/webauthn/login/", {"credential": said}, follow=True)
    assert answer.status_code in {200, 400}  # 400: larger than any form
    assert "_auth_user_id" not in browser.session


def test_parts_that_are_not_what_they_say_open_nothing(account, key):
    keep(account, key)
    for said in crafted(account, key):
        cache.clear()
        browser = Browser(raise_request_exception=False)
        asked(browser)
        sent = {"credential": text(said)}
        answer = browser.post("/compte/2fa/webauthn/login/", sent, follow=True)
        assert answer.status_code == 200
        assert "_auth_user_id" not in browser.session
    assert set(refusals()) == {"passkey"}


@pytest.mark.parametrize("said", NONE, ids=lambda one: ascii(one)[:30])
def test_a_credential_that_is_none_is_no_second_factor(account, key, said):
    keep(account, key)
    browser = browser_in(account)
    answer = browser.post("/compte/2fa/authenticate/", {"credential": said})
    assert answer.status_code in {200, 400}
    assert answer.status_code == 400 or "n’a pas pu être lue" in answer.text
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize("said", NONE, ids=lambda one: ascii(one)[:30])
def test_a_credential_that_is_none_is_not_added(account, said):
    browser = browser_in(account)
    browser.post("/compte/reauthenticate/", {"password": PASSWORD})
    assert browser.get("/compte/2fa/webauthn/add/").status_code == 200
    answer = browser.post("/compte/2fa/webauthn/add/", {"name": "Poste", "credential": said})
    assert answer.status_code in {200, 400}
    assert answer.status_code == 400 or "n’a pas pu être lue" in answer.text
    assert not Authenticator.objects.exists()


def add(browser, key, **more):
    """Add a key through the page, which carries the challenge."""
    page = browser.get("/compte/2fa/webauthn/add/")
    challenge = page.context["js_data"]["creation_options"]["publicKey"]["challenge"]
    sent = {"name": "Poste", "passwordless": "on"} | more
    told = key.made(challenge) | more.pop("beside", {})
    sent["credential"] = text(told)
    return browser.post("/compte/2fa/webauthn/add/", sent)


@pytest.mark.parametrize(
    "beside",
    [{}, {"x": "\0"}, {"x": "\ud800"}, {"clientExtensionResults": {"a": "\0"}}],
    ids=ascii,
)
def test_a_key_is_added_whatever_was_sent_beside_it(account, key, beside):
    browser = browser_in(account)
    browser.post("/compte/reauthenticate/", {"password": PASSWORD})
    assert add(browser, key, beside=beside).status_code == 302
    kept = Authenticator.objects.get(type="webauthn").data["credential"]
    assert set(kept) == {"id", "rawId", "type", "response", "clientExtensionResults"}


@pytest.mark.parametrize("name", ["\0", "x" * 10_000])
def test_a_name_of_a_key_that_cannot_be_kept_is_refused(account, key, name):
    browser = browser_in(account)
    browser.post("/compte/reauthenticate/", {"password": PASSWORD})
    assert add(browser, key, name=name).status_code == 200
    assert not Authenticator.objects.filter(type="webauthn").exists()
    kept = keep(account, key)
    assert (
        browser.post(reverse("mfa_edit_webauthn", args=[kept.pk]), {"name": name}).status_code
        == 200
    )
    kept.refresh_from_db()
    assert kept.wrap().name == "Poste"


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\u202egauche", "🔑", "${{7*7}}"])
def test_an_odd_name_of_a_key_is_shown_as_it_is(account, key, name):
    browser = browser_in(account)
    browser.post("/compte/reauthenticate/", {"password": PASSWORD})
    add(browser, key, name=name)
    page = browser.get("/compte/2fa/webauthn/")
    assert page.status_code == 200
    assert name.replace("<", "&lt;").replace(">", "&gt;") in page.text


# --- a counter that goes back ------------------------------------------------------------------


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_counter_must_grow_unless_the_key_counts_nothing(kept, said):
    assert went_back(0, 0) is False
    assert went_back(kept, kept) is (kept > 0)
    assert went_back(kept, said) is not (said > kept or kept == said == 0)


def test_a_key_that_counts_nothing_opens_again_and_again(account, key):
    keep(account, key)
    assert [come_in(account, key, 0)[1] for _ in range(2)] == [True, True]
    assert refusals() == []


def test_a_key_that_was_copied_is_noticed_refused_and_told(account, key):
    keep(account, key, counter=4)
    assert come_in(account, key, 5)[1]
    assert come_in(account, key, 9)[1]
    answer, is_in = come_in(account, key, 6)  # the copy stayed behind
    assert not is_in
    assert "a été refusée" in answer.text
    assert "web.passkey_copied" in answer.text
    assert refusals() == ["passkey_copied"]
    assert come_in(account, key, 10)[1]
    kept = Authenticator.objects.get(type="webauthn")
    assert kept.data["counter"] == 10
    browser = Browser()
    browser.force_login(account)
    assert "elle a peut-être été copiée" in browser.get("/compte/2fa/webauthn/").text


def test_its_owner_is_written_to_once_a_day_however_often_the_copy_is_tried(account, key):
    """The line on a page was for who opens it: whoever holds the copy opens nothing."""
    kept = keep(account, key, counter=4)
    told = Message.objects.filter(template="web.passkey_copied")
    for _ in range(2):
        come_in(account, key, 3)
        if waiting := claim(actor=SYSTEM, channel=Channel.EMAIL, now=NOW):
            mark_sent(actor=SYSTEM, message=waiting, carrier_ids=["x"], delivered=True, now=NOW)
    (mail,) = told
    assert (mail.channel, mail.to) == (Channel.EMAIL, "ines@exemple.fr")
    assert "Clés d’accès" in mail.text
    kept.refresh_from_db()
    kept.data["copied_at"] = "2026-01-01"
    kept.save()
    come_in(account, key, 3)
    assert told.all().count() == 2


@pytest.mark.parametrize("counter", [0, 3, 4])
def test_the_counter_of_the_day_a_key_was_added_counts(account, key, counter):
    keep(account, key, counter=4)
    assert not come_in(account, key, counter)[1]
    assert refusals() == ["passkey_copied"]


def test_a_copied_key_is_no_second_factor(account, key):
    keep(account, key, counter=4)
    browser = browser_in(account)
    page = browser.get("/compte/2fa/authenticate/")
    challenge = page.context["js_data"]["request_options"]["publicKey"]["challenge"]
    said = text(key.used(challenge, account, 2))
    answer = browser.post("/compte/2fa/authenticate/", {"credential": said})
    assert "web.passkey_copied" in answer.text
    assert "_auth_user_id" not in browser.session
    assert refusals() == ["passkey_copied"]


def test_an_answer_of_a_key_serves_once(account, key):
    keep(account, key)
    browser = Browser(raise_request_exception=False)
    said = {"credential": text(key.used(asked(browser), account))}
    browser.post("/compte/2fa/webauthn/login/", said)
    browser.post("/compte/logout/")
    assert "_auth_user_id" not in browser.session
    browser.post("/compte/2fa/webauthn/login/", said)
    assert "_auth_user_id" not in browser.session


def test_a_key_that_is_renamed_keeps_its_counter(account, key):
    kept = keep(account, key, counter=4)
    assert come_in(account, key, 7)[1]
    browser = browser_in(account)
    browser.force_login(account)
    browser.post("/compte/reauthenticate/", {"password": PASSWORD})
    browser.post(reverse("mfa_edit_webauthn", args=[kept.pk]), {"name": "Poste du lundi"})
    kept.refresh_from_db()
    assert (kept.data["name"], kept.data["counter"]) == ("Poste du lundi", 7)
