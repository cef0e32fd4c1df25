"""Coming in by a real OpenID Connect provider, and confirming one's own mobile by it."""

import json
import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from allauth.socialaccount.models import SocialAccount
from playwright.sync_api import expect

from cordee.access.models import Account
from cordee.directory.models import PhoneTie
from cordee.web.demo import PASSWORD
from host.frontend import install
from host.needs import SIGN_ON
from tests.browser.axe import accessible
from tests.factories.directory import (
    AccountFactory,
    PracticeFactory,
    PracticeSiteFactory,
    PractitionerFactory,
)
from tests.support import NOW, facts, traces

pytestmark = pytest.mark.browser

NURSE, STRANGER, ORIENTEUSE = "10101234567", "10109999999", "10105555555"
PEOPLE = {
    "jeanne": {"SubjectNameID": f"8{NURSE}", "email": "autre@exemple.fr"},
    "inconnue": {"SubjectNameID": f"8{STRANGER}", "email": "claire@exemple.fr"},
    "sans-numero": {"SubjectNameID": "", "email": "claire@exemple.fr"},
}


@pytest.fixture
def sign_on(live_server, settings):
    """A provider of identity on loopback, known to the house as a national sign-on."""
    install(SIGN_ON)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    back = f"{live_server.url}/compte/oidc/oidc/login/callback/"
    node = Path(sys.prefix) / "bin" / "node"
    words = [node, "provider.mjs", str(port), back, json.dumps(PEOPLE)]
    server = subprocess.Popen(words, cwd=SIGN_ON, stdout=subprocess.PIPE, text=True)
    assert server.stdout.readline() == "ready\n"
    settings.CORDEE = replace(
        settings.CORDEE, oidc_name="Pro Santé Connect", oidc_rpps_claim="SubjectNameID"
    )
    app = {"provider_id": "oidc", "name": "Pro Santé Connect", "client_id": "cordee"}
    app |= {"secret": "un-secret-pour-les-essais"}
    app |= {"settings": {"server_url": f"http://127.0.0.1:{port}"}}
    asked = {"SCOPE": ["openid", "scope_all"], "AUTH_PARAMS": {"acr_values": "eidas1"}}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app], **asked}
    }
    yield
    server.terminate()
    server.wait(10)
    server.stdout.close()


@pytest.fixture
def nurse():
    """A nurse whose account is tied to her RPPS number, and whose mobile is proved."""
    account = AccountFactory(email="jeanne@exemple.fr", name="Jeanne Roux")
    account.set_password(PASSWORD)
    account.save()
    practitioner = PractitionerFactory(rpps=NURSE, account=account)
    PracticeSiteFactory(practitioner=practitioner)
    return PracticeFactory(practitioner=practitioner, mobile="+33612345678", mobile_proved_at=NOW)


def leave_for_the_sign_on(house, page):
    page.goto(house.address + "/compte/login/")
    accessible(page)
    page.get_by_role("link", name="Se connecter avec Pro Santé Connect").click()
    accessible(page)
    page.get_by_role("button", name="Continuer").click()
    expect(page.locator("h1")).to_have_text("Qui êtes-vous ?")


def identify(page, login):
    page.get_by_label("Identifiant").fill(login)
    page.get_by_role("button", name="Je suis").click()


def test_the_national_sign_on_opens_the_account_of_its_rpps_number_and_no_other(
    house, sign_on, nurse
):
    AccountFactory(email="claire@exemple.fr", name="Claire Bonnet")
    page = house.visitor()
    leave_for_the_sign_on(house, page)
    identify(page, "jeanne")
    expect(page).to_have_url(re.compile(re.escape(house.address)))
    expect(page.locator("body")).to_contain_text("Jeanne Roux")
    joined = SocialAccount.objects.get()
    assert (joined.user_id, joined.uid) == (nurse.practitioner.account_id, "jeanne")
    assert joined.extra_data == {"rpps": NURSE}

    for login in ("inconnue", "sans-numero"):  # an address, even of an account, proves nothing
        page = house.visitor()
        leave_for_the_sign_on(house, page)
        identify(page, login)
        expect(page.locator("h1")).to_have_text("Aucun compte n’attend cette identité")
        accessible(page)
    assert Account.objects.count() == 2
    assert SocialAccount.objects.count() == 1
    refused = [line for line in traces("session") if line["verb"] == "web.sign_in_failed"]
    assert [line["reason"] for line in refused] == ["sign_on_unknown"] * 2


def test_who_gives_up_at_the_sign_on_is_told_that_nothing_changed(house, sign_on):
    page = house.visitor()
    leave_for_the_sign_on(house, page)
    page.get_by_role("link", name="Renoncer").click()
    expect(page.locator("h1")).to_have_text("Identification interrompue")
    accessible(page)


def test_a_nurse_confirms_her_own_mobile_by_the_national_sign_on(house, sign_on, nurse):
    page = house.signed_in("jeanne@exemple.fr", java_script_enabled=False)
    page.goto(house.address + "/annuaire/mon-exercice")
    confirm = page.get_by_role("button", name="Confirmer par Pro Santé Connect")
    confirm.click()  # she came in by her password: the sign-on has not said who she is yet
    page.get_by_role("button", name="Continuer").click()
    identify(page, "jeanne")
    expect(page).to_have_url(re.compile("mon-exercice"))
    assert not PhoneTie.objects.exists()  # going through it confirms nothing by itself
    confirm.click()
    expect(page.locator("main")).to_contain_text("ce mobile est celui de votre numéro RPPS")
    expect(page.locator("#mobile")).to_contain_text("Lien confirmé")

    tie = PhoneTie.objects.get()
    assert (tie.how, tie.confirmed_by_id) == ("sign_on", nurse.practitioner.account_id)
    assert tie.mobile == "+33612345678"
    assert [line["data"]["how"] for line in facts("directory.tie_confirmed")] == ["sign_on"]
    accessible(house.signed_in("jeanne@exemple.fr"))
