"""The phones behind the message centre: texts become whole, and their owners answer."""

import asyncio
import hashlib
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench.kills.doors import Browser
from bench.kills.history import History

PARIS = ZoneInfo("Europe/Paris")
LOOK = 0.05  # seconds between two looks at what the centre took
FOR_A_CODE = 60.0
ASKED = re.compile(r"OUI (\d{4}) ou NON.*?(https?://\S+?/r/([\w-]+))")
CODE = re.compile(r"votre code est (\d{6})")
ANSWERS = ("yes by link", "yes by text", "no by text", "no by link", "silence")
ODDS = (30, 25, 25, 12, 8)


def hashed(secret: str) -> str:
    """Name a link as the house keeps it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def piece(taken: Any) -> tuple[str, int, int]:
    """Return the phone, the reference and the number of one piece, as the centre took it."""
    number = taken.data[5] if taken.esm_class & 0x40 else 1
    return f"+{taken.to}", taken.reference, number


class Phones:
    """Every phone of the journeys."""

    def __init__(self, centre: Any, browser: Callable[[], Browser], history: History) -> None:
        self.centre, self.browser, self.history = centre, browser, history
        self.codes: defaultdict[str, asyncio.Queue[str]] = defaultdict(asyncio.Queue)
        self.hands: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.busy: set[asyncio.Task[None]] = set()
        self.patient = True
        self._chance = random.Random(0)  # noqa: S311
        self._asked: set[str] = set()

    def draw(self, seed: int, *, patient: bool) -> None:
        """Say from which seed answers are drawn, and whether some never come."""
        self._chance, self.patient = random.Random(seed), patient  # noqa: S311

    async def listen(self) -> None:
        """Look at what arrives, for ever."""
        read, pieces = 0, defaultdict[tuple[str, int], dict[int, str]](dict)
        while True:
            for taken in self.centre.submitted[read:]:
                read += 1
                phone, reference, number = piece(taken)
                have = pieces[phone, reference]
                have[number] = taken.text
                if len(have) == (taken.data[4] if taken.esm_class & 0x40 else 1):
                    self._show(phone, "".join(have[n] for n in sorted(have)))
                    have.clear()
            await asyncio.sleep(LOOK)

    def _show(self, phone: str, text: str) -> None:
        if found := CODE.search(text):
            self.codes[phone].put_nowait(found[1])
        elif (found := ASKED.search(text)) and found[3] not in self._asked:
            self._asked.add(found[3])
            odds = ODDS if self.patient else (*ODDS[:-1], 0)
            answer = self._chance.choices(ANSWERS, odds)[0]
            task = asyncio.create_task(self._answer(phone, found[1], found[3], answer))
            self.busy.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self.busy.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.history.refused.append(f"phone: {type(error).__name__} {error}")

    async def _answer(self, phone: str, code: str, secret: str, answer: str) -> None:
        await asyncio.sleep(self._chance.uniform(0.2, 3.0))
        if answer == "no by text":
            await self.write(phone, f"NON {code}")
        elif answer == "yes by text":
            await self.write(phone, f"OUI {code}")
            await asyncio.sleep(self._chance.uniform(0.5, 4.0))
            await self._by_link(phone, secret, "oui")
        elif answer != "silence":
            await self._by_link(phone, secret, "oui" if answer == "yes by link" else "non")

    async def write(self, phone: str, words: str) -> None:
        """Write a text, and be sure that the house has it."""
        await asyncio.wrap_future(self.centre.insist(phone.lstrip("+"), words))
        self.history.texts[phone, words] += 1

    async def _by_link(self, phone: str, secret: str, word: str) -> None:
        browser, path = self.browser(), f"/r/{secret}/"
        try:
            async with self.hands[phone]:
                if not await self._is_known(browser, path, phone):
                    return
            answer = await browser.post(f"{path}{word}/")
            if answer.status_code == 302:
                (self.history.yes if word == "oui" else self.history.no).add(hashed(secret))
            page = await browser.get(path)
            if word == "oui" and "/desistement/" in page.text:
                await self._after_the_yes(browser, path, secret)
        finally:
            await browser.close()

    async def _after_the_yes(self, browser: Browser, path: str, secret: str) -> None:
        what = self._chance.choices(("visit", "withdraw", "nothing"), (5, 1, 4))[0]
        await asyncio.sleep(self._chance.uniform(0.2, 2.0))
        if what == "visit":
            at = datetime.fromtimestamp(time.time(), PARIS) + timedelta(hours=20)
            await browser.post(f"{path}visite/", {"first_visit_at": f"{at:%Y-%m-%dT%H:%M}"})
        elif what == "withdraw":
            answer = await browser.post(f"{path}desistement/")
            if answer.status_code == 302:
                self.history.withdrawn.add(hashed(secret))

    async def _is_known(self, browser: Browser, path: str, phone: str) -> bool:
        """Prove the number: a code that was used without an answer is asked for again."""
        await browser.get(path)
        for _ in range(3):
            if (await browser.post(f"{path}code/")).status_code != 302:
                return False  # too many codes for this phone: the house says to wait
            while code := await self.code(phone):
                answer = await browser.post(f"{path}identite/", {"code": code})
                if answer.status_code == 302:
                    return True
                if self.codes[phone].empty():
                    break
        return False

    async def code(self, phone: str) -> str:
        """Read the next code that comes; nothing when none does."""
        try:
            return await asyncio.wait_for(self.codes[phone].get(), FOR_A_CODE)
        except TimeoutError:
            return ""
