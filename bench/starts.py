"""The second start of the house, and what all its processes hold once somebody has looked around.

A house of its own is started as `make run` does, stopped, and started again; then pages are opened
and the memory that its processes do not share is summed, PostgreSQL included.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from bench.registry import job
from cordee.web.demo import PASSWORD

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("/a-faire", "/appels/nouveau", "/demandes/", "/recherches/", "/personnes/", "/annuaire/")
WAIT = 300.0


class Started(NamedTuple):
    """How long the second start took, in seconds, and what the house held, in megabytes."""

    seconds: float
    megabytes: float


@job(
    "second start, until a page answers; baseline: the goal",
    unit="s",
    goal="≤ 5 s",
    is_reached=lambda ours, baseline: ours <= baseline,
)
def second_start() -> tuple[float, float]:
    """Give the seconds from the command to a healthy page."""
    return started_twice().seconds, 5.0


@job(
    "memory of all processes, PostgreSQL included; baseline: the goal",
    unit="MB",
    goal="≤ 500 MB",
    is_reached=lambda ours, baseline: ours <= baseline,
)
def memory() -> tuple[float, float]:
    """Give the sum of what each process holds, shared pages divided among those who share them."""
    return started_twice().megabytes, 500.0


@cache
def started_twice() -> Started:
    """Start a house of the demonstration, stop it, start it again and look around."""
    with tempfile.TemporaryDirectory(prefix="cordee-bench-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 — the server's own user must reach its folder
        with _house(folder):
            pass
        began = time.monotonic()
        with _house(folder) as (port, process):
            seconds = time.monotonic() - began
            _look_around(port)
            server = Path(folder, "postgres", "cluster", "postmaster.pid").read_text().split()[0]
            everybody = _family(process.pid) + _family(int(server))
            return Started(seconds, sum(map(_held, everybody)) / 1024)


@contextmanager
def _house(folder: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CORDEE_")}
    for name in ("DATABASE_URL", "PGOPTIONS", "DJANGO_SETTINGS_MODULE"):
        kept.pop(name, None)
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "host.run"],
        cwd=ROOT,
        env=kept | {"CORDEE_DATA": folder, "CORDEE_PORT": str(port)},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WAIT
    while time.monotonic() < until and process.poll() is None:
        try:
            if _asked(port, "GET", "/health")[0] == 200:
                return
        except OSError:
            time.sleep(0.02)
    raise SystemExit("the house did not start")


def _asked(
    port: int, method: str, path: str, cookies: str = "", body: str = ""
) -> tuple[int, SimpleCookie, str]:
    server = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": cookies, "Host": f"127.0.0.1:{port}"}
    if body:
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        headers |= {"Origin": f"http://127.0.0.1:{port}"}
    server.request(method, path, body=body or None, headers=headers)
    answer = server.getresponse()
    given = SimpleCookie()
    for one in answer.headers.get_all("Set-Cookie") or ():
        given.load(one)
    return answer.status, given, answer.read().decode()


def _look_around(port: int) -> None:
    """Sign in as the orienting nurse of the tour, and open the main pages a few times each."""
    _, first, page = _asked(port, "GET", "/compte/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    form = {"login": "claire@exemple.fr", "password": PASSWORD}
    form |= {"csrfmiddlewaretoken": token[1] if token else ""}
    jar = _joined(first)
    status, more, _ = _asked(port, "POST", "/compte/login/", jar, urlencode(form))
    if status not in (302, 303):
        raise SystemExit(f"sign-in: {status}")
    first.update(more)
    for path in PAGES * 5:
        status, _, _ = _asked(port, "GET", path, _joined(first))
        if status != 200:
            raise SystemExit(f"{path}: {status}")


def _joined(jar: SimpleCookie) -> str:
    return "; ".join(f"{name}={one.value}" for name, one in jar.items())


def _family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def _held(pid: int) -> int:
    """Kilobytes that a process holds; what n processes share counts for a n-th."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) if found else 0
