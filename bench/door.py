"""The machine's door by HTTP: a backend client with its token, the real house, rights and trace on.

BENCH_PERSONS says how many persons there are (20,000 by default), BENCH_DOOR for how many seconds
each job is asked (6). What is promised is processor time, of the processes of the house and of
PostgreSQL together; who asks is not counted. Baselines: the way of a tutorial, in this process and
without rights: a row fetched by the ORM, told as JSON, and one line of trace.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import orjson
from django.db.models import Count
from django.forms.models import model_to_dict
from django.test import Client
from django.utils import timezone

from bench import region
from bench.histories import history, patient
from bench.house import peopled
from bench.registry import job
from cordee.access import trace
from cordee.access.action import gesture
from cordee.access.actor import SYSTEM, Role
from cordee.directory.models import Organization
from cordee.people.models import CircleMember, Person
from tests.factories.directory import MembershipFactory
from tests.factories.partners import PAST, SystemFactory, asks, proof

ROOT = Path(__file__).resolve().parent.parent
SIZE = int(os.environ.get("BENCH_PERSONS", "20000"))
SECONDS = float(os.environ.get("BENCH_DOOR", "6"))
JSON = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"
BUNDLES, DRAWN = 24, 400
Asked = tuple[str, str, dict[str, str], str | None]


@dataclass(frozen=True)
class Seen:
    """What partners saw at once, and what an answer cost."""

    durations: list[float]
    statuses: list[int]
    wall: float
    processor: float
    """Milliseconds of the house and of PostgreSQL, for one answer."""
    house: float
    """Those of the house alone."""


@cache
def desk() -> Organization:
    """The desk that follows the most people."""
    peopled(SIZE)
    most = CircleMember.objects.filter(organization__isnull=False).values("organization")
    pk = most.annotate(n=Count("pk")).order_by("-n", "organization")[0]["organization"]
    return Organization.objects.get(pk=pk)


@cache
def partner() -> Any:
    """A system that acts as a coordinator of that desk."""
    post = MembershipFactory(
        organization=desk(),
        role=Role.COORDINATOR.value,
        since=PAST,
        account__email=f"porte-{time.time_ns()}@exemple.fr",
    )
    return SystemFactory(membership=post, per_minute=100_000_000)


def token() -> str:
    """What it is given for its signed proof, for a few minutes."""
    signed = proof(partner(), now=timezone.now())
    asked = asks(partner(), signed, scope="system/*.cruds")
    answer = Client(SERVER_NAME="127.0.0.1", SERVER_PORT="8000").post("/fhir/oauth/token", asked)
    return str(answer.json()["access_token"])


@cache
def followed() -> list[Any]:
    """Some of those whom the desk follows."""
    rows = CircleMember.objects.filter(organization=desk()).order_by("pk")
    keys = list(rows.values_list("person_id", flat=True))
    return Random(3).sample(keys, min(DRAWN, len(keys)))  # noqa: S311


@contextmanager
def house() -> Iterator[Callable[..., Seen]]:
    """Open the house on a port of its own, and give what asks of it."""
    held = {"Authorization": f"Bearer {token()}", "Accept": JSON}
    with region.pages() as (port, processes):

        def ask(requests: list[Asked], *, partners: int = 1, seconds: float = SECONDS) -> Seen:
            wanted = {"port": port, "headers": held, "requests": requests, "partners": partners}
            wanted |= {"seconds": seconds or 600, "once": not seconds}
            before = region.ticks(processes), sum(region.spent(processes))
            told = subprocess.run(  # noqa: S603
                [sys.executable, "-m", "bench.machines"],
                input=json.dumps(wanted),
                stdout=subprocess.PIPE,
                text=True,
                check=True,
                cwd=ROOT,
            )
            after = region.ticks(processes), sum(region.spent(processes))
            heard = json.loads(told.stdout)
            each = 1000 / region.TICKS / max(1, len(heard["durations"]))
            spent = [(two - one) * each for one, two in zip(before, after, strict=True)]
            return Seen(**heard, processor=spent[0], house=spent[1])

        warm: list[Asked] = [("GET", f"/fhir/Patient/{pk}", {}, None) for pk in followed()[:40]]
        for _ in range(3):  # both processes load, and their connections plan
            ask(warm, partners=8, seconds=3)
        yield ask


def reads() -> list[Asked]:
    """One Patient each."""
    return [("GET", f"/fhir/Patient/{pk}", {}, None) for pk in followed()]


def searches() -> list[Asked]:
    """The three first letters of names, a page of twenty."""
    names = Person.objects.filter(pk__in=followed()).order_by("pk")
    found = sorted({one[:3].lower() for one in names.values_list("birth_name", flat=True)})
    kind = {"Content-Type": FORM}
    return [
        ("POST", "/fhir/Patient/_search", kind, urlencode({"name": one, "_count": 20}))
        for one in found
    ]


def creations() -> list[Asked]:
    """Patients that nobody knows, each sent once."""
    kind = {"Content-Type": JSON}
    began = time.time_ns() // 1_000_000 % 100_000_000
    return [
        ("POST", "/fhir/Patient", kind, json.dumps(patient(began + number)))
        for number in range(4_000)
    ]


def transactions() -> list[Asked]:
    """Histories, of which nothing is asked back."""
    kind = {"Content-Type": JSON, "Prefer": "return=minimal"}
    began = time.time_ns() // 1_000_000 % 100_000_000
    return [
        ("POST", "/fhir/", kind, json.dumps(history(began + number))) for number in range(BUNDLES)
    ]


@cache
def measured(name: str, requests: Callable[[], list[Asked]]) -> tuple[Seen, Seen]:
    """Ask one by one, then eight at once."""
    with house() as ask:
        asked = requests()
        ask(asked, partners=4, seconds=min(3, SECONDS))
        one, eight = ask(asked), ask(asked, partners=8)
    for seen, partners in ((one, 1), (eight, 8)):
        percent = statistics.quantiles(seen.durations, n=20)
        refused = sum(status >= 400 for status in seen.statuses)
        sys.stdout.write(
            f"{name}, {partners} at once: {len(seen.durations)} answers, {refused} refused, p50 "
            f"{percent[9]:.1f}, p95 {percent[18]:.1f} ms; processor {seen.processor:.2f} ms, of "
            f"which the house {seen.house:.2f}; load {os.getloadavg()[0]:.1f}\n"
        )
    return one, eight


def plainly(once: Callable[[], object], times: int = 200) -> float:
    """Milliseconds of processor of a way of doing it, PostgreSQL included."""
    for _ in range(5):
        once()
    server, began = region.ticks([]), time.process_time()
    for _ in range(times):
        once()
    ours = (time.process_time() - began) * 1000
    return (ours + (region.ticks([]) - server) * 1000 / region.TICKS) / times


@job(
    "read one Patient by the door; baseline: ORM, JSON and one trace, no rights",
    unit="ms CPU",
    goal="≤ 1.4 ms",
    is_reached=lambda ours, plain: ours <= 1.4,
)
def read_one() -> tuple[float, float]:
    """Read by HTTP, and plainly."""
    _, eight = measured("read", reads)
    keys = iter(followed() * 10)

    def plain() -> bytes:
        row = Person.objects.select_related("commune").get(pk=next(keys))
        trace.read(SYSTEM, row)
        return orjson.dumps(model_to_dict(row), default=str)

    return eight.processor, plainly(plain)


@job(
    "search Patient by the door, page of 20; baseline: icontains, JSON and one trace, no rights",
    unit="ms CPU",
    goal="≤ 2.2 ms",
    is_reached=lambda ours, plain: ours <= 2.2,
)
def search_page() -> tuple[float, float]:
    """Search by HTTP, and plainly."""
    _, eight = measured("search", searches)
    names = iter([one.split("=")[1][:3] for *_, one in searches() if one] * 100)

    def plain() -> bytes:
        wanted = Person.objects.filter(birth_name__icontains=next(names))
        rows = list(wanted.select_related("commune").order_by("name_key", "pk")[:20])
        trace.listed(SYSTEM, "people.person", [row.pk for row in rows])
        return orjson.dumps([model_to_dict(row) for row in rows], default=str)

    return eight.processor, plainly(plain, 60)


@job(
    "create one Patient by the door; baseline: ORM and one trace, nobody compared",
    unit="ms CPU",
    goal="≤ 2.8 ms, none refused",
    is_reached=lambda ours, plain: ours <= 2.8,
)
def create_one() -> tuple[float, float]:
    """Create by HTTP, and plainly."""
    one, eight = measured("create", creations)
    refused = sum(status != 201 for status in [*one.statuses, *eight.statuses])

    def plain() -> None:
        with gesture(actor=SYSTEM, verb="bench.create", now=timezone.now()):
            row = Person.objects.create(birth_name="Essai", first_name="Odile")
            trace.did(SYSTEM, "bench.create", row)

    return (eight.processor if not refused else float("inf")), plainly(plain, 60)


@job(
    "transactions of histories by the door; baseline: the goal",
    unit="ms (wall) per 1,000 resources",
    goal="≤ 250 ms (4,000 resources/s)",
    is_reached=lambda ours, goal: ours <= goal,
)
def histories() -> tuple[float, float]:
    """Bring histories in over two connections, and say how long a thousand resources take."""
    with house() as ask:
        ask(transactions()[:4], partners=2, seconds=0)
        asked = transactions()
        seen = ask(asked, partners=2, seconds=0)
    resources = sum(len(json.loads(body)["entry"]) for *_, body in asked if body)
    refused = sum(status != 200 for status in seen.statuses)
    spent = seen.processor * len(asked) / resources
    sys.stdout.write(
        f"histories: {len(asked)} of {resources} resources, {refused} refused, "
        f"{resources / seen.wall:.0f} resources/s; processor {spent:.3f} ms each, of which the "
        f"house {seen.house * len(asked) / resources:.3f}; load {os.getloadavg()[0]:.1f}\n"
    )
    return (seen.wall * 1e6 / resources if not refused else float("inf")), 250.0
