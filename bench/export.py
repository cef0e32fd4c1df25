"""Whole files that leave by the machine's door (`$export`), rights, second lock and trace on.

BENCH_RESOURCES says how many resources there are (100,000 by default), of the persons whom one desk
follows: the persons, and what was noted of visits. It is made by the worker of the house, which
made one of the persons first. Baseline: the goal.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

from django.utils import timezone

from bench import door, region
from bench.house import settle
from bench.registry import job
from cordee.access.action import gesture
from cordee.access.actor import SYSTEM, Role
from cordee.access.sight import seen_by
from cordee.fhir.bulk import services
from cordee.fhir.bulk.asked import Wanted
from cordee.fhir.models import Export
from cordee.partners import selectors as partners
from cordee.people.models import CircleMember
from cordee.vigilance.models import Visit
from cordee.vigilance.rules.marks import MARKS, SIGNS
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.partners import PAST, SystemFactory

LONGEST = 3600  # seconds
SIZE = int(os.environ.get("BENCH_RESOURCES", "100000"))
GOAL = 1_000_000 / 30_000  # milliseconds of a thousand


def visits(count: int) -> None:
    """Have been noted at home, of all whom the desk follows in turn."""
    keys = CircleMember.objects.filter(organization=door.desk(), until=None)
    persons = cycle(keys.order_by("pk").values_list("person_id", flat=True))
    home: Any = OrganizationFactory(kind="home_help")
    helper: Any = AccountFactory()
    now = timezone.now()
    about = {"occurred_at": now, "happened_at": now, "received_at": now, "digest": "0" * 64}
    drawn = Random(7)  # noqa: S311
    rows = (
        Visit(person_id=pk, organization=home, helper=helper, **about, **noted(drawn))
        for pk in islice(persons, count)
    )
    while some := list(islice(rows, 5_000)):
        with gesture(actor=SYSTEM, verb="bench.visits", now=now):
            Visit.objects.bulk_create(some)
    settle("vigilance_visit")


def noted(drawn: Random) -> dict[str, Any]:
    """What one visit says: four marks, a sign or two of one in five, words of one in eight."""
    levels = drawn.choices((1, 2, 3, 4, 5), (2, 5, 20, 48, 25), k=4)
    told: dict[str, Any] = {f"{name}_mark": one for name, one in zip(MARKS, levels, strict=True)}
    signs = drawn.sample(list(SIGNS), drawn.choice((1, 1, 2))) if drawn.random() < 0.2 else []
    said = f"Elle attendait depuis {drawn.randint(2, 90)} minutes."
    words = said if drawn.random() < 0.12 else ""
    return told | {"signs": signs, "words": words}


def system() -> tuple[Any, Any, Any]:
    """A system that acts as a coordinator of the desk: its client, its actor and its scopes."""
    post = MembershipFactory(organization=door.desk(), role=Role.COORDINATOR.value, since=PAST)
    client: Any = SystemFactory(membership=post)
    return client, *partners.system_now(client, "system/*.rs", timezone.now(), client.pk)


@contextmanager
def worker() -> Iterator[int]:
    """The worker of the house: its pid."""
    process = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=door.ROOT)  # noqa: S603
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def made(who: tuple[Any, Any, Any], *kinds: str) -> Export:
    """An export that was asked for, once the worker ended it."""
    client, actor, scopes = who
    said = {"client_id": client.pk, "level": "system", "scopes": str(scopes), "address": ""}
    said |= {"asked": Wanted(kinds).told(), "base": "http://127.0.0.1/fhir/"}
    with seen_by(actor):
        export: Export = services.begin(actor=actor, said=said, now=timezone.now())
    until = time.monotonic() + LONGEST
    while export.is_running:
        if time.monotonic() > until:
            raise SystemExit("The worker makes nothing: did it start?")
        time.sleep(0.1)
        export.refresh_from_db()
    return export


def memory(pid: int) -> float:
    """The most that a process has held, in megabytes."""
    told = Path(f"/proc/{pid}/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) / 1024


@job(
    "export whole files by the door; baseline: the goal",
    unit="ms (wall) per 1,000 resources",
    goal="≤ 33 ms (30,000 resources/s)",
    is_reached=lambda ours, goal: ours <= goal,
)
def whole_files() -> tuple[float, float]:
    """Ask for an export, and say what it took until its end."""
    visits(SIZE)
    who = system()
    with worker() as pid:
        made(who, "Patient")
        held = memory(pid)
        began, server, (spent,) = time.perf_counter(), region.ticks([]), region.spent([pid])
        export = made(who, "Observation", "Patient")
        wall, database = time.perf_counter() - began, region.ticks([]) - server
        spent, grown = region.spent([pid])[0] - spent, memory(pid) - held
    told, tick = export.resources, 1e6 / region.TICKS
    sys.stdout.write(
        f"export: {told} resources of {export.persons} persons, {export.files} files, "
        f"{told / wall:.0f} resources/s; µs of processor each: {spent * tick / told:.1f} of the "
        f"worker, {database * tick / told:.1f} of PostgreSQL; memory grew by {grown:.0f} MB; "
        f"load {os.getloadavg()[0]:.1f}\n"
    )
    return (wall * 1e6 / told if export.state == "done" else float("inf")), GOAL
