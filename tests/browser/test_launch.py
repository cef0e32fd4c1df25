"""An application of another origin is registered, opened beside a person, let in, and reads her."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.template import engines
from django.test import Client
from playwright.sync_api import expect

from tests.browser.axe import accessible
from tests.browser.desk import built_assets
from tests.browser.elsewhere import Elsewhere
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
READS = """([address, token]) => fetch(address, { headers: { Authorization: `Bearer ${token}` } })
    .then((answer) => answer.status, () => "refused by the browser")"""
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


@pytest.fixture
def elsewhere():
    """The application, whose pages come from another origin."""
    with Elsewhere(SCOPES) as server:
        yield server


@pytest.fixture
def around(live_server, settings, monkeypatch, elsewhere):
    """A person whom a desk follows, its administrator and a coordinator; one origin is listed."""
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    known = {"public_url": live_server.url, "fhir_origins": (elsewhere.origin,)}
    settings.CORDEE = replace(settings.CORDEE, **known)
    desk = OrganizationFactory(name="SIO du Champsaur", kind="dac")
    person = PersonFactory(birth_name="Lefèvre", qualified=True, territory=desk.territory)
    joins_circle(person, organization=desk)
    InformationFactory(person=person)
    roles = ("administrator", "coordinator")
    made = [MembershipFactory(organization=desk, role=role, since="2026-01-05") for role in roles]
    return person, *made


def test_an_application_is_registered_opened_beside_a_person_let_in_and_reads_her(
    tab, live_server, around, elsewhere
):
    person, chief, ines = around
    elsewhere.client_id = registered(tab(chief), live_server.url, elsewhere)
    page = tab(ines)
    page.goto(f"{live_server.url}/personnes/{person.pk}/")
    page.locator("#applications").scroll_into_view_if_needed()
    shot(page, "personne")
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Ouvrir dans Carnet de poche").click()
    opened = popup.value
    let_in(opened, person)
    expect(opened.locator("#lu")).to_have_text(re.compile("Lefèvre", re.IGNORECASE))

    token = opened.evaluate("sessionStorage.token")
    asked = [f"{live_server.url}/fhir/Patient/{person.pk}", token]
    assert opened.evaluate(READS, asked) == 200
    opened.goto(elsewhere.unlisted)  # the same pages, the same token, an origin nobody listed
    assert opened.evaluate(READS, asked) == "refused by the browser"


def registered(page, house, elsewhere):
    """The administrator fills the form in, and says for whom it opens. Gives its identifier."""
    page.goto(f"{house}/administration/applications/nouvelle")
    shot(page, "enregistrer")
    accessible(page)
    page.get_by_label("Nom", exact=True).fill("Carnet de poche")
    page.get_by_label("Éditeur").fill("Atelier du Drac")
    page.get_by_label("Application sur un appareil, sans clé").check()
    page.get_by_label("Portées, au plus").fill(SCOPES)
    page.get_by_label("Adresses de retour").fill(f"{elsewhere.origin}/retour")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    launch = f"{elsewhere.origin}/ouvrir"
    page.get_by_label("Adresse de lancement").fill(launch)
    page.get_by_label("Coordination de parcours").check()
    page.get_by_role("button", name="Enregistrer l’ouverture").click()
    expect(page.get_by_label("Adresse de lancement")).to_have_value(launch)
    shot(page, "partenaire")
    return page.url.rstrip("/").rpartition("/")[2]


def let_in(page, person):
    """What is asked is said, in whose name and about whom; then it is allowed."""
    expect(page.get_by_text(f"Pour {person.full_name}")).to_be_visible()
    accessible(page)
    shot(page, "accord")
    page.set_viewport_size({"width": 390, "height": 844})
    accessible(page)
    shot(page, "accord-telephone")
    page.get_by_role("button", name="Autoriser").click()
