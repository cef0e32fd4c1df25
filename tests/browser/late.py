"""What the network holds back: an answer, the scripts of a page."""

import re
import time
from contextlib import contextmanager

from tests.browser.conftest import PATIENCE

SCRIPTS = re.compile(r"/main-.*\.js")


def wait_until(page, holds) -> None:
    """Let the browser go on until `holds()`."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        page.wait_for_timeout(50)


def stays(page) -> list[str]:
    """Stay on the page whenever the browser asks whether to leave it; says what it asked."""
    asked = []

    def answer(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", answer)
    return asked


@contextmanager
def scripts_come_late(page):
    """Hold back the scripts of the page that opens, while the block lasts."""
    held, over = [], []
    page.route(SCRIPTS, lambda one: one.continue_() if over else held.append(one))
    yield lambda: wait_until(page, lambda: held)
    over.append(True)
    for one in held:
        one.continue_()
