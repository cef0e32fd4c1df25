"""Every screen that answers, for every kind of reader, without a fault that axe knows."""

import json
import mimetypes
import re
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.template import engines
from django.urls import NoReverseMatch, reverse

from tests.access.scene import set_scene
from tests.access.test_permission_matrix import addresses, identifiers, statuses
from tests.browser.axe import AXE, SAID
from tests.browser.desk import DIST, ROOT, built_assets
from tests.support import Browser, serve

STATIC = (DIST, ROOT / "cordee" / "kernel" / "static")
READERS = [
    "out",
    "circle",
    "orienteuse",
    "coordinator",
    "home_help",
    "person",
    "dpo",
    "admin",
    "guest",
]
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll('main *')]
        .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
        .map(one => one.tagName + '.' + one.className)"""
# A line of words wider than the measure, as it stands on the screen. A cell of a table is short, or
# read across its line: it is left.
TOO_LONG = """() => {
    const pen = document.createElement('canvas').getContext('2d');
    const lines = [];
    for (const one of document.querySelectorAll('main :is(p, li, dd, dt, label, legend, span)')) {
        const words = [...one.childNodes].filter(node => node.nodeType === 3 && node.data.trim());
        if (!words.length || !one.checkVisibility()) continue;
        if (one.closest('pre, td, .visually-hidden')) continue;
        const range = document.createRange();
        range.setStart(words[0], 0);
        range.setEndAfter(words.at(-1));
        pen.font = getComputedStyle(one).font;
        const length = range.getBoundingClientRect().width / pen.measureText('0').width;
        if (length > 73) lines.push(`${Math.round(length)} ch: ${one.innerText.slice(0, 50)}`);
    }
    return lines;
}"""
# A text squeezed to a few letters a line; a word on the questions that stands beside one of them.
SQUEEZED = """() => [...document.querySelectorAll('main :is(p, li, dd, label, legend)')]
    .filter(one => one.checkVisibility() && !one.closest('.visually-hidden, td'))
    .filter(one => [...one.childNodes]
        .some(node => node.nodeType === 3 && node.data.trim().length > 30))
    .filter(one => one.clientWidth &&
        one.clientWidth - parseFloat(getComputedStyle(one).paddingInlineStart)
            - parseFloat(getComputedStyle(one).paddingInlineEnd)
        < 7 * parseFloat(getComputedStyle(one).fontSize))
    .map(one => `${one.clientWidth} px: ${one.innerText.slice(0, 50)}`)"""
BESIDE = """() => [...document.querySelectorAll('main :is(.form, .fieldset__body) > .hint')]
    .filter(one => one.checkVisibility() && one.nextElementSibling?.checkVisibility())
    .filter(one => one.nextElementSibling.getBoundingClientRect().top
        < one.getBoundingClientRect().bottom - 1)
    .map(one => one.innerText.slice(0, 50))"""
# Markup that is read as words: an attribute closed too early, a tag written out.
SPILT = """() => document.body.innerText.match(/.{0,30}(">|<[/]?[a-z]+[ >]).{0,20}/g) || []"""
# A control wider than what one writes in it.
STRETCHED = """() => [...document.querySelectorAll(
        'main :is(button, .button, input, select, textarea):not([type=hidden])')]
    .filter(one => one.checkVisibility())
    .filter(one => one.getBoundingClientRect().width >
        parseFloat(getComputedStyle(one).fontSize) * (one.matches('button, .button') ? 32 : 60))
    .map(one => `${one.tagName}.${one.className || one.name}`)"""
# Where each thing stands.
PLACES = """() => JSON.stringify([...document.querySelectorAll('body *')].map(one => {
    const box = one.getBoundingClientRect();
    return [box.x, box.y, box.width, box.height].map(Math.round);
}))"""
# What reduced motion still lets move: longer than the millisecond that brings it to its end.
MOVING = """() => document.getAnimations()
    .filter(one => !(one.effect.getComputedTiming().activeDuration <= 1))
    .map(one => one.animationName || one.transitionProperty)"""

ONE_TITLE = """() => [...document.querySelectorAll('h1')].map(one => one.innerText).slice(1)
    .concat(document.querySelector('h1') ? [] : ['none'])"""
LOOKS = {
    "axe": SAID,
    "another h1": ONE_TITLE,
    "wider than the screen": TOO_WIDE,
    "squeezed": SQUEEZED,
    "beside a question": BESIDE,
    "markup": SPILT,
}
WALL = LOOKS | {"a line too long": TOO_LONG, "stretched": STRETCHED}
PLACED = "does not stand in the dark where it stood in the light"

# The page of a phone holds a title alone until its script has drawn a screen.
DRAWN = "() => !document.querySelector('[data-place] > h1')"

FRAMES = 3
SEEN: set[tuple[str, str]] = set()
# Keys, figures and what is hidden in a form: they are not the same from one scene to the next.
VARYING = re.compile(r'[0-9a-f]{8}-[0-9a-f-]{27}|\d+|value="[^"]*"')

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def pages_of(scene, reader: str) -> dict[str, str]:
    """Every whole page that this reader may open, by the name of its address: who opens what is the
    table of permissions, which has its own test."""
    client = Browser().as_(scene.actors[reader])
    found, table = {}, statuses()
    for name, wanted in addresses():
        if table.get((name, "GET"), {}).get(reader) != "200":
            continue
        try:
            address = reverse(name, kwargs=identifiers(name, wanted, scene, reader))
        except NoReverseMatch:  # a link made of a signed key
            continue
        answer = client.get(address)
        html = answer.content.decode(errors="replace") if answer.status_code == 200 else ""
        if "<html" in html:
            found[name] = html
    return found


def not_seen_yet(pages: dict[str, str]) -> list[str]:
    """What is new for this reader: the same words at the same address were looked at for another.

    The first pages are always looked at: what stands around the words is the reader's own.
    """
    wanted = []
    for place, (name, html) in enumerate(pages.items()):
        words = re.search(r"<main.*</main>", html, re.DOTALL)
        seen = name, VARYING.sub("", words[0] if words else html)
        if place < FRAMES or seen not in SEEN:
            wanted.append(name)
        SEEN.add(seen)
    return wanted


def told_at_once(page, looks: dict[str, str]) -> dict:
    """What several looks see, in their order: to cross over costs as much as most of them."""
    asked = ", ".join(f"{json.dumps(name)}: await ({look})()" for name, look in looks.items())
    return page.evaluate(f"async () => ({{{asked}}})")


def in_lines(told: dict) -> list[str]:
    """What was seen, in a line each; of each kind, the first four."""
    return [f"{name}: {line}" for name, lines in told.items() for line in lines[:4]]


def all_faults_of(page) -> list[str]:
    """What axe says, in a line each; and what it does not look at."""
    page.emulate_media(reduced_motion="reduce")
    return in_lines(told_at_once(page, LOOKS))


def faults_on_a_wall(page) -> list[str]:
    """On 3,840 pixels, in the dark, without motion: what axe says, what stretches, what moves."""
    page.emulate_media(reduced_motion="no-preference")
    page.set_viewport_size({"width": 3840, "height": 2160})
    stood = page.evaluate(f"document.fonts.ready.then({PLACES})")
    page.emulate_media(reduced_motion="reduce", color_scheme="dark")
    told = told_at_once(page, {"moves without being asked": MOVING, PLACED: PLACES, **WALL})
    lines = [PLACED] if told.pop(PLACED) != stood else []
    return [f"on a wall: {line}" for line in lines + in_lines(told)]


@pytest.mark.parametrize("reader", READERS)
def test_no_screen_has_a_fault_that_axe_knows(reader, chromium, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    pages = pages_of(set_scene(), reader)
    assert pages
    context = chromium.new_context(locale="fr-FR")
    page = context.new_page()
    faults = {}
    with served(pages) as house:
        for name in not_seen_yet(pages):
            page.emulate_media(color_scheme="light", reduced_motion="no-preference")
            page.set_viewport_size({"width": 360, "height": 780})
            page.goto(f"{house}/{name}")
            if "data-place" in pages[name]:
                page.wait_for_function(DRAWN)
            found = [*all_faults_of(page), *faults_on_a_wall(page)]
            if "-----" in pages[name]:
                found.append("an empty choice that says nothing")
            if found:
                faults[name] = found
        context.close()
    assert faults == {}


@contextmanager
def served(pages: dict[str, str]):
    """Serve pages already written, with axe in them, and our files: the browser asks for each of
    these once, and reads axe once."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.split("?")[0].strip("/")
            name = path.removeprefix("static/")
            files = (base / name for base in STATIC if (base / name).is_file())
            if path in pages:
                html = pages[path].replace("</body>", '<script src="/axe"></script></body>')
                self.give(html.encode(), "text/html; charset=utf-8", "no-store")
            elif path == "axe":
                self.give(AXE.encode(), "text/javascript; charset=utf-8", "max-age=3600")
            elif file := next(files, None):
                kind = mimetypes.guess_type(name)[0] or "font/woff2"
                self.give(file.read_bytes(), kind, "max-age=3600")
            else:
                self.send_error(404)

        def give(self, body, kind, kept):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Cache-Control", kept)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = serve(server)
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
