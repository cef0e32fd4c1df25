"""The doors of the sign-in library and the public ones: whatever is sent, no fault of ours."""

import re
from contextlib import contextmanager
from urllib.parse import quote_from_bytes

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.core.cache import cache
from django.db import transaction
from django.http import QueryDict
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support import Browser
from tests.web.conftest import PASSWORD
from tests.web.forms_on_pages import forms_in
from tests.web.naughty import STRINGS
from tests.web.soft_key import SoftKey

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

METHODS = ("get", "head", "options", "put", "patch", "delete", "trace")
PUBLIC = ("demande", "suivi", "r", "invitation", "telephone", "compte")
SECRETS = ["G" * 43, "%00", "%ED%A0%80", "..", "%2e%2e", "é" * 3000, "\u202e", "{{7*7}}", "-" * 43]
FIELDS = {
    *(
        "login",
        "password",
        "email",
        "code",
        "credential",
        "id",
        "next",
        "name",
        "action",
        "process",
    ),
    *("password1", "password2", "oldpassword", "account", "session", "remember", "trust", "uidb36"),
    *("organization_code", "contact", "key", "shown", "seen", "secret", "passwordless"),
}


@pytest.fixture(autouse=True)
def _no_counted_attempts():
    cache.clear()


def addresses(resolver=None, before=""):
    """Every public address, as it is written: what is to be filled in stays between brackets."""
    for one in (resolver or get_resolver()).url_patterns:
        where = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one, where)
        elif isinstance(one, URLPattern) and where.split("/")[0] in PUBLIC:
            yield where.replace("^", "").replace("\\Z", "").replace("$", "")


def filled(where, secret):
    plain = re.sub(r"<int:[^>]+>", "7", where)
    plain = re.sub(r"<uuid:[^>]+>", "0190a8e0-0000-7000-8000-000000000007", plain)
    plain = re.sub(r"\(\?P<[^>]+>(?:[^()]|\([^()]*\))*\)", secret, plain)
    return "/" + re.sub(r"<[^>]+>", secret, plain)


def body(fields):
    return "&".join(
        f"{name}={quote_from_bytes(value)}" for name, value in sorted(fields.items())
    ).encode()


FORM = "application/x-www-form-urlencoded"
LOOKS = ("__getitem__", "__contains__", "__iter__", "get", "getlist", "pop", "keys", "items")
LOOKS += ("lists", "values", "dict", "copy", "__copy__", "__deepcopy__", "urlencode")


@contextmanager
def watched():
    """Note every look at what was sent: the making of it is none."""
    looks = []

    def noting(alone, way):
        def noted(sent, *more, **named):
            if not sent._mutable:
                looks.append(way)
            return alone(sent, *more, **named)

        return noted

    with pytest.MonkeyPatch.context() as patch:
        for way in LOOKS:
            patch.setattr(QueryDict, way, noting(getattr(QueryDict, way), way))
        yield looks


def answered(ask):
    """One answer, of which nothing stays, and whether what was sent had any part in it."""
    cache.clear()
    with watched() as looks, transaction.atomic():
        answer = ask()
        transaction.set_rollback(True)
    raw = answer.wsgi_request._read_started and not hasattr(answer.wsgi_request, "_post")
    return answer.status_code, bool(looks) or raw


def asked(browser, address):
    """Every way to ask an address. What looks at nothing of a first string is not asked about
    the others: it cannot tell them apart."""
    for method in METHODS:
        yield method, answered(lambda m=method: getattr(browser, m)(address))[0]
    for name, content in ODD_BODIES.items():
        yield name, answered(lambda c=content: browser.generic("POST", address, c[1], c[0]))[0]
    ways = {
        "POST": lambda said: browser.post(address, said, content_type=FORM),
        "GET": lambda said: browser.get(address, QUERY_STRING=said.decode()),
    }
    for method, send in ways.items():
        for name, value in STRINGS.items():
            said = body(dict.fromkeys(FIELDS, value))
            status, looked = answered(lambda s=said, w=send: w(s))
            yield f"{method} {name}", status
            if not looked:
                break


def faults(browser, address):
    """The answers to one address that are our fault, in words."""
    for name, status in asked(browser, address):
        if status >= 500:
            yield f"{name} {address[:80]}: {status}"


ODD_BODIES = {
    "an empty body": ("application/x-www-form-urlencoded", b""),
    "JSON": ("application/json", b'{"login": ["\\u0000"]}'),
    "deep JSON": ("application/json", b"[" * 5000),
    "half a form of parts": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disp"),
    "parts without a boundary": ("multipart/form-data", b"rien"),
    "an unknown alphabet": ("application/x-www-form-urlencoded; charset=inconnu", b"login=a"),
    "UTF-16": ("application/x-www-form-urlencoded; charset=utf-16", b"\xff\xfel\0"),
    "a thousand fields": (
        "application/x-www-form-urlencoded",
        b"&".join(b"a%d=1" % n for n in range(5000)),
    ),
    "no kind": ("", b"\0\xff"),
}


def visitor():
    browser = Browser(raise_request_exception=False)
    browser.now = None
    return browser


def signed_in(account):  # noqa: F811
    """Somebody who has every factor, and gave her password again just now."""
    browser = visitor()
    browser.force_login(account)
    browser.post("/compte/reauthenticate/", {"password": PASSWORD})
    totp.TOTP.activate(account, totp.generate_totp_secret())
    RecoveryCodes.activate(account)
    WebAuthn.add(account, "Poste", SoftKey().made(b"un defi"))
    return browser


PLACES = sorted(set(addresses()))


@pytest.mark.parametrize("where", PLACES)
def test_nothing_that_a_visitor_sends_is_a_fault_of_ours(where):
    secrets = SECRETS if "<" in where else [""]
    browser = visitor()
    wrong = [*faults(browser, filled(where, secrets[0]))]
    for secret in secrets[1:]:
        cache.clear()
        for method in ("get", "post"):
            with transaction.atomic():
                answer = getattr(browser, method)(filled(where, secret))
                transaction.set_rollback(True)
            if answer.status_code >= 500:
                wrong.append(f"{method} {secret[:20]!r} {where}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("where", [one for one in PLACES if one.startswith("compte/")])
def test_nothing_that_somebody_signed_in_sends_is_a_fault_of_ours(account, where):  # noqa: F811
    browser = signed_in(account)
    key = Authenticator.objects.get(type="webauthn")
    address = filled(where, "G" * 43).replace("/7/", f"/{key.pk}/")
    wrong = [*faults(browser, address)]
    for form in forms_in(browser.get(address).text):
        for name, value in STRINGS.items():
            for field in form.typed | form.rest:
                said = {one: text.encode() for one, text in form.typed.items()}
                said |= {one: texts[0].encode() for one, texts in form.rest.items()}
                with transaction.atomic():
                    answer = browser.post(
                        form.action or address,
                        body(said | {field: value}),
                        content_type="application/x-www-form-urlencoded",
                    )
                    transaction.set_rollback(True)
                if answer.status_code >= 500:
                    wrong.append(f"{name} in {field} of {address}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
