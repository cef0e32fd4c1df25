"""A real browser, shared by the journeys."""

from contextlib import ExitStack

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


OPEN = ExitStack()  # Chromium, while the files of this folder follow each other


@pytest.fixture(scope="module")  # before the database: within its loop, Django connects anew
def chromium():
    """The Chromium of the system: one for the files that follow each other, whose tests have each
    their contexts. While its loop lives, no other test may begin one in this thread."""
    if not hasattr(OPEN, "chromium"):
        program = program_of_the_browser()
        assert program, "Tapez : sudo apt install chromium"
        playwright = OPEN.enter_context(sync_playwright())
        OPEN.chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        OPEN.callback(delattr, OPEN, "chromium")
        OPEN.callback(OPEN.chromium.close)
        expect.set_options(timeout=PATIENCE)
    return OPEN.chromium


@pytest.hookimpl(trylast=True)  # once its fixtures have closed their pages
def pytest_runtest_teardown(item, nextitem):
    """Close it before a file of elsewhere."""
    if nextitem is None or nextitem.path.parent != item.path.parent:
        OPEN.close()


def pytest_sessionfinish():
    """Close it when a run stops before its end."""
    OPEN.close()


@pytest.fixture
def house(chromium, live_server, monkeypatch):
    """The house, open on a Tuesday morning, with its real style and scripts."""
    house = House(chromium, live_server.url, weekday_morning())
    monkeypatch.setattr(timezone, "now", lambda: REAL_NOW() - house.shift)
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    monkeypatch.setattr(templating, "assets", built_assets)
    yield house
    house.close()
