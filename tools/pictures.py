"""Take the pictures of `docs/images` from a demonstration that runs: `python tools/pictures.py`.

Wants a browser (see `python -m host.needs`) and `make run` beside it. Everybody shown is made up.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
PASSWORD = "corde-et-mousqueton"  # noqa: S105 — printed by the demonstration itself
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"ordinateur": (1440, 900), "telephone": (390, 844)}
WIDTHS = (320, 390, 768)


def main(address: str = "http://127.0.0.1:8000") -> None:
    """Take the main screens of who orients and who coordinates, and the form of a visit."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for size, (width, height) in SIZES.items():
            for email, walk in WALKS.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height}, locale="fr-FR"
                )
                page = context.new_page()
                sign_in(page, address, email)
                for name, shown in walk(page, address):
                    shown.screenshot(path=IMAGES / f"{name}-{size}.png")
                context.close()
        for width in WIDTHS:
            the_form_of_a_visit(browser, address, width)
        browser.close()


def the_form_of_a_visit(browser: Browser, address: str, width: int) -> None:
    """What a thumb touches after a visit, on a phone of a width or on a tablet."""
    about = {"width": width, "height": 844}
    context = browser.new_context(viewport=about, locale="fr-FR", has_touch=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}/compte/login/?next=/visites/")
    page.fill("input[name=login]", "fatou@exemple.fr")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Utiliser ce téléphone").tap()
    page.locator(".card").first.wait_for()
    page.screenshot(path=IMAGES / f"visites-du-jour-{width}.png")
    page.get_by_role("button", name="LEFÈVRE").first.tap()
    for mark, level in (("La visite", "Bien"), ("La santé", "Moyen"), ("Le moral", "Très mal")):
        marks = page.get_by_role("group", name=mark)
        marks.locator("label", has_text=level).first.tap()
    page.get_by_role("heading", level=1).scroll_into_view_if_needed()
    page.screenshot(path=IMAGES / f"visite-{width}.png", full_page=True)
    context.close()


def sign_in(page: Page, address: str, email: str) -> None:
    """Open a session by the ordinary door."""
    page.goto(f"{address}/compte/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)


def screens(page: Page, address: str) -> Iterator[tuple[str, Page]]:
    """Each screen, shown: its name, then the page."""
    page.goto(f"{address}/a-faire")
    page.reload()  # the sentence that greets has been read
    line = page.locator(".row", has_text="Suivre les réponses").first.locator("a").first
    request = f"{address}{line.get_attribute('href')}"
    if page.locator("#ouvert").is_visible():  # a line opens beside the list
        line.click()
        page.locator("#ouvert h1").wait_for()
        page.mouse.move(0, 0)
    yield "liste-de-travail", page
    page.goto(f"{address}/recherches/")
    yield "recherches", page
    page.goto(request)
    yield "demande", page
    page.locator(".person-banner a, .banner a").first.click()
    page.wait_for_load_state()
    page.locator("#fil, [id*=thread]").first.scroll_into_view_if_needed()
    yield "fil", page
    page.goto(f"{address}/appels/nouveau")
    page.fill("#id_caller_phone", "06 39 98 00 11")
    page.select_option("#id_kind", "injection")
    page.fill("#id_commune", "saint-bonnet-en-champsaur")
    page.fill("#id_begins_on", "demain")  # whatever the hour now, somebody is up then
    page.locator("#id_need").focus()
    page.wait_for_timeout(1500)  # the answer on the right follows what is typed
    yield "poste-appel", page


def followed(page: Page, address: str) -> Iterator[tuple[str, Page]]:
    """The evaluation and the plan of Berthe, as her coordinator reads them."""
    page.goto(f"{address}/personnes/")
    page.fill("#id_texte", "Lefèvre Berthe")
    page.keyboard.press("Enter")
    page.locator("#trouvees a", has_text="Lefèvre").or_(
        page.locator("#trouvees a", has_text="LEFÈVRE")
    ).first.click()
    page.wait_for_load_state()
    record = page.url
    page.get_by_role("link", name="AGGIR").first.click()
    page.wait_for_load_state()
    yield "evaluation", page
    page.goto(record)
    page.locator("a[href*='/plans/']").first.click()
    page.wait_for_load_state()
    yield "plan", page
    page.goto(f"{address}/alertes/")
    yield "alertes", page
    page.get_by_role("link", name="Signe à voir tout de suite").first.click()
    page.wait_for_load_state()
    yield "alerte", page


WALKS = {"claire@exemple.fr": screens, "sophie@exemple.fr": followed}


if __name__ == "__main__":
    main(*sys.argv[1:2])
