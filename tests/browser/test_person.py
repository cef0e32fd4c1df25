"""The screens of a person, as axe reads them, and a search that leaves no name behind."""

import pytest
from django.conf import settings
from django.template import engines
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from cordee.people import services
from cordee.people.services import Joining
from tests.browser.axe import accessible
from tests.browser.desk import built_assets
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
)
from tests.factories.people import InformationFactory, PersonFactory, RelativeFactory, joins_circle
from tests.support import NOW, orienteuse_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def known(monkeypatch):
    """Somebody with a circle, a relative and choices."""
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    service = OrganizationFactory(name="SIO du Champsaur")
    person = PersonFactory(birth_name="Lefèvre", qualified=True, territory=service.territory)
    joins_circle(person, organization=service)
    joins_circle(person, is_usual_nurse=True)
    RelativeFactory(person=person, is_trusted=True)
    InformationFactory(person=person)
    return person, service


@pytest.fixture
def page(known, live_server, chromium):
    """A tab signed in as an orienteuse."""
    client = Client()
    client.force_login(MembershipFactory(organization=known[1], since="2026-01-05").account)
    name = settings.SESSION_COOKIE_NAME
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
    )
    tab = context.new_page()
    tab.goto(live_server.url + reverse("people:list"))
    yield tab
    context.close()


def test_a_search_is_answered_while_one_types_and_no_address_holds_a_name(known, page):
    person, _ = known
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    page.fill("#id_texte", "lefebvre berth")
    page.get_by_role("link", name="LEFÈVRE Berthe").click()
    page.wait_for_url(f"**/personnes/{person.pk}/")
    assert page.get_by_role("heading", name="Cercle de soins").first.is_visible()
    assert not [one for one in addresses if "lef" in one.lower()]


def lets_in(name, person, service):
    """A line of the thread: somebody lets a nurse in."""
    speaker = orienteuse_of(service, account_id=AccountFactory(name=name).pk)
    joining = Joining(role="nurse", practitioner_id=PractitionerFactory().pk)
    services.join_circle(actor=speaker, person=person, joining=joining, now=NOW)


def test_the_thread_is_filtered_by_its_author_from_the_keyboard(known, page, live_server):
    person, service = known
    for name in ("Claire Bonnet", "Ahmed Diallo"):
        lets_in(name, person, service)
    page.goto(live_server.url + reverse("people:thread", args=[person.pk]))
    rope = page.locator("#fil")
    expect(rope).to_contain_text("Ahmed Diallo")
    page.get_by_label("Par qui").focus()
    page.keyboard.type("Claire")
    page.keyboard.press("Tab")
    expect(rope).not_to_contain_text("Ahmed Diallo")
    expect(rope).to_contain_text("Claire Bonnet")


def test_on_a_phone_the_filters_are_folded_until_one_serves(known, page, live_server):
    person, service = known
    lets_in("Claire Bonnet", person, service)
    address = live_server.url + reverse("people:thread", args=[person.pk])
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    folded = page.locator("details", has=page.get_by_text("Filtrer le fil"))
    expect(page.get_by_label("Par qui")).not_to_be_visible()
    expect(page.locator("#fil [data-list] > *").first).to_be_in_viewport()
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    boxes = folded.get_by_role("checkbox")
    for box in boxes.all():
        page.keyboard.press("Tab")
        expect(box).to_be_focused()
    page.keyboard.press("Space")
    expect(boxes.last).to_be_checked()
    accessible(page)
    page.goto(f"{address}?salle=intake")
    expect(page.get_by_label("demandes")).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(address)
    expect(folded.locator("summary")).not_to_be_visible()
    expect(page.get_by_label("Par qui")).to_be_visible()


def test_axe_finds_nothing_to_say_of_a_person_s_screens(known, page, live_server):
    person, _ = known
    names = ["edit", "circle", "choices", "thread"]
    addresses = [reverse(f"people:{name}", args=[person.pk]) for name in names]
    addresses += [reverse("people:create"), reverse("web:person", args=[person.pk])]
    page.fill("#id_texte", "lefevre")
    page.get_by_role("link", name="LEFÈVRE Berthe").wait_for()
    accessible(page)
    for address in addresses:
        page.goto(live_server.url + address)
        accessible(page)
