"""An application is registered, then opened beside a person, and somebody lets it act for them."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.template import engines
from django.test import Client
from playwright.sync_api import expect

from tests.browser.axe import accessible
from tests.browser.desk import built_assets
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ELSEWHERE = "http://127.0.0.1:9/ouvrir"
SCOPES = "launch openid fhirUser patient/Patient.rs patient/Observation.rs patient/Task.rus"


def shot(page, name):
    """Keep what is seen, for who wants to look at it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
def tab(live_server, chromium):
    """Open a tab in front of somebody who is signed in, at a width."""
    contexts = []

    def signed_in(membership, width=1440):
        client = Client()
        client.force_login(membership.account)
        name = django_settings.SESSION_COOKIE_NAME
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="fr-FR")
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        context.add_cookies([cookie])
        contexts.append(context)
        return context.new_page()

    yield signed_in
    for context in contexts:
        context.close()


def test_an_application_is_registered_then_opened_beside_a_person_who_is_named(
    tab, live_server, settings, monkeypatch
):
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    settings.CORDEE = replace(settings.CORDEE, public_url=live_server.url)
    desk = OrganizationFactory(name="SIO du Champsaur", kind="dac")
    person = PersonFactory(birth_name="Lefèvre", qualified=True, territory=desk.territory)
    joins_circle(person, organization=desk)
    InformationFactory(person=person)
    chief = MembershipFactory(organization=desk, role="administrator", since="2026-01-05")
    ines = MembershipFactory(organization=desk, role="coordinator", since="2026-01-05")

    page = tab(chief)
    page.goto(f"{live_server.url}/administration/applications/nouvelle")
    shot(page, "enregistrer")
    accessible(page)
    page.get_by_label("Nom", exact=True).fill("Carnet de poche")
    page.get_by_label("Éditeur").fill("Atelier du Drac")
    page.get_by_label("Application sur un appareil, sans clé").check()
    page.get_by_label("Portées, au plus").fill(SCOPES)
    page.get_by_label("Adresses de retour").fill(ELSEWHERE)
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_label("Adresse de lancement").fill(ELSEWHERE)
    page.get_by_label("Coordination de parcours").check()
    page.get_by_role("button", name="Enregistrer l’ouverture").click()
    expect(page.get_by_label("Adresse de lancement")).to_have_value(ELSEWHERE)
    shot(page, "partenaire")
    client_id = page.url.rstrip("/").rpartition("/")[2]

    page = tab(ines)
    page.goto(f"{live_server.url}/personnes/{person.pk}/")
    page.locator("#applications").scroll_into_view_if_needed()
    shot(page, "personne")
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Ouvrir dans Carnet de poche").click()
    opened = popup.value
    with opened.expect_request(f"{ELSEWHERE}?*") as sent:  # nobody listens there
        pass
    launch = sent.value.url.partition("launch=")[2]

    said = {"response_type": "code", "client_id": client_id, "redirect_uri": ELSEWHERE}
    said |= {"state": "s", "aud": f"{live_server.url}/fhir", "scope": SCOPES.replace(" ", "%20")}
    said |= {"code_challenge": "a" * 43, "code_challenge_method": "S256", "launch": launch}
    asks = "&".join(f"{name}={value}" for name, value in said.items())
    page.goto(f"{live_server.url}/applications/autoriser?{asks}")
    expect(page.get_by_text(f"Pour {person.full_name}")).to_be_visible()
    accessible(page)
    shot(page, "accord")
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "accord-telephone")
    with page.expect_request(f"{ELSEWHERE}?*code=*"):
        page.get_by_role("button", name="Autoriser").click()
