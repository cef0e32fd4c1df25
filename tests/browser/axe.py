"""What axe says of a page, once what moves on it has come to rest."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# A text caught half-way of its appearance has no contrast: what ends is let end, what turns for
# ever is left.
AT_REST = """() => Promise.allSettled(document.getAnimations()
    .filter(one => Number.isFinite(one.effect?.getComputedTiming().endTime))
    .map(one => one.finished))"""
# A document that was looked at once has axe already; only what is told of its faults crosses over.
SAID = """() => axe.run({resultTypes: ['violations']}).then(({violations}) =>
    violations.map(({id, nodes}) => `${id} ${JSON.stringify(
        nodes.slice(0, 3).map(node => node.target))}`))"""


def faults_of(page: Page) -> list[str]:
    """Each fault that axe knows, in a line, with the first three places where it stands."""
    page.wait_for_load_state()
    page.emulate_media(reduced_motion="reduce")  # a button under the mouse fades at any moment
    page.evaluate(AT_REST)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    said: list[str] = page.evaluate(SAID)
    page.emulate_media(reduced_motion="no-preference")
    return said


def accessible(page: Page) -> None:
    """No fault that axe knows on this page."""
    faults = faults_of(page)
    assert not faults, f"{page.url}: {faults}"
