"""What the claims of a sign-on say, and to whom they are believed."""

import json
import re
import time
from dataclasses import replace
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache

from cordee.web.sign_on import rpps_in
from tests.factories.directory import AccountFactory, PractitionerFactory
from tests.support import Browser, serve, traces


@pytest.fixture
def national(settings):
    settings.CORDEE = replace(settings.CORDEE, oidc_rpps_claim="SubjectNameID")


@pytest.mark.parametrize(
    ("said", "rpps"),
    [
        ("810101234567", "10101234567"),
        ("10101234567", "10101234567"),
        ("0123456789", ""),  # an ADELI number
        ("81010123456", "81010123456"),  # eleven digits: itself
        ("９10101234567", ""),
        ("", ""),
        (810101234567, ""),
        (None, ""),
        (["810101234567"], ""),
    ],
)
def test_the_claim_of_a_national_sign_on_is_read_strictly(national, said, rpps):
    assert rpps_in({"SubjectNameID": said}) == rpps


def test_another_sign_on_says_nothing_of_the_number():
    assert rpps_in({"SubjectNameID": "810101234567", "": "810101234567"}) == ""


# --- a provider that answers badly -------------------------------------------------------------

RPPS, OTHER = "10101234567", "10109999999"
PASSWORD = "corde neuve en montagne"  # noqa: S105
BACK = "/compte/oidc/oidc/login/callback/"


class Faulty(ThreadingHTTPServer):
    """A provider on loopback that says what it is told to, right or wrong."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.says, self.signs, self.nonce = {"sub": "jeanne"}, {}, None
        self.known, self.gives = {}, {}

    def identity(self):
        """The ID token, or nothing; what is None is left out."""
        if self.signs is None:
            return {}
        sub = self.says.get("sub") if isinstance(self.says, dict) else None
        said = {"iss": self.address, "aud": "cordee", "sub": sub}
        said |= {"exp": int(time.time()) + 600, "nonce": self.nonce, **self.signs}
        kept = {name: value for name, value in said.items() if value is not None}
        return {"id_token": jwt.encode(kept, "un secret pour les essais, assez long")}


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        here = self.server.address
        if self.path == "/moi":
            return self.answer(self.server.says)
        ends = {"authorization": "vers", "token": "jeton", "userinfo": "moi"}
        known = {f"{name}_endpoint": f"{here}/{end}" for name, end in ends.items()}
        known |= {"issuer": here, "jwks_uri": f"{here}/cles"}
        return self.answer(self.server.known if self.server.known != {} else known)

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        given = {"access_token": "jeton", "token_type": "Bearer"} | self.server.identity()
        gives = self.server.gives
        self.answer(given | gives if isinstance(gives, dict) else gives)

    def answer(self, said):
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


def known_as(settings, address):
    app = {"provider_id": "oidc", "name": "Essai", "client_id": "cordee", "secret": "secret"}
    app |= {"settings": {"server_url": address}}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
    }


@pytest.fixture
def provider(settings, national):
    cache.clear()
    with Faulty() as server:
        serve(server)
        known_as(settings, server.address)
        yield server
        server.shutdown()


@pytest.fixture
def nurse(db):
    account = AccountFactory(email="jeanne@exemple.fr")
    account.set_password(PASSWORD)
    account.save()
    return PractitionerFactory(rpps=RPPS, account=account)


def leave(browser, provider, process="login", nonce=None):
    """Leave for the provider. Returns what one comes back with."""
    left = browser.post(f"/compte/oidc/oidc/login/?process={process}&next=/")
    where = re.search(r'http://127[^"]*/vers\?[^"]*', unescape(left.text))[0]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(where).query).items()}
    provider.nonce = nonce or asked.get("nonce")
    return {"code": "un-code", "state": asked["state"]}


def come_back(browser, provider, process="login", nonce=None):
    """Leave for the provider, and come back with what it says."""
    return browser.get(BACK, leave(browser, provider, process, nonce))


def is_in(browser):
    return "_auth_user_id" in browser.session


def refusals():
    return [one["reason"] for one in traces("session") if one["verb"] == "web.sign_in_failed"]


def test_a_right_answer_opens_the_account(provider, nurse):
    provider.says = {"sub": "jeanne", "SubjectNameID": f"8{RPPS}"}
    browser = Browser()
    assert come_back(browser, provider).status_code == 302
    assert is_in(browser)
    joined = SocialAccount.objects.get()
    assert (joined.user_id, joined.extra_data) == (nurse.account_id, {"rpps": RPPS})


@pytest.mark.parametrize(
    "sub",
    [None, "", 12, ["jeanne"], {"a": 1}, "a\0b", "\ud800", "x" * 192, "x" * 5000],
    ids=lambda sub: ascii(sub)[:12],
)
def test_a_subject_that_names_nobody_gets_no_entry(provider, nurse, sub):
    provider.says = {"sub": sub, "SubjectNameID": f"8{RPPS}"}
    browser = Browser(raise_request_exception=False)
    answer = come_back(browser, provider)
    assert answer.status_code == 401
    assert "L’identification n’a pas abouti" in answer.text
    assert not is_in(browser)
    assert not SocialAccount.objects.exists()
    assert refusals() == ["sign_on"]


@pytest.mark.parametrize("said", [[], "jeanne", None, {}], ids=ascii)
def test_an_answer_that_is_not_one_gets_no_entry(provider, nurse, said):
    provider.says, provider.signs = said, {"sub": "jeanne"}
    browser = Browser(raise_request_exception=False)
    assert come_back(browser, provider).status_code == 401
    assert not is_in(browser)


@pytest.mark.parametrize(
    "signs",
    [None, {"exp": None}, {"exp": 1}, {"sub": "claire"}, {"sub": False}, {"nonce": "autre"}],
    ids=ascii,
)
def test_an_identity_token_that_proves_nothing_gets_no_entry(provider, nurse, signs):
    provider.says = {"sub": "jeanne", "SubjectNameID": f"8{RPPS}"}
    provider.signs = signs
    browser = Browser(raise_request_exception=False)
    answer = come_back(browser, provider)
    assert answer.status_code == 401
    assert "L’identification n’a pas abouti" in answer.text
    assert not is_in(browser)
    assert not SocialAccount.objects.exists()


def test_each_leaving_asks_for_its_own_nonce(provider, nurse):
    first, second = Browser(), Browser()
    assert come_back(first, provider).status_code == 200  # nobody's identity, rightly told
    stolen = provider.nonce
    assert stolen
    provider.says = {"sub": "jeanne", "SubjectNameID": f"8{RPPS}"}
    assert come_back(second, provider, nonce=stolen).status_code == 401


def test_an_identity_of_another_number_is_not_joined_to_an_account(provider, nurse):
    browser = Browser()
    browser.post("/compte/login/", {"login": "jeanne@exemple.fr", "password": PASSWORD})
    provider.says = {"sub": "claire", "SubjectNameID": f"8{OTHER}"}
    answer = come_back(browser, provider, "connect")
    assert answer.status_code == 409
    assert "web.sign_on_of_another" in answer.text
    assert not SocialAccount.objects.exists()
    assert refusals() == ["sign_on_of_another"]


def test_the_number_of_a_colleague_is_not_joined_to_an_account_without_number(provider, nurse):
    account = AccountFactory(email="lise@exemple.fr")
    account.set_password(PASSWORD)
    account.save()
    browser = Browser()
    browser.post("/compte/login/", {"login": "lise@exemple.fr", "password": PASSWORD})
    provider.says = {"sub": "jeanne", "SubjectNameID": f"8{RPPS}"}
    assert come_back(browser, provider, "connect").status_code == 409
    assert not SocialAccount.objects.exists()


def test_an_identity_that_now_says_another_number_does_not_come_in(provider, nurse):
    provider.says = {"sub": "jeanne", "SubjectNameID": f"8{RPPS}"}
    come_back(Browser(), provider)
    provider.says = {"sub": "jeanne", "SubjectNameID": f"8{OTHER}"}
    browser = Browser()
    answer = come_back(browser, provider)
    assert answer.status_code == 409
    assert "web.sign_on_of_another" in answer.text
    assert not is_in(browser)
    assert SocialAccount.objects.get().extra_data == {}  # neither number is proved any more
    assert refusals() == ["sign_on_of_another"]


@pytest.mark.django_db
def test_a_provider_that_is_down_is_told_on_leaving_for_it(settings):
    known_as(settings, "http://127.0.0.1:9")  # nobody listens there
    browser = Browser(raise_request_exception=False)
    answer = browser.post("/compte/oidc/oidc/login/?process=login")
    assert answer.status_code == 503
    assert "par votre mot de passe" in answer.text
    assert "web.sign_on_down" in answer.text
    assert refusals() == ["sign_on_down"]
