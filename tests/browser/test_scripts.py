"""What our scripts add to a page: hands on the keyboard, drafts, live lines, focus."""

from pathlib import Path

import pytest
from django.template import engines
from playwright.sync_api import expect

from tests.browser.axe import accessible
from tests.browser.desk import Desk, built_assets
from tests.browser.late import stays, wait_until
from tests.support import NOW

pytestmark = pytest.mark.browser
SPREAD = Path(__file__).parent / "spread.css"


@pytest.fixture
def desk(monkeypatch):
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    with Desk(NOW) as server:  # whose socket must not wait for a collection of rubbish
        yield server
        server.shutdown()


@pytest.fixture
def visit(chromium, desk):
    contexts = []

    def open_page(width=1440, height=900, *, on_its_clock=False, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        if on_its_clock:
            page.clock.install()
        page.goto(desk.address)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
def test_the_components_have_no_fault_that_axe_knows(visit, theme, width):
    page = visit(width, 844, color_scheme=theme)
    accessible(page)
    too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert too_wide <= 0
    assert page.complaints == []


def test_hands_stay_on_the_keyboard(visit):
    page = visit()
    lines = page.locator(".shell__list .row__link")  # the second is the one that is open
    page.keyboard.press("j")
    expect(lines.nth(2)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(lines.nth(0)).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#touches")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#note").focus()
    page.keyboard.type("j?")
    expect(page.locator("#note")).to_have_value("j?")
    expect(page.locator("#touches")).to_be_hidden()

    page.keyboard.press("Control+k")
    page.keyboard.type("telephone")
    expect(page.locator("[role=option]:visible")).to_have_count(2)
    page.keyboard.press("Enter")
    page.wait_for_url("**/#appel")
    assert page.complaints == []


def hurried(page, desk):
    """Somebody who chooses before the list has come."""
    desk.is_told.clear()
    page.keyboard.press("Control+k")
    page.keyboard.type("telephone")
    page.keyboard.press("Enter")
    return page


def test_a_hurried_hand_is_obeyed_when_the_list_comes(visit, desk):
    page = hurried(visit(), desk)
    expect(page.locator("#palette")).to_be_visible()
    expect(page.locator("[role=option]")).to_have_count(0)
    desk.is_told.set()
    page.wait_for_url("**/#appel")
    assert page.complaints == []


def test_a_hurried_hand_that_closes_is_not_carried_away_when_the_list_comes(visit, desk):
    page = hurried(visit(), desk)
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    desk.is_told.set()
    expect(page.locator("#palette [role=option]")).to_have_count(3)
    assert page.evaluate("location.hash") == ""
    assert page.complaints == []


def test_a_draft_survives_a_cut_and_leaves_nothing_in_the_browser(visit, desk):
    page = visit()
    page.locator("#note").fill("première")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Brouillon enregistré à")
    desk.is_down = True
    page.locator("#note").fill("deuxième")
    expect(page.locator("#offline")).to_contain_text("Hors ligne — 1 modification gardée depuis")
    stored = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "ième" not in stored
    desk.is_down = False
    expect(page.locator("#offline")).to_be_hidden()
    assert "deuxième" in desk.drafts[-1]


def test_a_draft_that_nobody_answers_is_said_and_goes_again(visit, desk):
    page = visit(on_its_clock=True)
    page.route("**/brouillon", lambda route: None)  # neither answered nor refused
    note, state = page.locator("#note"), page.locator("[data-autosave-state]")
    note.press_sequentially("première")
    expect(state).to_have_text("Enregistrement…")
    note.press_sequentially(", deuxième")
    asked = stays(page)
    page.evaluate("location.assign('/?ailleurs')")
    wait_until(page, lambda: asked)
    page.clock.fast_forward(15_000)
    expect(state).to_have_text("Pas encore enregistré")
    page.unroute("**/brouillon")
    page.clock.fast_forward(5000)
    expect(state).to_contain_text("Brouillon enregistré à")
    assert "deuxi" in desk.drafts[-1]


def test_what_was_typed_just_before_one_leaves_is_kept(visit, desk):
    page = visit(on_its_clock=True)
    page.clock.pause_at(NOW.replace(year=2200))
    asked = stays(page)
    page.locator("#note").press_sequentially("juste avant")
    page.evaluate("location.assign('/?ailleurs')")
    page.wait_for_url("**/?ailleurs")
    wait_until(page, lambda: desk.drafts)
    assert "juste avant" in desk.drafts[-1]
    assert asked == []


def test_live_lines_come_without_moving_the_hand(visit, desk):
    page = visit()
    page.mouse.wheel(0, 120)
    page.locator("#l-Deuxième a").focus()
    top = page.locator("#l-Deuxième").evaluate("line => line.getBoundingClientRect().top")
    desk.lines.insert(0, "Nouvel")
    desk.moves("intake")
    expect(page.locator("#l-Nouvel")).to_be_visible()
    expect(page.locator("#l-Deuxième a")).to_be_focused()
    after = page.locator("#l-Deuxième").evaluate("line => line.getBoundingClientRect().top")
    assert abs(after - top) < 3
    assert page.complaints == []


def test_a_page_whose_session_ended_shows_the_way_and_listens_again_once_back(visit, desk):
    page = visit()
    page.locator("#note").fill("commencée")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Brouillon enregistré à")
    way = page.locator("#toasts").get_by_role("link", name="Se connecter dans un autre onglet")
    for _ in range(2):
        streams = len(desk.streams)
        desk.streams[-1].put("event: signed-out\ndata: \n\n")
        expect(way).to_have_attribute("href", "/compte/login/")
        expect(way).to_have_count(1)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        wait_until(page, lambda held=streams: len(desk.streams) > held)
        expect(way).to_have_count(0)
    expect(page.locator("#note")).to_have_value("commencée")
    assert page.complaints == []


def test_the_first_stream_says_up_to_where_the_page_was_read_and_the_next_asks_for_all(visit, desk):
    page = visit()
    wait_until(page, lambda: desk.asked)
    assert desk.asked == [{"depuis": ["ici"]}]
    desk.streams[-1].put("event: signed-out\ndata: \n\n")
    expect(page.locator("#toasts .notice, #toasts .toast")).to_have_count(1)
    desk.lines.insert(0, "Nouvel")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#l-Nouvel")).to_be_visible()
    assert desk.asked[1:] == [{}]
    assert page.complaints == []


def test_what_has_just_happened_is_said_once_and_aloud(visit):
    page = visit()
    said = "{bubbles: true, detail: {value: 'Vague envoyée.'}}"  # as HTMX does
    page.evaluate(f"document.body.dispatchEvent(new CustomEvent('toast', {said}))")
    expect(page.locator(".toast")).to_have_count(1)
    expect(page.locator("#annonces")).to_have_text("Vague envoyée.")
    page.get_by_label("Fermer ce message").click()
    expect(page.locator(".toast")).to_have_count(0)


def test_a_refusal_leaves_by_itself_unless_it_holds_a_way_on(visit):
    page = visit(on_its_clock=True)
    page.evaluate(
        """() => document.getElementById('toasts').insertAdjacentHTML('beforeend',
            '<div class="notice">Non.</div><div class="notice"><a href="/">Revenir</a></div>')"""
    )
    expect(page.locator("#toasts .notice")).to_have_count(2)
    page.clock.fast_forward("01:00")
    expect(page.locator("#toasts .notice")).to_have_text(["Revenir"])


SEEN = """() => {
    const stop = document.activeElement;
    if (stop === document.body) return 'end';
    const shown = [stop, stop.closest('.choice'), stop.closest('label')].filter(Boolean);
    return shown.some(one => {
        const style = getComputedStyle(one);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    }) ? 'seen' : stop.outerHTML.slice(0, 120);
}"""


def test_the_focus_is_seen_at_every_stop(visit):
    page = visit()
    page.locator(".skip").focus()
    stops = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(SEEN))
    assert set(stops) <= {"seen", "end"}, [one for one in stops if "<" in one]
    assert stops.count("seen") > 40


def test_words_spread_by_their_reader_are_neither_cut_nor_hidden(visit):
    """WCAG 1.4.12: lines 1.5, paragraphs 2, letters 0.12, words 0.16 times the size of the text."""
    page = visit(320, 844, bypass_csp=True)
    page.add_style_tag(path=SPREAD)
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.button, .badge, h1, h2, label, .notice p')]
            .filter(one => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1
                && getComputedStyle(one).overflowX === 'hidden')
            .map(one => one.outerHTML.slice(0, 100))"""
    )
    assert cut == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_on_paper_there_is_nothing_to_press_and_dates_are_whole(visit):
    page = visit()
    page.emulate_media(media="print")
    expect(page.locator(".rail")).to_be_hidden()
    expect(page.locator("main .button").first).to_be_hidden()
    said = page.locator("main time").first.evaluate(
        "one => getComputedStyle(one, '::after').content"
    )
    assert "2026" in said
