"""A session that ends in the middle of a call: what was typed stays, and is kept once back."""

import re
from datetime import date

import pytest
from django.conf import settings
from playwright.sync_api import expect

from cordee.access.models import Account
from cordee.directory.models import Organization
from cordee.intake.models import CareRequest
from cordee.web.demo import PASSWORD
from tests.browser.calls import write_call
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    MembershipFactory,
    OrganizationFactory,
)
from tests.factories.intake import CareRequestFactory, TriageVersionFactory
from tests.factories.pathways import TaskFactory

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


def sign_in(tab, email=EMAIL):
    tab.locator("[name=login]").fill(email)
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


def test_a_draft_on_its_way_while_one_signs_in_again_is_kept(call):
    """It left with the proof of before, and came with the cookie of after."""
    held = []
    call.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    call.fill("#id_need", "Matin et soir")
    notice = call.locator("#toasts .notice")
    expect(call.locator("[data-autosave-state]")).to_have_text("Pas encore enregistré")
    with call.expect_request("**/brouillon"):
        call.route("**/brouillon", lambda route: held.append(route), times=1)
    with call.context.expect_page() as opened:
        notice.get_by_role("link").click()
    sign_in(opened.value)
    held[0].continue_()
    expect(call.locator("[data-autosave-state]")).to_contain_text("Brouillon enregistré à")
    expect(notice).to_have_count(0)


def test_a_page_that_stayed_open_sends_its_form_after_one_signed_in_elsewhere(house, call):
    write_call(call, "Lefebvre")
    call.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    tab = call.context.new_page()
    tab.goto(house.address + "/compte/login/")
    sign_in(tab)
    call.get_by_role("button", name="Enregistrer et chercher").click()
    call.wait_for_url("**/demandes/*-*")
    assert CareRequest.objects.get().person.birth_name == "Lefebvre"


def test_a_page_left_open_says_in_whose_name_it_would_leave(house, call):
    other = AccountFactory(email="bruno@exemple.fr", name="Bruno Roux")
    other.set_password(PASSWORD)
    other.save()
    desk = Organization.objects.get()
    MembershipFactory(account=other, organization=desk, since=date(2026, 1, 5))
    write_call(call, "Lefebvre")
    expect(call.locator("[data-autosave-state]")).to_contain_text("Brouillon enregistré à")
    for email, name, button in (
        ("bruno@exemple.fr", "Bruno Roux", "Enregistrer et chercher"),
        (EMAIL, "Claire Bonnet", "Envoyer de nouveau"),
    ):
        call.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        tab = call.context.new_page()
        tab.goto(house.address + "/compte/login/")
        sign_in(tab, email)
        call.get_by_role("button", name=button).click()
        expect(call.locator("main")).to_contain_text(f"Envoyé au nom de\u00a0: {name} · ")
        assert not CareRequest.objects.exists()
    call.get_by_role("button", name="Envoyer de nouveau").click()
    call.wait_for_url("**/demandes/*-*")
    assert CareRequest.objects.get().person.birth_name == "Lefebvre"


def test_a_gesture_of_a_part_that_refreshes_leaves_once_and_proved_by_the_cookie_of_now(
    house, call
):
    write_call(call, "Lefebvre")
    call.get_by_role("button", name="Enregistrer et chercher").click()
    call.wait_for_url("**/demandes/*-*")
    call.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    tab = call.context.new_page()
    tab.goto(house.address + "/compte/login/")
    sign_in(tab)
    sent = []
    call.on("request", lambda one: one.method == "POST" and sent.append(one.url))
    call.get_by_role("button", name="Transférer au 15").dblclick(no_wait_after=True)
    expect(call.locator("main")).to_contain_text("Lever la retenue")
    assert len([one for one in sent if one.endswith("/samu")]) == 1


def moves(page, room):
    """Something happens in a room: the parts of the page that hear of it ask again."""
    page.evaluate("room => document.body.dispatchEvent(new CustomEvent(`thread:${room}`))", room)


def test_a_refresh_does_not_take_away_what_is_being_written(call):
    desk, claire = Organization.objects.get(), Account.objects.get(email=EMAIL)
    for _ in range(2):
        request = CareRequestFactory(organization=desk)
        about = {"person": request.person, "origin": f"intake/request/{request.pk}"}
        TaskFactory(organization=desk, assignee=claire, **about)
    page = call.context.new_page()
    page.goto(call.url.partition("/appels")[0] + "/a-faire")
    line, other = page.locator("#worklist .row__link").first, page.locator("#worklist a.row__link")
    line.click()
    page.locator("#ouvert summary", has_text="Annuler la demande").click()
    words = page.locator("#ouvert details[open] :is(textarea, input[type=text])").first
    words.fill("Rappeler après 18 h")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)

    moves(page, "pathways")
    notice = page.locator("#toasts .notice")
    expect(notice).to_contain_text("Ce que vous y écrivez y est encore")
    other.last.click()  # a line that cannot come leaves the one that stands
    expect(line).to_have_attribute("aria-current", "true")
    expect(notice).to_have_count(1)
    expect(words).to_have_value("Rappeler après 18 h")

    with page.context.expect_page() as opened:
        notice.get_by_role("link").click()
    sign_in(opened.value)
    moves(page, "pathways")
    expect(notice).to_have_count(0)
    expect(words).to_have_value("Rappeler après 18 h")
    words.fill("")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    moves(page, "pathways")
    page.wait_for_url("**/compte/login/?next=*")  # nothing is being written: nothing stays shown
