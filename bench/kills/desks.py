"""Those who ask and those who call back: partners online, nurses of the single number."""

import asyncio
import random
import re
from dataclasses import dataclass, field
from typing import Any

from bench.kills.doors import Browser, code_of
from bench.kills.history import History
from bench.kills.phones import Phones, hashed
from bench.kills.reading import Eye
from cordee.kernel.identifiers import uuid7

KEY = re.compile(r'name="key" value="([0-9a-f-]{36})"')
REQUEST = re.compile(r"/demandes/([0-9a-f-]{36})$")
SHOWN = re.compile(r'name="shown" value="([0-9a-f-]{36})"')
LETTERS = "bcdfghjlmnprstv"


def name_of(number: int) -> str:
    """Give each journey a name of its own, in letters."""
    word = ""
    for _ in range(5):
        number, rest = divmod(number, len(LETTERS))
        word += LETTERS[rest] + "aeiou"[rest % 5]
    return word.capitalize()


def asked(number: int) -> dict[str, str]:
    """What is asked for, and for whom."""
    return {
        "birth_name": name_of(number),
        "first_names": "Berthe",
        "birth_date": f"{1 + number % 28}/{1 + number % 12}/{1930 + number % 30}",
        "kind": "injection",
        "commune": "saint bonnet en champsaur",
    }


@dataclass
class Desk:
    """A service: its browsers signed in, what it sees, what it was told."""

    browsers: list[Browser]
    eye: Eye
    history: History
    chance: random.Random
    _turn: int = 0
    _busy: set[str] = field(default_factory=set)

    async def call(self, number: int, draft: str = "") -> str:
        """Take a call, or finish what came online, and send it; return the request."""
        page = draft or str(uuid7())
        said = asked(number) | {
            "draft_id": page,
            "caller_phone": f"063998{2000 + number:04d}",
            "caller_kind": "gp",
            "caller_name": f"Docteur {name_of(number)}",
            "weight": "full",
            "delay": "h24",
            "geste": "search",
        }
        if not draft:
            said["tell_caller"] = "on"
        browser = self._browser()  # whoever began a call ends it: nobody else may
        answer = await browser.post("/appels/nouveau", said)
        if answer.status_code == 422 and (shown := SHOWN.findall(answer.text)):
            none_of_them = {"person_id": "aucune", "shown": shown}
            answer = await browser.post("/appels/nouveau", said | none_of_them)
        found = REQUEST.search(answer.headers.get("location", ""))
        if found is None:
            self.history.refused.append(f"a call: {answer.status_code} {code_of(answer)}")
            return ""
        known = self.history.requests.setdefault(page, found[1])
        if known != found[1]:
            self.history.refused.append(f"the page {page} led to {known}, then to {found[1]}")
        return found[1]

    async def call_back(self) -> None:
        """Tell every requester of what came, as long as there is somebody to tell; for ever."""
        while True:
            owed = [one for one in await self.eye.owed() if one.pk not in self._busy]
            await asyncio.gather(*(self._tell(one) for one in owed[: len(self.browsers)]))
            await asyncio.sleep(0.5)

    async def _tell(self, one: Any) -> None:
        result = self.chance.choices(("reached", "no_answer"), (9, 1))[0]
        said = {"how": "call", "result": result, "seen": one.version, "after": one.told}
        self._busy.add(one.pk)
        try:
            answer = await self._browser().post(f"/demandes/{one.pk}/rappeler", said)
        finally:
            self._busy.discard(one.pk)
        if answer.status_code == 302:
            self.history.told[one.pk] += 1
        elif answer.status_code != 409:  # somebody changed it meanwhile: read it again
            self.history.refused.append(f"a call back: {answer.status_code}")

    def _browser(self) -> Browser:
        self._turn += 1
        return self.browsers[self._turn % len(self.browsers)]


@dataclass
class Partner:
    """Somebody of a hospital who proved a mobile, and asks online."""

    browser: Browser
    phones: Phones
    eye: Eye
    history: History
    mobile: str
    organization_code: str = ""
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def prove(self, code: str) -> bool:
        """Go through the public door."""
        self.organization_code = code
        await self.browser.get("/demande/nouvelle")
        await self.browser.post(
            "/demande/nouvelle", {"organization_code": code, "contact": self.mobile}
        )
        while received := await self.phones.code(self.mobile):
            answer = await self.browser.post("/demande/code", {"code": received})
            if answer.status_code == 302:
                return True
        return False

    async def ask(self, number: int) -> str:
        """Send one form; return the draft that the desk will go on with."""
        async with self._alone:
            page = await self.browser.get("/demande/formulaire")
            if page.status_code == 302:  # the number was proved more than an hour ago
                await self.prove(self.organization_code)
                page = await self.browser.get("/demande/formulaire")
            key = KEY.search(page.text)
            said = asked(number) | {
                "caller_name": f"Marc {name_of(number)}",
                "caller_kind": "hospital",
                "person_informed": "on",
                "key": key[1] if key else "",
            }
            answer = await self.browser.post("/demande/formulaire", said)
        location = answer.headers.get("location", "")
        if answer.status_code != 302 or "/suivi/" not in location:
            self.history.refused.append(f"a form: {answer.status_code} {location}")
            return ""
        draft, request = await self.eye.opened_by(hashed(location.rpartition("/")[2]))
        self.history.requests[draft] = request
        return draft
