"""From a form sent to its line on another open screen: one real browser, 500 open event streams.

A task is taken up again by somebody, and its line comes to the worklist of a colleague, open in
Chromium; 500 other screens of the region are open meanwhile. Baseline: a screen that asks for the
list every ten seconds. Both are timed from the moment the form leaves. What each step took is said:
the form answered, the line in place (it comes with the event), the event heard by the page, its
list asked whole, answered.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Event, Thread
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import sync_playwright

from bench.house import peopled
from bench.locked import busiest_desk
from bench.region import ROOT, SIZE, TICKS, pages, server, ticks_beside, warmed
from bench.registry import job
from cordee.access.models import Account
from cordee.directory.models import Membership
from host import frontend
from host.needs import browser

STREAMS, POLL = 500, 10.0
WARM = 24  # forms sent before, by which the connections of both processes plan
TURNS = int(os.environ.get("BENCH_FORMS", "60"))
UNSEEN = 0.4  # seconds during which the bench does not look
LISTED = "/a-faire?qui=team&boite=alerts"
FLAGS = ["--no-sandbox", "--disable-gpu"]
STEPS = ("form", "line", "event", "asked", "answered")
WATCH = """([line, room]) => {
    const now = () => performance.timeOrigin + performance.now();
    const steps = window.steps = {};
    const first = (name) => () => (steps[name] ??= now());
    const told = {[`thread:${room}`]: 'event', 'htmx:beforeRequest': 'asked', 'htmx:beforeSwap': 'answered'};
    for (const [event, name] of Object.entries(told))
        document.body.addEventListener(event, first(name), { once: true, capture: true });
    new MutationObserver((_, watch) => {
        if (document.querySelector(line)) { steps.line = now(); watch.disconnect(); }
    }).observe(document.body, {childList: true, subtree: true});
}"""  # noqa: E501


@job(
    "form sent to its line on another screen, 500 streams open",
    unit="ms (p50)",
    goal="p50 ≤ 50 ms, p99 ≤ 250 ms; nothing missed",
    is_reached=lambda ours, baseline: ours <= 50,
)
def form_to_line() -> tuple[float, float]:
    """Give the median of both; the other percentiles are printed."""
    peopled(SIZE)
    frontend.main()
    by_hand = busiest_desk().filter(kind="review_stopped").order_by("urgency", "sorts_at", "pk")
    tasks = [str(one.pk) for one in by_hand[:20]]
    desk = busiest_desk()[:1].values_list("organization", flat=True)[0]
    held = Membership.objects.filter(role="orienteuse", organization=desk).order_by("pk")
    there = [one.account for one in held.select_related("account")]
    mine, colleague = cookie_of(there[0]), cookie_of(there[1])
    others, database = elsewhere(desk), server()
    with pages() as (port, ours), streams(port, others), screen_at(port, mine, LISTED) as screen:
        warmed(port, mine, [LISTED], ours)
        for _ in range(WARM):
            _post(port, colleague, f"/taches/{tasks[0]}/fait")
            _post(port, colleague, f"/taches/{tasks[0]}/reprendre")
        poller = _Poller(port, mine)
        try:
            before = ticks_beside(database, ours)
            turns = [_turn(screen, poller, port, colleague, tasks[n % 20]) for n in range(TURNS)]
            spent = (ticks_beside(database, ours) - before) / TICKS * 1000 / (2 * TURNS)
        finally:
            polled = poller.ended()
    return say("live: forms", turns, spent), statistics.median(polled)


def say(what: str, turns: list[dict[str, float]], spent: float) -> float:
    """Print how long they took, whole and by step, and give the median."""
    durations = [one["line"] for one in turns]
    percent = statistics.quantiles(durations, n=100)
    steps = ", ".join(
        f"{name} {statistics.median(one.get(name, 0) for one in turns):.0f}" for name in STEPS
    )
    sys.stdout.write(
        f"{what}: {len(turns)}, p50 {percent[49]:.0f}, p95 {percent[94]:.0f}, p99 "
        f"{percent[98]:.0f}, best {min(durations):.0f} ms; {STREAMS} streams open; medians: "
        f"{steps}; {spent:.0f} ms of processor of pages and PostgreSQL a form\n"
    )
    return statistics.median(durations)


def elsewhere(desk: Any) -> list[str]:
    """Sign in those who keep other desks, as many times as there are screens to hold open."""
    held = Membership.objects.filter(role="orienteuse").exclude(organization=desk).order_by("pk")
    others = [one.account for one in held.select_related("account")]
    return [cookie_of(others[place % len(others)]) for place in range(STREAMS)]


def cookie_of(account: Account) -> str:
    """Sign somebody in, without a browser."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


@contextmanager
def streams(port: int, cookies: list[str]) -> Iterator[None]:
    """Have another process hold the other screens open."""
    command = [sys.executable, "-m", "bench.streams"]
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as held:
        assert held.stdin  # noqa: S101
        assert held.stdout  # noqa: S101
        held.stdin.write(json.dumps({"port": port, "cookies": cookies}) + "\n")
        held.stdin.flush()
        if held.stdout.readline().strip() != "open":
            raise SystemExit("the streams did not open")
        try:
            yield
        finally:
            held.communicate("stop\n")


@contextmanager
def screen_at(port: int, cookie: str, path: str) -> Iterator[Any]:
    """Open a page in a real browser."""
    name, _, value = cookie.partition("=")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser(), args=FLAGS)
        context = chromium.new_context(locale="fr-FR")
        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{port}"}])
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}{path}")
        page.wait_for_timeout(1500)
        yield page
        chromium.close()


def _turn(screen: Any, poller: "_Poller", port: int, cookie: str, task: str) -> dict[str, float]:
    """Settle a task, wait until its line is gone, take it up again; time the line's return.

    Give the milliseconds of each step, since the form left.
    """
    line = f"t-{task}"
    _post(port, cookie, f"/taches/{task}/fait")
    screen.locator(f"#{line}").wait_for(state="detached")
    time.sleep(1)
    screen.evaluate(WATCH, [f"#{line}", "pathways"])
    sent = time.time() * 1000
    poller.wants(line, sent)
    _post(port, cookie, f"/taches/{task}/reprendre")
    answered = time.time() * 1000
    shown(screen, f"#{line}")
    steps: dict[str, float] = {"form": answered, **screen.evaluate("() => window.steps")}
    time.sleep(1.3)
    return {name: at - sent for name, at in steps.items()}


def shown(screen: Any, line: str) -> None:
    """Wait for a line, once the page has had time to show it: it notes the moment by itself, and
    whoever looks meanwhile takes a core from what is measured."""
    time.sleep(UNSEEN)
    screen.locator(line).wait_for(state="attached")


def _post(port: int, cookie: str, path: str) -> None:
    server = HTTPConnection("127.0.0.1", port, timeout=30)
    token = "t" * 32
    server.request(
        "POST",
        path,
        body=urlencode({"csrfmiddlewaretoken": token}),
        headers={
            "Cookie": f"{cookie}; {settings.CSRF_COOKIE_NAME}={token}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": f"127.0.0.1:{port}",
        },
    )
    answer = server.getresponse()
    answer.read()
    if answer.status not in (204, 303):
        raise SystemExit(f"{path}: {answer.status}")


class _Poller:
    """The baseline: a screen that asks for its list every ten seconds."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie, self.over = port, cookie, Event()
        self.wanted: list[tuple[str, float]] = []
        self.durations: list[float] = []
        self.thread = Thread(target=self._poll)
        self.thread.start()

    def wants(self, line: str, sent: float) -> None:
        """Wait for a line."""
        self.wanted.append((line, sent))

    def ended(self) -> list[float]:
        """Ask once more, and give how late each line was."""
        self.over.wait(POLL)
        self.over.set()
        self.thread.join()
        return self.durations

    def _poll(self) -> None:
        while not self.over.wait(POLL):
            server = HTTPConnection("127.0.0.1", self.port, timeout=30)
            server.request("GET", LISTED, headers={"Cookie": self.cookie})
            body = server.getresponse().read().decode()
            for line, sent in [one for one in self.wanted if f'id="{one[0]}"' in body]:
                self.durations.append(time.time() * 1000 - sent)
                self.wanted.remove((line, sent))
