"""The worklist on a wide screen: a line opens beside the list, which never goes."""

import json
import os
import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import accessible
from tests.browser.late import wait_until
from tests.intake.files import pdf

pytestmark = pytest.mark.browser
STAND = """() => {
    for (const one of document.querySelectorAll('#worklist .row')) one.stood = true;
    document.addEventListener('htmx:afterSettle', ({ target }) => {
        window.settled ||= target.id === 'worklist';
    });
}"""
LOOKED = """() => document.addEventListener('htmx:afterRequest',
    ({ detail }) => { window.looked ||= detail.target?.id === 'ouvert'; })"""
STANDING = (
    "() => [...document.querySelectorAll('#worklist .row')].filter((one) => one.stood).length"
)


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
    expect(claire).to_have_url(re.compile("/a-faire#t-"))
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

    claire.evaluate(STAND)
    place.locator("summary", has_text="Rappeler le demandeur").click()
    place.get_by_role("button", name="Noter l’appel").click()

    expect(place).not_to_contain_text("Le demandeur est à prévenir")
    claire.wait_for_function("() => window.settled")
    assert claire.evaluate(STANDING)  # asked again, lines that say the same are the very same
    expect(opened(claire)).to_be_focused()
    expect(claire.locator("#worklist .row").first).to_be_visible()
    expect(claire).to_have_url(re.compile("/a-faire#t-"))
    assert claire.complaints == []


def test_asked_again_the_list_brings_what_changed_alone_and_what_went_by_itself_comes_back(claire):
    rows = claire.locator("#worklist .row")
    there, names = rows.count(), claire.locator("#worklist .row__who").all_inner_texts()
    asks = "document.body.dispatchEvent(new CustomEvent('worklist'))"
    with claire.expect_response("**/a-faire*") as unchanged:
        claire.evaluate(asks)
    assert unchanged.value.text().count("data-same") == there
    assert not any(name in unchanged.value.text() for name in names if name)

    claire.evaluate(
        """() => document.addEventListener('htmx:beforeSwap',
            () => document.querySelector('#worklist .row').remove(), { once: true })"""
    )
    claire.evaluate(asks)
    expect(claire.locator("#worklist .row__who")).to_have_text(names)
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


@pytest.fixture
def claire(house):
    house.load()
    page = house.signed_in("claire@exemple.fr")
    expect(page.locator("[data-palette-open]").first).to_be_visible()
    return page


def open_line(page, who):
    """Open the line of somebody, and wait for it."""
    line = page.locator("#worklist .row", has_text=who).first.locator(".row__link")
    line.click()
    expect(line).to_have_attribute("aria-current", "true")
    expect(page.locator("#ouvert")).to_contain_text(who)


def call_back(page):
    return page.locator("#ouvert details", has_text="Rappeler le demandeur").first


def test_what_is_typed_in_an_open_line_is_kept_when_another_is_opened(claire):
    claire.wait_for_load_state()
    names = claire.locator("#worklist .row__who").all_inner_texts()
    other = next(one for one in names if one and "ESCALLIER" not in one)
    open_line(claire, "Denise ESCALLIER")
    call_back(claire).locator("summary").click()
    words = call_back(claire).locator("[name=words]")
    words.fill("Elle préfère le matin")

    open_line(claire, other)
    said = claire.locator(".toast", has_text="est gardé")
    expect(said).to_be_visible()
    said.get_by_role("button", name="Y revenir").click()

    expect(words).to_have_value("Elle préfère le matin")
    expect(claire.locator("#worklist .row__link[aria-current=true]")).to_contain_text(
        "Denise ESCALLIER"
    )
    call_back(claire).get_by_role("button", name="Noter l’appel").click()
    expect(claire.locator("#ouvert")).to_contain_text("Elle préfère le matin")
    assert claire.complaints == []


REFUSED = """<html><body><div class="shell__work"><h1>Denise ESCALLIER</h1><p>Refusé</p>
<form method="post"><label>Mots <textarea name="words">{words}</textarea></label></form></div></body></html>"""  # noqa: E501
WORDS = "Elle préfère le matin"


@pytest.fixture
def crossed(claire):
    """What was written in a line is on its way, and another line as well: both are held back."""
    claire.wait_for_load_state()
    names = claire.locator("#worklist .row__who").all_inner_texts()
    other = next(one for one in names if one and "ESCALLIER" not in one)
    open_line(claire, "Denise ESCALLIER")
    call_back(claire).locator("summary").click()
    call_back(claire).locator("[name=words]").fill(WORDS)
    line = claire.locator("#worklist .row", has_text=other).first.locator(".row__link")
    address, sent, asked = line.get_attribute("href"), [], []

    def hold(route):
        if route.request.method == "POST":
            sent.append(route)
        elif route.request.url.endswith(address):
            asked.append(route)
        else:
            route.fallback()

    claire.route("**/*", hold)
    call_back(claire).get_by_role("button", name="Noter l’appel").click()
    wait_until(claire, lambda: sent)
    line.click()
    wait_until(claire, lambda: asked)
    claire.unroute("**/*", hold)
    return sent[0], asked[0], other


def is_open(page, who):
    expect(page.locator("#worklist .row__link[aria-current=true]")).to_contain_text(who)
    expect(page.locator("#ouvert")).to_contain_text(who)


def test_a_refusal_that_comes_before_the_line_opened_since_is_kept_with_its_words(claire, crossed):
    sent, asked, other = crossed
    sent.fulfill(status=422, content_type="text/html", body=REFUSED.format(words=WORDS))
    expect(claire.locator("#ouvert")).to_contain_text("Refusé")
    asked.continue_()
    is_open(claire, other)
    claire.locator(".toast", has_text="est gardé").get_by_role("button", name="Y revenir").click()
    expect(claire.locator("#ouvert")).to_contain_text("Refusé")
    expect(claire.locator("#ouvert [name=words]")).to_have_value(WORDS)
    assert claire.complaints == []


def test_a_refusal_that_comes_after_the_line_opened_since_does_not_take_its_place(claire, crossed):
    sent, asked, other = crossed
    asked.continue_()
    is_open(claire, other)
    claire.evaluate("document.querySelector('#ouvert').append('Ceci se lit')")
    sent.fulfill(status=422, content_type="text/html", body=REFUSED.format(words=WORDS))
    refused = claire.locator(".toast", has_text="à corriger")
    expect(refused).to_be_visible()
    is_open(claire, other)
    expect(claire.locator("#ouvert")).to_contain_text("Ceci se lit")
    refused.get_by_role("button", name="Y revenir").click()
    is_open(claire, "Denise ESCALLIER")
    expect(claire.locator("#ouvert")).to_contain_text("Refusé")
    expect(claire.locator("#ouvert [name=words]")).to_have_value(WORDS)
    assert claire.complaints == []


def test_what_was_taken_after_another_line_was_opened_is_not_to_be_sent_again(claire, crossed):
    sent, asked, other = crossed
    asked.continue_()
    is_open(claire, other)
    claire.evaluate("document.querySelector('#ouvert').append('Ceci se lit')")
    claire.evaluate(STAND)
    sent.continue_()
    claire.wait_for_function("() => window.settled")  # the list was asked again
    is_open(claire, other)
    expect(claire.locator("#ouvert")).to_contain_text("Ceci se lit")
    open_line(claire, "Denise ESCALLIER")
    expect(claire.locator("#ouvert")).to_contain_text(WORDS)
    expect(call_back(claire).locator("[name=words]")).to_have_value("")
    assert claire.complaints == []


def test_a_line_that_one_comes_back_to_before_the_other_has_come_stands_as_it_was(claire, crossed):
    sent, asked, other = crossed
    claire.locator("#worklist .row", has_text="ESCALLIER").first.locator(".row__link").click()
    with claire.expect_response(asked.request.url):
        asked.continue_()
    claire.wait_for_timeout(500)  # what came would be in its place by now
    is_open(claire, "Denise ESCALLIER")
    expect(call_back(claire).locator("[name=words]")).to_have_value(WORDS)
    sent.continue_()
    expect(claire.locator("#ouvert")).to_contain_text(WORDS)
    assert claire.complaints == []


def test_a_look_at_the_line_that_already_stands_leaves_what_was_typed_since(claire):
    claire.wait_for_load_state()
    open_line(claire, "Denise ESCALLIER")
    line = claire.locator("#worklist .row", has_text="ESCALLIER").first.locator(".row__link")
    address, asked = line.get_attribute("href"), []
    claire.route(f"**{address}", lambda route: asked.append(route))
    line.click()
    wait_until(claire, lambda: asked)
    call_back(claire).locator("summary").click()
    words = call_back(claire).locator("[name=words]")
    words.fill(WORDS)
    claire.evaluate(LOOKED)
    asked[0].continue_()
    claire.wait_for_function("() => window.looked")
    claire.wait_for_timeout(500)  # what came is in its place by now
    assert words.input_value() == WORDS
    assert not claire.locator(".toast").count()
    assert claire.complaints == []


def test_a_line_that_waits_for_its_turn_is_asked_once(claire):
    claire.wait_for_load_state()
    links = claire.locator("#worklist a.row__link")
    first, second = links.nth(0), links.nth(1)
    asked = {first.get_attribute("href"): [], second.get_attribute("href"): []}

    def hold(route):
        address = next((one for one in asked if route.request.url.endswith(one)), None)
        asked[address].append(route) if address else route.fallback()

    claire.route("**/*", hold)
    first.click()
    second.click()
    before, after = asked.values()
    wait_until(claire, lambda: before)
    before[0].continue_()
    wait_until(claire, lambda: after)
    second.click()
    after[0].continue_()
    expect(opened(claire)).to_be_visible()
    claire.wait_for_timeout(500)  # another look would have left by now
    assert len(after) == 1
    assert claire.complaints == []


def test_what_is_on_its_way_does_not_leave_again_from_the_line_one_came_back_to(claire, crossed):
    sent, asked, other = crossed
    again = []
    claire.on("request", lambda one: one.method == "POST" and again.append(one))
    asked.continue_()
    is_open(claire, other)
    toast = claire.locator(".toast", has_text="en cours d’envoi")
    toast.get_by_role("button", name="Y revenir").click()
    is_open(claire, "Denise ESCALLIER")
    call_back(claire).get_by_role("button", name="Noter l’appel").click()
    claire.wait_for_timeout(500)  # it would have left by now
    sent.continue_()
    expect(claire.locator("#ouvert")).to_contain_text(WORDS)
    expect(call_back(claire).locator("[name=words]")).to_have_value("")
    assert not again
    assert claire.complaints == []


def test_the_line_that_is_open_comes_back_with_the_page_and_its_address_names_nobody(claire):
    open_line(claire, "Denise ESCALLIER")
    assert re.fullmatch(r".*/a-faire#t-[0-9a-f-]{36}", claire.url)
    claire.reload()
    expect(claire.locator("#ouvert")).to_contain_text("Denise ESCALLIER")
    expect(claire.locator("#worklist .row__link[aria-current=true]")).to_contain_text(
        "Denise ESCALLIER"
    )


def test_a_file_joined_from_the_open_line_leaves_the_list_where_it_is(claire):
    open_line(claire, "Denise ESCALLIER")
    joined = claire.locator("#ouvert form", has=claire.locator("input[type=file]")).first
    file = {"name": "ordonnance.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    joined.locator("input[type=file]").set_input_files(file)
    joined.get_by_role("button", name="Ajouter l’ordonnance").last.click()
    expect(claire.locator("#ouvert")).to_contain_text("ordonnance.pdf")
    expect(claire.locator("#worklist .row").first).to_be_visible()
    assert claire.complaints == []


def test_lines_that_come_with_an_event_take_their_place_without_the_list_being_asked(claire):
    rows = claire.locator("#worklist .row")
    names = claire.locator("#worklist .row__who").all_inner_texts()
    persons = [one.get_attribute("data-person") for one in rows.all()]
    person = [one for one in persons if one][1]
    hers = [one == person for one in persons]
    listed = claire.url.partition("#")[0]
    asked = claire.request.get(listed, params={"personne": person}, headers={"HX-Request": "true"})
    assert asked.text().count("row__who") == sum(hers)

    def told(lines):
        said = json.dumps({"person": person, "lines": lines})
        body = f"retry: 200\n\nevent: lines\ndata: {said}\n\n"
        claire.route(
            "**/direct*",
            lambda route: route.fulfill(content_type="text/event-stream", body=body),
        )

    claire.route("**/a-faire*", lambda route: route.abort())
    told('<div id="worklist" hx-swap="lines"></div>')
    left = [name for name, is_hers in zip(names, hers, strict=True) if not is_hers]
    expect(claire.locator("#worklist .row__who")).to_have_text(left)
    told(asked.text())
    expect(claire.locator("#worklist .row__who")).to_have_text(names)
    accessible(claire)
    assert claire.complaints == []
