"""The whole line with scripts cut: a link, a plain form, and a page that answers."""

from datetime import date
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from cordee.intake.models import CareRequest
from cordee.web.demo import PASSWORD
from tests.browser.house import code_in
from tests.factories.broker import nurse
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.intake import TriageVersionFactory

pytestmark = pytest.mark.browser
PLAIN = {"java_script_enabled": False}


def test_from_the_call_to_the_closing_by_plain_forms_alone(house):
    desk = OrganizationFactory(name="SIO du Champsaur", phone="0492500000")
    account = AccountFactory(email="claire@exemple.fr", name="Claire Bonnet")
    account.set_password(PASSWORD)
    account.save()
    MembershipFactory(account=account, organization=desk, since=date(2026, 1, 5))
    TriageVersionFactory(organization=desk, signed=True)
    nurse()
    claire = house.signed_in("claire@exemple.fr", **PLAIN)

    request = take_the_call(house, claire)
    house.work()
    phone = house.visitor(width=390, height=844, **PLAIN)
    answer_by_link(house, phone)
    say_when(house, phone)
    call_back(house, claire, request)
    assert CareRequest.objects.get().state == "closed"


def take_the_call(house, page):
    """From the worklist: a link, a form, the person who is created, the search that leaves."""
    page.goto(house.address + "/a-faire")
    page.get_by_role("link", name="Prendre un appel").first.click()
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
        page.locator(f"#id_{name}").fill(words)
    for name, value in (("caller_kind", "gp"), ("kind", "injection"), ("delay", "h24")):
        choose(page, name, value)
    page.locator("#id_no_sign").check()
    page.get_by_role("button", name="Enregistrer et chercher").click()
    expect(page.locator("body")).to_contain_text("Odette VERNET")
    return page.url


def choose(page, name, value):
    field = page.locator(f"select#id_{name}")
    if field.count():
        field.select_option(value)
    else:
        page.locator(f"[name={name}][value={value}]").check()


def answer_by_link(house, page):
    """The text, its link, yes; a code proves who one is; only then the name."""
    page.goto(house.address + "/telephone")
    asked = page.locator(".bubble").filter(has_text="recherche en cours").last
    link = urlsplit(asked.get_by_role("link").get_attribute("href")).path
    page.goto(house.address + link)
    expect(page.locator("main")).not_to_contain_text("VERNET", ignore_case=True)
    page.get_by_role("button", name="Recevoir un code par SMS").click()
    house.work()
    answering = page.url
    page.goto(house.address + "/telephone")
    code = code_in(page.locator(".bubble").filter(has_text="votre code est").last.inner_text())
    page.goto(answering)
    page.locator("[name=code]").fill(code)
    page.get_by_role("button", name="Confirmer", exact=True).click()
    page.get_by_role("button", name="OUI, je m’en occupe").click()
    expect(page.locator("main")).to_contain_text("Vernet", ignore_case=True)
    house.work()


def say_when(house, page):
    """The first visit has a day and an hour."""
    page.locator("[name=first_visit_at]").fill(house.now().strftime("%Y-%m-%dT18:00"))
    page.get_by_role("button", name="Confirmer ma première visite").click()
    expect(page.locator("main")).to_contain_text("Première visite")
    house.work()


def call_back(house, page, request):
    """The worklist asks to call back; the call is noted; the request is closed."""
    page.goto(house.address + "/a-faire")
    expect(page.locator("main")).to_contain_text("Rappeler le demandeur")
    page.goto(request)
    page.locator("summary", has_text="Rappeler le demandeur").click()
    page.get_by_role("button", name="Noter l’appel").click()
    page.get_by_role("button", name="Clore la demande").click()
    expect(page.locator("main")).to_contain_text("close", ignore_case=True)
