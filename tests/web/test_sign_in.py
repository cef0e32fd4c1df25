"""Coming in: by password, by password and code, by nothing at all."""

import time
from types import SimpleNamespace

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache

from cordee.access.actor import Role
from cordee.web.templatetags.shell import device
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.support import Browser, actor, traces
from tests.web.conftest import PASSWORD, PAST

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counted_attempts():
    cache.clear()


@pytest.fixture
def secret(account):
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(account, secret)
    return secret


@pytest.fixture
def production(settings):
    from dataclasses import replace

    settings.CORDEE = replace(settings.CORDEE, mode="production")


def sign_in(client, password=PASSWORD, email="ines@exemple.fr"):
    return client.post("/compte/login/", {"login": email, "password": password})


def code_of(secret):
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def test_a_visitor_is_sent_to_the_sign_in_and_comes_back(client, account):
    refused = client.get("/?page=2")
    assert refused.status_code == 302
    assert refused.url == "/compte/login/?next=%2F%3Fpage%3D2"


def test_the_right_password_opens_the_home_page_in_its_role(client, account):
    assert sign_in(client).url == "/"
    page = client.get("/", follow=True)
    assert page.status_code == 200
    assert "Inès Arnaud" in page.content.decode()
    assert Role.ORIENTEUSE.label in page.content.decode()


def test_who_comes_in_is_greeted_by_name_and_a_name_is_only_a_name(client, account):
    account.name = "Inès <b>Arnaud</b>"
    account.save()
    sign_in(client)
    page = client.get("/a-faire").content.decode()
    assert "Bonjour Inès &lt;b&gt;Arnaud&lt;/b&gt;." in page


def test_a_wrong_password_says_the_same_for_a_known_and_an_unknown_address(client, account):
    known = sign_in(client, password="autre chose").content.decode()
    unknown = sign_in(client, email="personne@exemple.fr").content.decode()
    assert "L’adresse" in known or "adresse" in known
    assert _errors(known) == _errors(unknown) != []


def test_sign_ins_and_failures_are_traced_without_the_address(client, account):
    sign_in(client, password="autre chose")
    sign_in(client)
    client.post("/compte/logout/")
    lines = [(line["verb"], line["reason"]) for line in traces("session")]
    assert lines == [
        ("web.sign_in_failed", "password"),
        ("web.sign_in", ""),
        ("web.sign_out", ""),
    ]
    assert "ines" not in str(traces())


def test_six_wrong_passwords_close_the_door_for_a_while(client, account):
    for _ in range(5):
        sign_in(client, password="autre chose")
    answer = sign_in(client)
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_whoever_knows_an_address_locks_nobody_out(client, account):
    """Six wrong from elsewhere: the owner still comes in, and elsewhere is told why."""
    elsewhere = Browser(REMOTE_ADDR="203.0.113.9")
    for _ in range(6):
        refused = sign_in(elsewhere, "pas le bon").content.decode()
    assert "Votre compte n’est pas bloqué" in refused
    assert "Votre compte n’est pas bloqué" in sign_in(elsewhere).content.decode()
    assert sign_in(client).status_code == 302


def test_the_session_changes_its_key_at_sign_in(client, account):
    client.get("/compte/login/")
    client.session.save()
    before = client.session.session_key
    sign_in(client)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_an_account_with_a_second_factor_is_not_in_before_its_code(client, account, secret):
    assert sign_in(client).url.startswith("/compte/2fa/authenticate/")
    assert not is_in(client)
    refused = client.post("/compte/2fa/authenticate/", {"code": "000000"})
    assert refused.status_code == 200
    assert ("web.sign_in_failed", "second_factor") in [
        (line["verb"], line["reason"]) for line in traces("session")
    ]
    assert client.post("/compte/2fa/authenticate/", {"code": code_of(secret)}).url == "/"
    assert is_in(client)


def code(secret, clock, step):
    return totp.format_hotp_value(totp.hotp_value(secret, int(clock.time()) // 30 + step))


def enter(secret, step):
    """Sign in with the code of a step before or after this one."""
    browser = Browser()
    sign_in(browser)
    browser.post("/compte/2fa/authenticate/", {"code": code(secret, totp.time, step)})
    return is_in(browser)


@pytest.mark.parametrize(("step", "opens"), [(-2, False), (-1, True), (0, True), (1, True)])
def test_a_clock_that_is_a_little_off_is_no_wrong_code(account, secret, monkeypatch, step, opens):
    """RFC 6238 §5.2: the one who types in the last second of a code was refused."""
    monkeypatch.setattr(totp, "time", SimpleNamespace(time=lambda: 1_800_000_015.0))
    assert enter(secret, step) is opens


def test_a_code_serves_once_for_as_long_as_it_is_good(account, secret, monkeypatch):
    clock = SimpleNamespace(time=lambda: 1_800_000_015.0)
    monkeypatch.setattr(totp, "time", clock)
    assert enter(secret, 1)
    cache.delete_many([f"allauth.mfa.totp.used?user={account.pk}&code={code(secret, clock, 1)}"])
    clock.time = lambda: 1_800_000_045.0  # the library has forgotten it, and it is still good
    assert not enter(secret, 0)


def test_a_recovery_code_opens_once(client, account, secret):
    code = RecoveryCodes.activate(account).get_unused_codes()[0]
    sign_in(client)
    assert client.post("/compte/2fa/authenticate/", {"code": code}).url == "/"
    client.post("/compte/logout/")
    sign_in(client)
    assert client.post("/compte/2fa/authenticate/", {"code": code}).status_code == 200


def test_the_secret_of_a_second_factor_is_not_kept_in_the_clear(account, secret):
    kept = Authenticator.objects.get(user=account).data["secret"]
    assert secret not in kept
    assert get_adapter().decrypt(kept) == secret


def test_in_production_a_professional_adds_a_second_factor_before_anything_else(
    client, account, production
):
    sign_in(client)
    assert client.get("/").url == "/compte/2fa/"
    assert client.get("/compte/2fa/").status_code == 200


def test_nobody_opens_an_account_by_themselves(client):
    page = client.get("/compte/signup/")
    assert 'name="password1"' not in page.content.decode()
    client.post("/compte/signup/", {"email": "x@exemple.fr", "password1": PASSWORD})
    assert sign_in(client, email="x@exemple.fr").status_code == 200


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Linux"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU OS 18 like Mac OS X) Version/18 Safari/604.1", "Safari, iPhone"),
        ("curl/8", "appareil inconnu"),
    ],
)
def test_a_session_names_its_device_as_people_do(said, named):
    assert device(said) == named


def test_one_closes_the_other_sessions(client, account):
    from tests.support import Browser

    other = Browser()
    sign_in(other)
    sign_in(client)
    assert UserSession.objects.filter(user=account).count() == 2
    page = client.get("/compte/sessions/").content.decode()
    assert page.count("127.0.0.1") == 2
    assert "Fermer les autres sessions" in page
    client.post("/compte/sessions/")
    assert not is_in(other)
    assert is_in(client)


def test_one_changes_role_and_organisation(client, account):
    elsewhere = OrganizationFactory(name="Zénith coordination")
    second = MembershipFactory(
        account=account, organization=elsewhere, since=PAST, role="coordinator"
    )
    sign_in(client)
    assert "Zénith coordination" in client.get("/compte/roles").content.decode()
    client.post("/compte/roles/changer", {"hat": str(second.pk)})
    assert Role.COORDINATOR.label in client.get("/", follow=True).content.decode()


def test_nobody_takes_a_role_that_is_not_theirs(client, account):
    stolen = MembershipFactory(role="administrator", since=PAST)
    sign_in(client)
    client.post("/compte/roles/changer", {"hat": str(stolen.pk)})
    assert Role.ADMINISTRATOR.label not in client.get("/", follow=True).content.decode()


def test_a_role_that_ended_is_taken_back_at_the_next_page(client, account):
    from tests.support import arranging

    sign_in(client)
    membership = account.memberships.get()
    with arranging():
        membership.delete()
    assert Role.ORIENTEUSE.label not in client.get("/", follow=True).content.decode()


def test_pages_of_somebody_signed_in_are_not_kept_and_say_no_referrer(client, account):
    sign_in(client)
    page = client.get("/", follow=True)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]


def test_a_form_posted_from_our_own_page_passes_and_from_elsewhere_does_not(account):
    from tests.support import Browser

    strict = Browser(enforce_csrf_checks=True)
    page = strict.get("/compte/login/")
    token = page.context["csrf_token"]
    form = {"login": account.email, "password": PASSWORD, "csrfmiddlewaretoken": str(token)}
    elsewhere = strict.post("/compte/login/", form, headers={"origin": "null"})
    assert elsewhere.status_code == 403
    here = strict.post(
        "/compte/login/", form, headers={"origin": "null", "sec-fetch-site": "same-origin"}
    )
    assert here.status_code == 302


def _errors(html):
    import re

    return re.findall(r'notice__title">([^<]+)<', html)


def is_in(browser):
    """Whether the home page opens, instead of the sign-in."""
    return not browser.get("/", follow=True).request["PATH_INFO"].startswith("/compte/")


@pytest.mark.parametrize(
    ("role", "first"),
    [
        (Role.ORIENTEUSE, "/a-faire"),
        (Role.PRACTITIONER, "/recherches/mes-sollicitations/"),
        (Role.HOME_HELP, "/a-faire"),
        (Role.ADMINISTRATOR, "/administration/"),
    ],
)
def test_each_role_arrives_at_its_own_first_page(client, role, first):
    assert client.as_(actor(role)).get("/").url == first


def test_who_has_no_role_is_told_whom_to_ask(client):
    account = AccountFactory()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get("/")
    assert "Aucun rôle ne vous est ouvert" in answer.content.decode()
