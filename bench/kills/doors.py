"""A browser that insists: what has no answer is sent again, word for word."""

import asyncio
import re
from collections import Counter
from typing import Any

import httpx

from bench.kills.killer import Killer

PATIENCE = 300.0  # seconds during which somebody presses the button again
ANSWERED_WITHIN = 20.0
CODE = re.compile(r'class="hint">Code ([\w.]+)</p>')


class NeverAnsweredError(Exception):
    """A door stayed shut for the whole patience of a human being."""


class Browser:
    """The cookies of one person, and the button pressed until the page answers."""

    def __init__(self, address: str, killer: Killer, counts: Counter[str]) -> None:
        self.killer, self.counts = killer, counts
        self.http = httpx.AsyncClient(base_url=address, timeout=ANSWERED_WITHIN)

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return await self._insist("GET", path, None)

    async def post(self, path: str, data: dict[str, Any] | None = None) -> httpx.Response:
        """Press a button; the pages may be killed just after."""
        if self.killer.is_tempted("web"):
            cut = asyncio.create_task(self.killer.cut("web"))
            try:
                return await self._insist("POST", path, data or {})
            finally:
                await cut
        return await self._insist("POST", path, data or {})

    async def _insist(self, method: str, path: str, data: dict[str, Any] | None) -> httpx.Response:
        limit = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < limit:
            token = self.http.cookies.get("cordee_csrf") or ""
            headers = {"X-CSRFToken": token} if method == "POST" else {}
            try:
                answer = await self.http.request(method, path, data=data, headers=headers)
            except httpx.TransportError:
                self.counts["cut"] += 1
            else:
                self.counts["answered"] += 1
                if answer.status_code < 500:
                    return answer
                door = path.split("/")[1]
                self.counts[f"{door}: {answer.status_code} {code_of(answer)}"] += 1
            await asyncio.sleep(0.2)
        raise NeverAnsweredError(f"{method} {path}")

    async def close(self) -> None:
        """Close the window."""
        await self.http.aclose()


def code_of(answer: httpx.Response) -> str:
    """The code of an error, as its page tells it; "" where it tells none."""
    found = CODE.search(answer.text)
    return found[1] if found else ""


async def signed_in(browser: Browser, email: str, password: str) -> Browser:
    """Sign in; raise when the door refuses."""
    await browser.get("/compte/login/")
    answer = await browser.post("/compte/login/", {"login": email, "password": password})
    if answer.status_code != 302:
        raise NeverAnsweredError(f"sign-in: {answer.status_code}")
    return browser
