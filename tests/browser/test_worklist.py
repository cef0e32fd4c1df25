"""The worklist on a wide screen: a line opens beside the list, which never goes."""

import os
import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import accessible

pytestmark = pytest.mark.browser


def look(page, name):
    """Keep a picture, for whoever asked for it by PICTURES."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def opened(page):
    return page.locator("#ouvert h1")


def test_a_line_opens_beside_the_list_by_the_keyboard_alone(house):
    house.load()
    claire = house.signed_in("claire@exemple.fr")
    expect(claire.locator("[data-palette-open]").first).to_be_visible()
    rows = claire.locator("#worklist .row")
    expect(rows.nth(1)).to_be_visible()
    look(claire, "worklist-1440")
    accessible(claire)

    claire.keyboard.press("j")
    expect(rows.nth(0).locator("a").first).to_be_focused()
    claire.keyboard.press("Enter")
    expect(opened(claire)).to_be_focused()
    expect(rows.nth(0).locator(".row__link")).to_have_attribute("aria-current", "true")
    expect(claire).to_have_url(house.address + "/a-faire")
    expect(rows.nth(1)).to_be_visible()
    look(claire, "worklist-1440-open")
    accessible(claire)

    claire.keyboard.press("Escape")
    expect(rows.nth(0).locator(".row__link")).to_be_focused()
    claire.keyboard.press("j")
    expect(rows.nth(1).locator("a").first).to_be_focused()
    claire.keyboard.press("Enter")
    expect(rows.nth(1).locator(".row__link")).to_have_attribute("aria-current", "true")
    expect(opened(claire)).to_be_focused()
    assert claire.complaints == []

    claire.emulate_media(color_scheme="dark")
    look(claire, "worklist-1440-dark")


def test_what_is_done_in_the_open_line_leaves_the_list(house):
    house.load()
    claire = house.signed_in("claire@exemple.fr")
    expect(claire.locator("[data-palette-open]").first).to_be_visible()
    line = claire.locator("#worklist .row", has_text="Denise ESCALLIER")
    line.hover()
    look(claire, "worklist-1440-hover")
    line.locator(".row__link").click()
    place = claire.locator("#ouvert")
    expect(place).to_contain_text("Le demandeur est à prévenir")

    place.locator("summary", has_text="Rappeler le demandeur").click()
    place.get_by_role("button", name="Noter l’appel").click()

    expect(place).not_to_contain_text("Le demandeur est à prévenir")
    expect(opened(claire)).to_be_focused()
    expect(claire.locator("#worklist .row").first).to_be_visible()
    expect(claire).to_have_url(house.address + "/a-faire")
    assert claire.complaints == []


@pytest.mark.parametrize("width", [360, 1000])
def test_on_a_narrow_screen_a_line_leads_to_its_page(width, house):
    house.load()
    claire = house.signed_in("claire@exemple.fr", width=width, height=780)
    expect(claire.locator("#ouvert")).to_be_hidden()
    look(claire, f"worklist-{width}")
    accessible(claire)

    claire.locator("#worklist .row__link").first.click()

    expect(claire).not_to_have_url(re.compile("/a-faire"))
