"""A session that ends in the middle of a call: what was typed stays, and is kept once back."""

import re
from datetime import date

import pytest
from django.conf import settings
from playwright.sync_api import expect

from cordee.intake.models import CareRequest
from cordee.web.demo import PASSWORD
from tests.browser.calls import write_call
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    MembershipFactory,
    OrganizationFactory,
)
from tests.factories.intake import TriageVersionFactory

pytestmark = pytest.mark.browser
EMAIL = "claire@exemple.fr"


@pytest.fixture
def call(house):
    """An orienteuse has begun to write a call."""
    CommuneFactory()
    desk = OrganizationFactory(name="SIO du Champsaur", phone="0492500000")
    account = AccountFactory(email=EMAIL, name="Claire Bonnet")
    account.set_password(PASSWORD)
    account.save()
    MembershipFactory(account=account, organization=desk, since=date(2026, 1, 5))
    TriageVersionFactory(organization=desk, signed=True)
    page = house.signed_in(EMAIL)
    page.goto(house.address + "/appels/nouveau")
    page.fill("#id_need", "Matin")
    page.get_by_text("Brouillon enregistré à").wait_for()
    return page


def sign_in(tab):
    tab.locator("[name=login]").fill(EMAIL)
    tab.locator("[name=password]").fill(PASSWORD)
    tab.keyboard.press("Enter")
    expect(tab).not_to_have_url(re.compile("/compte/"))
    tab.close()


def test_a_draft_waits_on_its_page_and_is_kept_once_signed_in_again(call):
    call.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    call.fill("#id_need", "Matin et soir")
    notice = call.locator("#toasts .notice")
    expect(notice).to_contain_text("Votre session a pris fin")
    expect(call.locator("[data-autosave-state]")).to_have_text("Pas encore enregistré")
    expect(call.locator("#toasts")).not_to_contain_text("validez")
    with call.context.expect_page() as opened:
        notice.get_by_role("link").click()
    sign_in(opened.value)
    expect(call.locator("[data-autosave-state]")).to_contain_text("Brouillon enregistré à")
    expect(notice).to_have_count(0)
    call.goto(call.url)
    call.get_by_text("appel à reprendre").click()
    call.get_by_role("link", name="Appel commencé").click()
    expect(call.locator("#id_need")).to_have_value("Matin et soir")


def test_a_page_that_stayed_open_sends_its_form_after_one_signed_in_elsewhere(house, call):
    write_call(call, "Lefebvre")
    call.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    tab = call.context.new_page()
    tab.goto(house.address + "/compte/login/")
    sign_in(tab)
    call.get_by_role("button", name="Enregistrer et chercher").click()
    call.wait_for_url("**/demandes/*-*")
    assert CareRequest.objects.get().person.birth_name == "Lefebvre"
