"""A phone in a real browser, and a thumb."""

from playwright.sync_api import expect

from cordee.web.demo import PASSWORD

SMALL = """() => [...document.querySelectorAll('button, .level, .sign, summary, .primary')]
    .filter(one => one.checkVisibility())
    .filter(one => Math.min(one.offsetWidth, one.offsetHeight) < 48)
    .map(one => one.textContent)"""
WIDE = "() => document.documentElement.scrollWidth > innerWidth"


class Phone:
    """A phone of 320 px, and a thumb that counts."""

    def __init__(self, chromium, address):
        self.context = chromium.new_context(
            viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True, locale="fr-FR"
        )
        self.address, self.taps, self.complaints = address, 0, []
        self.open()

    def open(self):
        """A tab; one that was killed leaves its place to another."""
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def visits(self):
        self.page.goto(f"{self.address}/visites/")

    def tap(self, target):
        self.taps += 1
        target.tap()

    def named(self, name):
        return self.page.get_by_role("button", name=name)

    def mark(self, name, level, is_again=False):
        """The reference visit."""
        self.fill(name, level, is_again)
        self.tap(self.named("Envoyer").last)
        expect(self.page.get_by_text("C’est noté.")).to_be_visible()  # not before: it is kept

    def fill(self, name, level, is_again=False):
        self.tap(self.named(name).first)
        if is_again:
            self.tap(self.named("Noter de nouveau"))
        for mark in ("La visite", "La santé", "Le moral", "La forme"):
            group = self.page.get_by_role("group", name=mark)
            self.tap(group.locator("label", has_text=level).first)

    def sign_in(self, email):
        """Once, with a network: this phone is then hers."""
        self.page.goto(f"{self.address}/compte/login/?next=/visites/")
        self.page.fill("[name=login]", email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        self.named("Utiliser ce téléphone").tap()
        expect(self.page.locator(".card").first).to_be_visible()  # what is kept for the valley
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    def says(self, text):
        expect(self.page.locator("[data-bar]")).to_contain_text(text)
