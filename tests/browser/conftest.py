"""A real browser, shared by the journeys."""

import pytest
from playwright.sync_api import sync_playwright

from host.needs import browser as program_of_the_browser

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
        yield browser
        browser.close()
