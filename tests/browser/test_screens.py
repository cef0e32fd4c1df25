"""Every screen that answers, for every kind of reader, without a fault that axe knows."""

import mimetypes
from pathlib import Path

import pytest
from django.template import engines
from django.urls import NoReverseMatch, reverse

from tests.access.scene import set_scene
from tests.access.test_permission_matrix import addresses, identifiers
from tests.browser.axe import faults_of
from tests.browser.desk import DIST, ROOT, built_assets
from tests.support import Browser

HOUSE = "http://cordee.test"
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

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def pages_of(scene, reader: str) -> dict[str, str]:
    """Every whole page that this reader may open, by the name of its address."""
    client = Browser().as_(scene.actors[reader])
    found = {}
    for name, wanted in addresses():
        try:
            address = reverse(name, kwargs=identifiers(name, wanted, scene, reader))
        except NoReverseMatch:  # a link made of a signed key
            continue
        answer = client.get(address)
        html = answer.content.decode(errors="replace") if answer.status_code == 200 else ""
        if "<html" in html:
            found[name] = html
    return found


def all_faults_of(page) -> list[str]:
    """What axe says, in a line each; and what it does not look at."""
    lines = faults_of(page)
    if page.locator("h1").count() != 1:
        lines.append(f"{page.locator('h1').count()} h1")
    if wide := page.evaluate(TOO_WIDE):
        lines.append(f"wider than the screen: {wide[:8]}")
    return lines


@pytest.mark.parametrize("reader", READERS)
def test_no_screen_has_a_fault_that_axe_knows(reader, chromium, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    pages = pages_of(set_scene(), reader)
    assert pages
    context = chromium.new_context(viewport={"width": 360, "height": 780}, locale="fr-FR")
    page = context.new_page()
    page.route("**/*", lambda route: answer(route, pages))
    faults = {
        name: ["an empty choice that says nothing"] for name in pages if "-----" in pages[name]
    }
    for name in pages:
        page.goto(f"{HOUSE}/{name}")
        if found := all_faults_of(page):
            faults[name] = found
    context.close()
    assert faults == {}


def answer(route, pages: dict[str, str]) -> None:
    """Serve a page already written, or one of our files."""
    path = route.request.url.removeprefix(HOUSE).split("?")[0]
    if path.strip("/") in pages:
        route.fulfill(body=pages[path.strip("/")], content_type="text/html; charset=utf-8")
        return
    name = path.removeprefix("/static/")
    file = next((base / name for base in STATIC if (base / name).is_file()), None)
    if file is None:
        route.fulfill(status=404)
    else:
        kind = mimetypes.guess_type(Path(name).name)[0] or "font/woff2"
        route.fulfill(body=file.read_bytes(), content_type=kind)
