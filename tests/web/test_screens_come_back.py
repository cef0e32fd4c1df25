"""Five hundred open screens when the house starts again: no stampede, and nothing missed."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings

from cordee.directory.models import Practitioner
from cordee.web import live
from cordee.web.reached import reached
from host.setup import ROOT
from tests.factories.people import MemberFactory, PersonFactory
from tests.web.test_live import nurse_of, session_of, something_happens_to

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.machine_clock,  # the house is a process of its own
]
SCREENS = 500


@dataclass
class Screen:
    """What a browser does of a stream: it keeps the last place, and comes back when it was told."""

    port: int
    cookie: str
    place: str = ""
    pause: float = 3.0
    heard: list[str] = field(default_factory=list)
    opened: int = 0

    async def follow(self, over):
        while not over.is_set():
            with suppress(OSError):
                await self._listen()
            await asyncio.sleep(self.pause)

    async def _listen(self):
        reading, writing = await asyncio.open_connection("127.0.0.1", self.port)
        place = f"Last-Event-ID: {self.place}\r\n" if self.place else ""
        cookie = f"{settings.SESSION_COOKIE_NAME}={self.cookie}"
        writing.write(
            f"GET /direct HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n{place}\r\n".encode()
        )
        try:
            while line := await reading.readline():
                self._take(line.decode().strip())
        finally:
            writing.close()

    def _take(self, line):
        name, _, value = line.partition(": ")
        if name == "retry":
            self.pause = int(value) / 1000
        elif name == "id":
            self.place = value
        elif name == "data" and re.fullmatch(r"[0-9a-f-]{36}", value):
            self.heard.append(value)
        elif line.startswith("HTTP/1.1"):
            assert " 200 " in line, line
            self.opened += 1


def house(listener):
    """A process of the house, as `host.prefork` forks it, on a socket that outlives it."""
    listener.set_inheritable(True)
    environ = {name: value for name, value in os.environ.items() if "CORDEE" not in name}
    environ |= {
        "CORDEE_DATA": str(settings.CORDEE.data),
        "DATABASE_URL": settings.SERVER.app_url(settings.TEST_DATABASE),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "host.front", str(listener.fileno())],
        cwd=ROOT,
        env=environ,
        pass_fds=(listener.fileno(),),
    )


async def until(holds, seconds=90):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.1)


async def a_day(listener, key, persons):
    happens = sync_to_async(something_happens_to)
    screens = [Screen(listener.getsockname()[1], key) for _ in range(SCREENS)]
    over, process = asyncio.Event(), house(listener)
    following = [asyncio.create_task(one.follow(over)) for one in screens]
    try:
        await until(lambda: all(one.place for one in screens))
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, 30)
        await happens(persons[0])
        process = house(listener)
        await happens(persons[1])
        wanted = {str(one.pk) for one in persons}
        await until(lambda: all(wanted <= set(one.heard) for one in screens))
    finally:
        over.set()
        for one in following:
            one.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        process.kill()
        process.wait()
    return screens


def test_five_hundred_screens_come_back_one_after_the_other_and_miss_nothing():
    persons = PersonFactory.create_batch(2)
    account = nurse_of(persons[0])
    practitioner = Practitioner.objects.get(account=account)
    for one in persons[1:]:
        MemberFactory(person=one, practitioner=practitioner)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        screens = asyncio.run(a_day(listener, session_of(account), persons))
    assert {one.opened for one in screens} == {2}
    pauses = sorted(one.pause for one in screens)
    for left, right in zip(pauses, pauses[SCREENS // 4 :], strict=False):
        assert right - left > 1.0, "a quarter of the screens would come back within a second"


def test_a_screen_that_missed_too_much_is_told_to_ask_for_everything(monkeypatch):
    monkeypatch.setattr(live, "CATCH_UP", 3)
    person = PersonFactory()
    key = session_of(nurse_of(person))
    place = reached()
    for _ in range(2):
        something_happens_to(person)
    assert live.EVERYTHING not in "".join(live.begun(live.Reader(key, place, live.recognised(key))))
    for _ in range(2):
        something_happens_to(person)
    assert live.EVERYTHING in "".join(live.begun(live.Reader(key, place, live.recognised(key))))
