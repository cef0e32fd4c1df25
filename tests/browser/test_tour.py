"""The tour of the README, in a real browser, as it is written."""

import re
from datetime import date
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from cordee.intake.models import Telling
from cordee.people.models import PersonAccount
from cordee.web.demo import PASSWORD
from tests.browser.house import accessible, code_in
from tests.factories.broker import nurse
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.intake import TriageVersionFactory

pytestmark = pytest.mark.browser


def test_from_the_call_to_the_yes_and_the_call_back(house):
    house.load()
    claire = house.signed_in("claire@exemple.fr")
    expect(claire).to_have_url(house.address + "/a-faire")
    accessible(claire)

    take_the_call(claire)
    house.work()
    claire.reload()
    expect(claire.locator("main")).to_contain_text("recherche", ignore_case=True)
    accessible(claire)
    request = claire.url

    nurse = house.visitor()
    say_yes_by_text(house, nurse)
    first_visit(house, nurse)

    claire.goto(request)
    call_back(claire)
    assert claire.complaints == []

    nadia = house.signed_in("nadia@exemple.fr")
    assert nadia.goto(request).status == 404
    expect(nadia.locator("body")).not_to_contain_text("Vernet", ignore_case=True)
    somebody_reads_who_looked(house, claire)


def somebody_reads_who_looked(house, claire):
    """The person signs in, and reads the name of who has just opened her record."""
    space = PersonAccount.objects.get(account__email="berthe@exemple.fr")
    claire.goto(f"{house.address}/personnes/{space.person_id}/")
    accessible(claire)
    herself = house.signed_in("berthe@exemple.fr")
    expect(herself.locator("main")).to_contain_text("Claire Bonnet")
    accessible(herself)


def test_nobody_is_free_and_the_requester_is_told(house):
    desk = OrganizationFactory(name="SIO du Champsaur")
    account = AccountFactory(email="claire@exemple.fr", name="Claire Bonnet")
    account.set_password(PASSWORD)
    account.save()
    MembershipFactory(account=account, organization=desk, since=date(2026, 1, 5))
    TriageVersionFactory(organization=desk, signed=True)
    nurse()

    claire = house.signed_in("claire@exemple.fr")
    take_the_call(claire)
    request = claire.url
    house.work()

    phone = house.visitor(width=390, height=844)
    phone.goto(house.address + "/telephone")
    asked = phone.locator(".bubble").filter(has_text="recherche en cours").last
    phone.locator("#id_text").fill(f"Non {code_in(asked.inner_text())}")
    phone.keyboard.press("Enter")
    expect(phone.locator("#ecran")).to_contain_text("Non ")
    house.work()
    house.wait(minutes=60)

    claire.goto(house.address + "/a-faire")
    expect(claire.locator("main")).to_contain_text("Choisir une suite et prévenir le demandeur")
    claire.goto(request)
    expect(claire.locator("main")).to_contain_text("Personne n’a été trouvé")
    accessible(claire)
    claire.locator("summary", has_text="Rappeler le demandeur").click()
    claire.get_by_role("button", name="Noter l’appel").click()
    expect(claire.locator("main")).to_contain_text("demandeur")
    house.work()
    assert Telling.objects.filter(result="reached").count() == 1


def take_the_call(page):
    """By the keyboard alone: the palette, then the fields in order, then Enter on the button."""
    expect(page.locator("[data-palette-open]").first).to_be_visible()  # the scripts are there
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=combobox]")).to_be_focused()
    page.keyboard.type("prendre un appel")
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("Prendre un appel")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/appels/"))
    typed = {
        "caller_phone": "06 39 98 00 11",
        "caller_name": "Docteur Arnaud",
        "birth_name": "Vernet",
        "first_names": "Odette",
        "birth_date": "3/2/1938",
        "commune": "saint bonnet en champsaur",
        "begins_on": "demain",
    }
    for name, words in typed.items():
        page.locator(f"#id_{name}").focus()
        page.keyboard.type(words)
    choose(page, "caller_kind", "gp")
    choose(page, "kind", "injection")
    choose(page, "delay", "h24")
    page.locator("#id_no_sign").focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-autosave-state]")).to_contain_text("enregistré")
    accessible(page)
    page.get_by_role("button", name="Enregistrer et chercher").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/demandes/"))


def choose(page, name, value):
    """A select, or a radio: whatever the form shows."""
    field = page.locator(f"#id_{name}")
    if field.evaluate("node => node.tagName") == "SELECT":
        field.select_option(value)
    else:
        page.locator(f"[name={name}][value={value}]").check()


def say_yes_by_text(house, page):
    """On the test phone: read, answer, open the link, prove who one is, say yes again."""
    page.goto(house.address + "/telephone")
    accessible(page)
    asked = page.locator(".bubble").filter(has_text="recherche en cours").last
    code = code_in(asked.inner_text())
    link = house.address + urlsplit(asked.get_by_role("link").get_attribute("href")).path
    page.locator("#id_text").fill(f"oui {code}!")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble").last).to_contain_text(code)
    house.work()

    page.goto(link)
    expect(page.locator("main")).not_to_contain_text("VERNET", ignore_case=True)
    accessible(page)
    page.get_by_role("button", name="Recevoir un code par SMS").click()
    house.work()
    page.locator("[name=code]").fill(code_of_the_phone(house))
    page.get_by_role("button", name="Confirmer", exact=True).click()
    page.get_by_role("button", name="OUI, je m’en occupe").click()
    expect(page.locator("main")).to_contain_text("Vernet", ignore_case=True)
    accessible(page)
    house.work()


def code_of_the_phone(house):
    """What the nurse reads on her phone."""
    page = house.visitor()
    page.goto(house.address + "/telephone")
    return code_in(page.locator(".bubble").filter(has_text="votre code est").last.inner_text())


def first_visit(house, page):
    """She says when she comes: the care is confirmed."""
    tomorrow = house.now().strftime("%Y-%m-%dT18:00")
    page.locator("[name=first_visit_at]").fill(tomorrow)
    page.get_by_role("button", name="Confirmer ma première visite").click()
    expect(page.locator("main")).to_contain_text("Première visite")
    house.work()


def call_back(page):
    """The requester is told; the request can be closed."""
    expect(page.locator("main")).to_contain_text("Rappeler le demandeur")
    page.locator("summary", has_text="Rappeler le demandeur").click()
    page.get_by_role("button", name="Noter l’appel").click()
    accessible(page)
    page.get_by_role("button", name="Clore la demande").click()
    expect(page.locator("main")).to_contain_text("close", ignore_case=True)
