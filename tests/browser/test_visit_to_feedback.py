"""The tour of the README, its last steps: a visit marked without a network, the alert in another
browser, what is done of it, and what the helper reads on her phone."""

import pytest
from playwright.sync_api import expect

from cordee.vigilance.models import Alert, Device, Visit
from tests.browser.axe import accessible, faults_of
from tests.browser.phone import SMALL, WIDE, Phone

pytestmark = pytest.mark.browser
FEEDBACK = "Sa fille passe ce soir, le médecin est prévenu."


def test_from_a_visit_marked_without_a_network_to_what_the_helper_reads_of_it(house):
    house.load()
    phone = Phone(house.chromium, house.address)
    house.contexts.append(phone.context)
    phone.sign_in("fatou@exemple.fr")
    sophie = house.signed_in("sophie@exemple.fr")
    sophie.goto(house.address + "/alertes/")
    # Read first: a page that is opened may speak for an instant before its network is taken away.
    before = sophie.get_by_role("article", name="Berthe").inner_text()
    without_a_network(phone)
    phone.context.set_offline(False)
    expect(phone.page.locator("[data-bar]")).to_be_hidden()  # by itself: no button is pressed
    house.work()

    sophie.reload()
    hers = sophie.get_by_role("article", name="Berthe")
    assert hers.inner_text() != before
    hers.get_by_role("link", name="Signe à voir tout de suite").click()
    acted_on_and_closed(sophie)
    assert Visit.objects.filter(planned=None, device=Device.objects.latest("since")).count() == 1
    assert Alert.objects.filter(verdict="right", effect="better").count() == 1
    house.work()

    phone.page.reload()
    told = phone.page.locator(".fates li", has_text="LEFÈVRE")
    expect(told).to_contain_text(f"Sophie Allard\u00a0: {FEEDBACK}")
    assert sophie.complaints == phone.complaints == []


def without_a_network(phone):
    """Three visits are marked, the last one unplanned; a tab is killed on the way: all wait."""
    phone.context.set_offline(True)
    phone.page.reload()
    phone.mark("Berthe LEFÈVRE", "Très mal")
    phone.mark("Marcel AFFRE", "Bien")
    phone.page.close()
    phone.open()
    phone.visits()
    unplanned(phone)
    phone.says("3 envois en attente")


def unplanned(phone):
    """Somebody is visited again: the phone says what is planned and noted today before it asks."""
    phone.named("Noter une visite non prévue").tap()
    assert not faults_of(phone.page)
    assert phone.page.evaluate(SMALL) == []
    assert not phone.page.evaluate(WIDE)
    phone.named("Marcel AFFRE").tap()
    expect(phone.page.get_by_text("Une visite d’aujourd’hui est déjà notée")).to_be_visible()
    phone.mark("C’est une autre visite", "Moyen")
    sent = phone.page.locator(".fates li", has_text="AFFRE")
    expect(sent).to_have_count(2)


def acted_on_and_closed(page):
    """Seen, acted on, closed with its effect and a word for the helper."""
    page.wait_for_load_state("networkidle")
    assert page.locator(".toast").count() == 0  # nothing begun elsewhere yet is no fault
    page.get_by_role("button", name="J’ai vu").click()
    page.locator("[name=deed]").select_option("call")
    page.locator("[name=words]").fill("Appel à sa fille")
    page.locator("[name=advice]").fill("Repasser demain matin, et demander comment elle a dormi.")
    page.get_by_role("button", name="Noter ce qui est fait").click()
    expect(page.get_by_role("main")).to_contain_text("Repasser demain matin")
    accessible(page)
    page.locator("[name=verdict][value=right]").check()
    page.locator("[name=effect][value=better]").check()
    page.locator("[name=feedback]").fill(FEEDBACK)
    page.get_by_role("button", name="Clore l’alerte").click()
    expect(page.get_by_role("heading", name="Dernières closes")).to_be_visible()
