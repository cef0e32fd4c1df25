"""What axe says of a page, once what moves on it has come to rest."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# A text caught half-way of its appearance has no contrast: what ends is let end, what turns for
# ever is left.
AT_REST = """() => Promise.allSettled(document.getAnimations()
    .filter(one => Number.isFinite(one.effect?.getComputedTiming().endTime))
    .map(one => one.finished))"""


def faults_of(page: Page) -> list[str]:
    """Each fault that axe knows, in a line, with the first three places where it stands."""
    page.wait_for_load_state()
    page.emulate_media(reduced_motion="reduce")  # a button under the mouse fades at any moment
    page.evaluate(AT_REST)
    said = Axe().run(page).response["violations"]
    page.emulate_media(reduced_motion="no-preference")
    return [f"{fault['id']} {[node['target'] for node in fault['nodes']][:3]}" for fault in said]


def accessible(page: Page) -> None:
    """No fault that axe knows on this page."""
    faults = faults_of(page)
    assert not faults, f"{page.url}: {faults}"
