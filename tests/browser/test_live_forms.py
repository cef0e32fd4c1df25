"""A part of a page that moves, by itself or by a gesture, while somebody writes beside it."""

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cordee.directory.models import Handover
from cordee.web.demo import PASSWORD
from tests.broker.test_screens import search_of
from tests.browser.axe import accessible
from tests.factories.broker import InvitationFactory, nurse
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PoleFactory,
)
from tests.factories.intake import CareRequestFactory
from tests.support import NOW

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(house):
    """A desk, where Claire works."""
    desk = OrganizationFactory(name="SIO du Champsaur")
    account = AccountFactory(email="claire@exemple.fr", name="Claire Bonnet")
    account.set_password(PASSWORD)
    account.save()
    MembershipFactory(account=account, organization=desk, since=date(2026, 1, 5))
    return desk


def test_a_note_for_the_next_desk_stays_while_one_names_who_keeps_what(house, desk):
    PoleFactory(organization=desk)
    CareRequestFactory(organization=desk)
    page = house.signed_in("claire@exemple.fr")
    page.goto(house.address + reverse("intake:evening"))
    page.wait_for_function("window.htmx")
    end = page.get_by_role("button", name="Terminer le service")
    expect(end).to_be_disabled()
    note = page.get_by_label("Relève\u00a0:")
    note.fill("Rappeler la pharmacie avant 9 h")
    page.get_by_role("button", name="Nommer pour toutes").click()
    expect(end).to_be_enabled()
    expect(note).to_have_value("Rappeler la pharmacie avant 9 h")
    accessible(page)
    end.click()
    page.wait_for_url("**/demandes/")
    assert Handover.objects.get().note == "Rappeler la pharmacie avant 9 h"
    assert page.complaints == []


def test_the_note_of_the_evening_stays_when_another_pole_is_chosen(house, desk):
    PoleFactory(organization=desk, name="Nord")
    south = PoleFactory(organization=desk, name="Sud")
    page = house.signed_in("claire@exemple.fr")
    page.goto(house.address + reverse("intake:evening"))
    page.wait_for_function("window.htmx")
    page.get_by_label("Relève\u00a0: Nord").fill("Rappeler la pharmacie avant 9 h")
    page.get_by_role("link", name="Sud").click()
    note = page.get_by_label("Relève\u00a0: Sud")
    expect(note).to_have_value("Rappeler la pharmacie avant 9 h")
    expect(page.get_by_role("link", name="Sud")).to_be_focused()
    accessible(page)
    page.get_by_role("button", name="Terminer le service").click()
    page.wait_for_url("**/demandes/")
    handed = Handover.objects.get()
    assert (handed.pole, handed.note) == (south, "Rappeler la pharmacie avant 9 h")
    assert page.complaints == []


def test_what_is_typed_stays_while_the_hand_goes_to_the_button(house, desk):
    search = search_of(desk, state="filled")
    InvitationFactory(solicitation=search, practitioner=nurse(), answer="accepted", answered_at=NOW)
    page = house.signed_in("claire@exemple.fr")
    page.goto(house.address + reverse("broker:search", args=[search.pk]))
    page.wait_for_function("window.htmx")
    day = page.get_by_label("Première visite")
    day.fill("2026-12-01T08:30")
    page.get_by_role("button", name="Confirmer les soins").focus()

    with page.expect_response(f"**{reverse('broker:search', args=[search.pk])}"):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('thread:broker'))")
    page.wait_for_timeout(300)  # what came would be in its place by now
    expect(day).to_have_value("2026-12-01T08:30")
    with page.expect_response(f"**{reverse('broker:search', args=[search.pk])}"):
        day.fill("")
        day.press("Tab")  # nothing is being written any more: what came is asked again
    assert page.complaints == []
