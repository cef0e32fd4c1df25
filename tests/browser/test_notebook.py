"""The liaison notebook on a phone, by the keyboard alone: a note on a line of the plan is written,
read, answered and corrected."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from cordee.access.models import Account
from tests.browser.axe import accessible
from tests.browser.desk import built_assets
from tests.liaison.scene import set_around
from tests.plans import scene as plans

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = "Elle a marché jusqu’au portail, mais la marche du perron bouge."
REPLY = "Je passe la caler demain."
CORRECTED = "Elle a marché jusqu’au portail. La marche du perron est à caler."


@pytest.fixture
def around(monkeypatch):
    """A person with a circle, and a plan under way."""
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    around = set_around()
    holder = plans.Around(around.person, around.dac, around.coordinator)
    around.plan, _ = plans.active(holder)
    return around


@pytest.fixture
def phone(live_server, chromium):
    """Open a phone in front of somebody who is signed in."""
    contexts = []

    def of(actor):
        client = Client()
        client.force_login(Account.objects.get(pk=actor.account_id))
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        size = {"width": 390, "height": 844}
        contexts.append(chromium.new_context(viewport=size, locale="fr-FR"))
        contexts[-1].add_cookies([cookie])
        return contexts[-1].new_page()

    yield of
    for context in contexts:
        context.close()


def looked_at(page, name):
    """No fault that axe knows, nothing wider than the phone; a picture, for who asked for it."""
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"cahier-{name}.png", full_page=True)


def reach(page, wanted):
    """Go to a control as the keyboard does."""
    expect(wanted).to_be_visible()
    for _ in range(99):
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no key leads to {wanted}")


def press(page, role, name):
    """Press a button or a link that was reached by the keyboard."""
    reach(page, page.get_by_role(role, name=name, exact=True))
    page.keyboard.press("Enter")


def test_a_note_on_a_line_of_the_plan_is_written_read_answered_and_corrected_by_keyboard(
    around, phone, live_server
):
    hers = phone(around.coordinator)
    hers.goto(live_server.url + plans.at("plan", around.plan.pk))
    writes(hers)

    nurse = phone(around.nurse)
    nurse.goto(live_server.url + reverse("liaison:notebook", args=[around.person.pk]))
    reads_and_answers(nurse)

    hers.reload()
    corrects(hers)


def writes(page):
    """What is seen of an action, said to matter."""
    press(page, "link", "Écrire une note sur l’action Marcher dix minutes")
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
    looked_at(page, "ecrire")
    page.keyboard.type(WORDS)
    reach(page, page.get_by_label("ordinaire"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("importante")).to_be_checked()
    press(page, "button", "Écrire dans le cahier")
    expect(page.get_by_text(WORDS)).to_be_visible()
    expect(page.get_by_role("link", name="À propos d’une ligne du plan")).to_be_visible()
    looked_at(page, "ecrite")


def reads_and_answers(page):
    """« J’ai lu » leaves where one was; the answer stands under the note."""
    note = page.get_by_role("article").filter(has_text=WORDS)
    expect(note.get_by_text("À lire")).to_be_visible()
    press(page, "button", "J’ai lu la note de Ahmed Diallo")
    expect(note.get_by_text("Lue par Jeanne Roux")).to_be_visible()
    expect(note.get_by_text("À lire")).to_have_count(0)
    assert note.evaluate("(one) => one.contains(document.activeElement)")
    press(page, "link", "Répondre à la note de Ahmed Diallo")
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
    looked_at(page, "repondre")
    page.keyboard.type(REPLY)
    press(page, "button", "Envoyer la réponse")
    expect(page.get_by_role("list", name="Réponses").get_by_text(REPLY)).to_be_visible()
    looked_at(page, "repondue")


def corrects(page):
    """Who wrote reads who read; what was written stays readable under its correction."""
    expect(page.get_by_text("Lue par Jeanne Roux")).to_be_visible()
    reach(page, page.get_by_role("link", name="Corriger ma note"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
    looked_at(page, "corriger")
    page.keyboard.press("Control+a")
    page.keyboard.type(CORRECTED)
    press(page, "button", "Enregistrer la correction")
    expect(page.get_by_text(CORRECTED)).to_be_visible()
    reach(page, page.locator("summary", has_text="Corrigée"))
    page.keyboard.press("Enter")
    expect(page.get_by_text(WORDS)).to_be_visible()
    looked_at(page, "corrigee")
