"""Whole files that leave by the machine's door (`$export`), rights, second lock and trace on.

BENCH_RESOURCES says how many resources there are (100,000 by default), of the persons whom one desk
follows: the persons, and what was noted of visits. The job itself is run here, in this process;
PostgreSQL is another. Baseline: the goal.
"""

import os
import resource
import sys
import time
from itertools import cycle, islice
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
from cordee.fhir.jobs import export as made
from cordee.fhir.models import Export
from cordee.partners import selectors as partners
from cordee.people.models import CircleMember
from cordee.vigilance.models import Visit
from cordee.vigilance.rules.marks import MARKS, SIGNS
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.partners import PAST, SystemFactory

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


def begun() -> Export:
    """An export of a system that acts as a coordinator of the desk."""
    post = MembershipFactory(organization=door.desk(), role=Role.COORDINATOR.value, since=PAST)
    client: Any = SystemFactory(membership=post)
    actor, scopes = partners.system_now(client, "system/*.rs", timezone.now(), client.pk)
    said = {"client_id": client.pk, "level": "system", "scopes": str(scopes), "address": ""}
    said |= {"asked": Wanted(("Observation", "Patient")).told(), "base": "http://127.0.0.1/fhir/"}
    with seen_by(actor):
        export: Export = services.begin(actor=actor, said=said, now=timezone.now())
    return export


@job(
    "export whole files by the door; baseline: the goal",
    unit="ms (wall) per 1,000 resources",
    goal="≤ 33 ms (30,000 resources/s)",
    is_reached=lambda ours, goal: ours <= goal,
)
def whole_files() -> tuple[float, float]:
    """Make an export from its beginning to its end, and say what it took."""
    visits(SIZE)
    export, peak = begun(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, spent, server = time.perf_counter(), time.process_time(), region.ticks([])
    while export.is_running:
        made(export=str(export.pk))
        export.refresh_from_db()
    wall, spent = time.perf_counter() - began, time.process_time() - spent
    database = (region.ticks([]) - server) / region.TICKS
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024
    told = export.resources
    sys.stdout.write(
        f"export: {told} resources of {export.persons} persons, {export.files} files, "
        f"{told / wall:.0f} resources/s; processor of the job {spent * 1e6 / told:.0f} µs each, "
        f"of PostgreSQL {database * 1e6 / told:.0f}; memory grew by {grown:.0f} MB; "
        f"load {os.getloadavg()[0]:.1f}\n"
    )
    return (wall * 1e6 / told if export.state == "done" else float("inf")), GOAL
