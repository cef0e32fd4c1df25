"""What axe says of a page, once what moves on it has come to rest."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# A colour is read once: axe reads that of each text, and of all behind it, each time anew, which
# was a fifth of what a page costs.
AXE = f"""{AXE_SCRIPT}
{{
    const {{prototype}} = axe.commons.color.Color, read = prototype.parseString, known = {{}};
    prototype.parseString = function (text) {{
        if (!(text in known)) {{
            const {{r, g, b, alpha}} = read.call(this, text);
            known[text] = {{r, g, b, alpha}};
        }}
        return Object.assign(this, known[text]);
    }};
    null  // the last value of what is read: a function would be called
}}"""
# A text caught half-way of its appearance has no contrast: what ends is let end, what turns for
# ever is left. Only what is told of the faults crosses over; nothing, where axe is not there yet.
SAID = """async () => {
    await Promise.allSettled(document.getAnimations()
        .filter(one => Number.isFinite(one.effect?.getComputedTiming().endTime))
        .map(one => one.finished));
    if (!('axe' in window)) return null;
    const {violations} = await axe.run({resultTypes: ['violations']});
    return violations.map(({id, nodes}) => `${id} ${JSON.stringify(
        nodes.slice(0, 3).map(node => node.target))}`);
}"""


def faults_of(page: Page) -> list[str]:
    """Each fault that axe knows, in a line, with the first three places where it stands."""
    page.wait_for_load_state()
    page.emulate_media(reduced_motion="reduce")  # a button under the mouse fades at any moment
    said: list[str] | None = page.evaluate(SAID)
    if said is None:
        page.evaluate(AXE)
        said = page.evaluate(SAID)
    page.emulate_media(reduced_motion="no-preference")
    assert said is not None
    return said


def accessible(page: Page) -> None:
    """No fault that axe knows on this page."""
    faults = faults_of(page)
    assert not faults, f"{page.url}: {faults}"
