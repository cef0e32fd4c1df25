"""Ten thousand requests, ten thousand nurses: the first wave of every search, durably queued.

The region of `cordee demo --scale`: each nurse goes all over her intercommunality, one person in
three has a usual nurse. One request a person, at the mix of delays of `DELAYS`, for now or for the
next mornings. Ours: one `launch_many`, one commit. Baseline: `launch` in a loop, a commit for each
search and a job for each of its messages' looks, over the first requests, counted for as many.
"""

import os
import time
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from bench.house import settle
from bench.registry import job
from cordee.access.actor import SYSTEM
from cordee.broker import services
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.rules import SearchOrder, Urgency
from cordee.directory.kinds import NURSING
from cordee.messaging.models import Message
from cordee.people.models import CircleMember, Person
from cordee.web.management.scale import load, load_nurses

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "10000"))
NURSES = 10_000
LOOPED = int(os.environ.get("BENCH_LOOPED", "30"))
DELAYS = {Urgency.TONIGHT: 10, Urgency.DAY: 30, Urgency.THREE_DAYS: 30, Urgency.PLANNED: 30}
"""Out of a hundred requests; assumed, as no measure of a bad day was found."""


@job(
    "match 10,000 requests × 10,000 nurses and queue the first wave; baseline: plain loop",
    unit="s",
    goal="≤ 4 s, ≥ 20 × the loop",
    is_reached=lambda ours, baseline: ours <= 4 and baseline >= 20 * ours,
)
def first_waves() -> tuple[float, float]:
    """Launch them one by one for a while, then all the others together; the loop comes first, when
    nobody was asked yet and it has the least to read."""
    now = timezone.localtime().replace(hour=15, minute=0, second=0, microsecond=0)
    orders = _orders(now)
    looped = _timed(lambda: _one_by_one(orders[:LOOPED], now))
    _tell("loop", LOOPED, looped)
    before = Invitation.objects.count()
    together = orders[LOOPED:]
    ours = _timed(lambda: services.launch_many(actor=SYSTEM, orders=together, now=now))
    _tell("together", len(together), ours)
    if Solicitation.objects.filter(launched_at=now).count() != len(orders):
        raise RuntimeError("a search is missing")
    if Message.objects.filter(template="broker.ask").count() != Invitation.objects.count():
        raise RuntimeError("a text is missing")
    print(f"{Invitation.objects.count() - before} questions together")  # noqa: T201
    return ours, looped / LOOPED * len(together)


def _one_by_one(orders: list[SearchOrder], now: datetime) -> None:
    for order in orders:
        services.launch(actor=SYSTEM, order=order, now=now)


def _timed(work) -> float:  # type: ignore[no-untyped-def] # noqa: ANN001
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _tell(way: str, count: int, seconds: float) -> None:
    load_average = os.getloadavg()[0]
    print(f"{way}: {count} in {seconds:.2f} s, load {load_average:.1f}")  # noqa: T201


def _orders(now: datetime) -> list[SearchOrder]:
    """Make the region, once, and a request for each person of it."""
    load_nurses(NURSES, now)
    load(REQUESTS + LOOPED, now, told=lambda line: None)
    settle()
    draw = Random(2026)  # noqa: S311 — the same requests each time
    circle = CircleMember.objects.exclude(practitioner=None).filter(is_usual_nurse=True)
    usual = dict(circle.values_list("person_id", "practitioner_id"))
    morning = (now + timedelta(days=1)).replace(hour=0)  # a day that was said, without an hour
    moments = [now, *(morning + timedelta(days=day) for day in range(4))]
    desks = CircleMember.objects.exclude(organization=None)
    desk_of = dict(desks.values_list("person_id", "organization_id"))
    persons = list(Person.objects.order_by("pk").values_list("pk", "commune_id"))
    draw.shuffle(persons)
    return [
        SearchOrder(
            origin=f"bench/request/{person}",
            person_id=person,
            organization_id=desk_of[person],
            kinds=(draw.choice(NURSING).value,),
            commune_code=commune,
            urgency=(urgency := draw.choices(list(DELAYS), list(DELAYS.values()))[0]),
            begins_at=moments[0] if urgency is Urgency.TONIGHT else draw.choice(moments),
            usual_practitioner_id=usual.get(person),
        )
        for person, commune in persons[: REQUESTS + LOOPED]
    ]
