"""A passkey, made by the browser's own virtual authenticator: added, used, renamed, taken away."""

import re
from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from cordee.web.demo import PASSWORD
from tests.browser.axe import accessible
from tests.factories.directory import AccountFactory, MembershipFactory
from tests.support import traces

pytestmark = pytest.mark.browser


@pytest.fixture
def page(house):
    """Somebody at a machine that can keep a passkey and check who she is."""
    account = AccountFactory(email="ines@exemple.fr", name="Inès Arnaud")
    account.set_password(PASSWORD)
    account.save()
    MembershipFactory(account=account, since=date(2026, 1, 1), role="orienteuse")
    page = house.signed_in("ines@exemple.fr")
    machine = page.context.new_cdp_session(page)
    machine.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    kind |= dict.fromkeys(("hasResidentKey", "hasUserVerification", "isUserVerified"), True)
    machine.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    return page


def test_a_passkey_is_added_opens_the_house_alone_and_is_taken_away(house, page):
    page.goto(house.address + "/compte/2fa/webauthn/add/")
    accessible(page)
    page.locator("[name=password]").fill(PASSWORD)  # a second look before the account changes
    page.get_by_role("button", name="Confirmer").click()
    expect(page).to_have_url(re.compile("/webauthn/add/"))
    accessible(page)
    page.locator("#id_name").fill("Mon poste de régulation")
    page.get_by_label("à elle seule").check()
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_label("Codes inutilisés")).to_have_value(re.compile(r"(\w{8}\s*){10}"))
    accessible(page)
    key = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    assert key.wrap().name == "Mon poste de régulation"

    page.goto(house.address + "/compte/logout/")
    page.get_by_role("button", name="Se déconnecter").click()
    page.goto(house.address + "/compte/login/")
    page.get_by_role("button", name="Avec une clé d’accès").click()
    expect(page).not_to_have_url(re.compile("/compte/"))
    expect(page.locator("body")).to_contain_text("Inès Arnaud")

    page.goto(house.address + "/compte/2fa/webauthn/")
    accessible(page)
    page.get_by_role("link", name="Renommer").click()
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Confirmer").click()
    accessible(page)
    page.get_by_label("Nom de la clé").fill("Mon téléphone")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("table")).to_contain_text("Mon téléphone")
    page.get_by_role("link", name="Retirer").click()
    accessible(page)
    page.get_by_role("button", name="Retirer cette clé").click()
    expect(page.locator("main")).to_contain_text("Aucune clé d’accès")
    assert not Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).exists()
    verbs = [line["verb"] for line in traces("session")]
    assert verbs.count("web.sign_in") == 2
    assert page.complaints == []
