"""The worklist of the busiest desk of a region, at any depth, asked for by eight users at once.

BENCH_PERSONS says how large the region is (20,000 by default; three tasks for two persons). Pages
come from two processes of the house over one port; a process of its own asks for them: eight users
who are signed in, each a page every half second at a random depth. Baseline: an ordinary Django
list of the same table, count + offset + template, for anybody, alone on the machine.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpResponse
from django.template import engines
from django.test import RequestFactory

from bench.house import peopled
from bench.locked import busiest_desk, signed_in
from bench.registry import job
from bench.worklist import PLAIN
from cordee.pathways import selectors
from cordee.pathways.models import Task

SIZE = int(os.environ.get("BENCH_PERSONS", "20000"))
USERS, SECONDS, PAUSE = 8, 20, 0.5
MARK = ' id="t-'
PROCESSES, DEPTHS, LINES, PLAIN_TURNS = 2, 64, 50, 12
ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
STILL = 5  # hundredths of a second of processor in one of time: less is a process that waits


class Measured(NamedTuple):
    """What eight users saw, and what a page cost."""

    p50: float
    p95: float
    p99: float
    processor: float
    plain_p95: float


@job(
    "worklist page of a region, 8 users",
    unit="ms (p95)",
    goal="≤ 15 ms, ≥ 100 × the plain list",
    is_reached=lambda ours, baseline: ours <= 15 and baseline >= 100 * ours,
)
def worklist_at_any_depth() -> tuple[float, float]:
    """Give the ninety-fifth percentile of the page, and that of the plain list."""
    seen = measured()
    return seen.p95, seen.plain_p95


@job(
    "worklist page of a region, processor of pages and PostgreSQL; baseline: the goal",
    unit="ms",
    goal="≤ 4 ms",
    is_reached=lambda ours, baseline: ours <= baseline,
)
def worklist_processor() -> tuple[float, float]:
    """Give the processor time of one page, everything counted but the one who asks."""
    return measured().processor, 4.0


@cache
def measured() -> Measured:
    """Ask once for both jobs."""
    peopled(SIZE)
    cookie = "; ".join(f"{name}={one.value}" for name, one in signed_in().cookies.items())
    paths = [f"/a-faire?apres={cursor}" for cursor in _depths()]
    with pages() as (port, processes):
        warmed(port, cookie, paths, processes)
        before = ticks(processes)
        durations = asked(port, cookie, paths, seconds=SECONDS)
        cost = (ticks(processes) - before) / TICKS * 1000 / len(durations)
    percent = statistics.quantiles(durations, n=100)
    sys.stdout.write(
        f"worklist: {SIZE} persons, {len(durations)} pages, p50 {percent[49]:.1f}, p95 "
        f"{percent[94]:.1f}, p99 {percent[98]:.1f} ms, {cost:.1f} ms of processor\n"
    )
    return Measured(percent[49], percent[94], percent[98], cost, _plainly())


def _depths() -> list[str]:
    """Places drawn along the list of the busiest desk, as the end of the page before: a whole page
    follows each."""
    drawn = Random(5)  # noqa: S311
    rows = busiest_desk().order_by("pk").values_list("pk", flat=True)
    last = set(rows.order_by("-urgency", "-sorts_at", "-pk")[:LINES])
    some = drawn.sample([key for key in rows[:200_000] if key not in last], DEPTHS)
    places = (
        Task.objects.filter(pk__in=some).order_by("pk").values_list("urgency", "sorts_at", "pk")
    )
    return [selectors.cursor_of(*place) for place in places]


@contextmanager
def pages() -> Iterator[tuple[int, list[int]]]:
    """Serve the pages from processes of the house, on a port of their own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        port, number = listener.getsockname()[1], listener.fileno()
        environment = {k: v for k, v in os.environ.items() if k != "PGOPTIONS"}
        environment |= {"CORDEE_PORT": str(port)}
        command = [sys.executable, "-m", "host.front", str(number)]
        started = [
            subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[number])  # noqa: S603
            for _ in range(PROCESSES)
        ]
        try:
            yield port, [one.pid for one in started]
        finally:
            for one in started:
                one.terminate()
            for one in started:
                one.wait(20)


def warmed(
    port: int, cookie: str, paths: list[str], processes: list[int], *, mark: str = MARK
) -> None:
    """Let both processes load, then give pages to both: their first ones cost a second."""
    asked(port, cookie, paths, seconds=4, mark=mark)
    _calm(processes)
    asked(port, cookie, paths, seconds=8, users=4 * USERS, mark=mark)
    _calm(processes)


def _calm(processes: list[int]) -> None:
    """Wait until no process of pages works: one may serve while the other still loads."""
    before = [-STILL] * len(processes)
    while any(now - then >= STILL for now, then in zip(spent(processes), before, strict=True)):
        before = spent(processes)
        time.sleep(1)


def asked(
    port: int, cookie: str, paths: list[str], *, seconds: int, users: int = USERS, mark: str = MARK
) -> list[float]:
    """Have another process ask, and give how long each page took, in milliseconds.

    A page without the `mark` is none: the measure stops."""
    wanted = {"port": port, "cookie": cookie, "paths": paths, "seconds": seconds}
    wanted |= {"users": users, "pause": PAUSE, "mark": mark}
    told = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "bench.users"],
        input=json.dumps(wanted),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    )
    durations: list[float] = json.loads(told.stdout)
    return durations


def server() -> int:
    """The process that starts those of PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone() or (0,)
    return _numbers(backend)[1]


def ticks(processes: list[int]) -> int:
    """Processor time so far of the pages and of PostgreSQL, its writers included."""
    return ticks_beside(server(), processes)


def ticks_beside(server: int, processes: list[int]) -> int:
    """The same, for who may not ask the database: the browser that one drives forbids it."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    everybody = [*processes, server, *map(int, children)]
    return sum(spent(everybody))


def spent(processes: list[int]) -> list[int]:
    return [sum(_numbers(pid)[11:13]) for pid in processes]


def _numbers(pid: int) -> list[int]:
    """What the kernel tells of a process after its state: parent second, processor from twelfth."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [0, *map(int, told[1:])]


def _plainly() -> float:
    """The list that a tutorial would write, at the same depths, for anybody."""
    template, requests = engines["django"].from_string(PLAIN), RequestFactory()
    desk = busiest_desk()[:1].values_list("organization", flat=True)[0]
    rows = Task.objects.filter(state="open", organization=desk)
    rows = rows.select_related("person", "assignee").order_by("urgency", "sorts_at", "id")
    drawn, durations = Random(9), []  # noqa: S311
    for _ in range(PLAIN_TURNS):
        began = time.perf_counter()
        pages = Paginator(rows, LINES)
        page = pages.page(drawn.randint(1, pages.num_pages))
        HttpResponse(template.render({"tasks": page}, requests.get("/a-faire")))
        durations.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(durations, n=20)[-1]
