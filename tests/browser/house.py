"""The whole house, served to a real browser on its demonstration, as `make run` would."""

import re
from datetime import datetime, timedelta

from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from cordee.web.demo import PASSWORD
from tests import bases
from tests.support import PARIS, run_jobs

REAL_NOW = timezone.now
kept_at: list[datetime] = []  # when this worker loaded the demonstration, if it did


def weekday_morning() -> timedelta:
    """How far back the last Tuesday, 10:30, is: nurses are awake, desks are open."""
    now = REAL_NOW().astimezone(PARIS)
    days = (now.weekday() - 1) % 7 or 7
    morning = (now - timedelta(days=days)).replace(hour=10, minute=30, second=0, microsecond=0)
    return now - morning


class House:
    """What a visitor of the demonstration can do, in sentences."""

    def __init__(self, chromium, address: str, shift: timedelta) -> None:
        self.chromium, self.address, self.shift = chromium, address, shift
        self.contexts = []

    def now(self) -> datetime:
        """The moment, as the house believes it to be."""
        return REAL_NOW() - self.shift

    def load(self) -> None:
        """The demonstration, as the first start loads it: once a worker, then as it was kept, and
        the clock goes on from there."""
        if kept_at:
            bases.copy(bases.KEPT)
            self.shift = REAL_NOW() - kept_at[0]
            return
        call_command("demo")
        self.work()
        bases.keep()
        kept_at.append(self.now())

    def work(self) -> None:
        """What the worker does meanwhile."""
        run_jobs(until=self.now())

    def wait(self, minutes: int) -> None:
        """Time passes, and the worker works."""
        self.shift -= timedelta(minutes=minutes)
        self.work()

    def visitor(self, *, width: int = 1440, height: int = 900, **options) -> Page:
        """Somebody opens a browser."""
        context = self.chromium.new_context(
            viewport={"width": width, "height": height}, locale="fr-FR", **options
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(40_000)
        page.complaints = []
        page.route("**/direct*", lambda route: route.abort())  # streams have their own process
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        return page

    def signed_in(self, email: str, **options) -> Page:
        """Somebody signs in with a printed account."""
        page = self.visitor(**options)
        page.goto(self.address + "/")
        page.locator("[name=login]").fill(email)
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page).not_to_have_url(re.compile("/compte/"))
        return page

    def close(self) -> None:
        """Close every browser."""
        for context in self.contexts:
            context.close()


def code_in(text: str) -> str:
    """The code that a text carries."""
    return re.search(r"\b(\d{4,8})\b", text).group(1)
