"""A real browser, shared by the journeys."""

import pytest
from django.template import engines
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from cordee.kernel import templating
from host.needs import browser as program_of_the_browser
from tests.browser.desk import built_assets
from tests.browser.house import REAL_NOW, House, weekday_morning

PATIENCE = 60_000  # milliseconds: a busy machine is slow, not broken
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium():
    """One Chromium of the system per file: while its loop lives, Django refuses to query."""
    with sync_playwright() as playwright:
        program = program_of_the_browser()
        assert program, "Tapez : sudo apt install chromium"
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def house(chromium, live_server, monkeypatch):
    """The house, open on a Tuesday morning, with its real style and scripts."""
    house = House(chromium, live_server.url, weekday_morning())
    monkeypatch.setattr(timezone, "now", lambda: REAL_NOW() - house.shift)
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    monkeypatch.setattr(templating, "assets", built_assets)
    yield house
    house.close()
