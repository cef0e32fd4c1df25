"""Five hundred phones full of forty visits come back at once, after a day without the house.

Pages come from two processes of the house over one port; a process of its own sends, all at once,
what each phone holds. Durable: PostgreSQL waits for its disk at each commit. One visit in two
hundred is bad, and is put aside without the others. A coordinator asks for her list meanwhile.
Baseline: one request per visit, on some of the phones, in the same run. The processor of who sends
is told apart from that of who receives, and that of PostgreSQL from that of the pages.
"""

import hashlib
import json
import os
import statistics
import subprocess
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from bench.live import cookie_of
from bench.region import ROOT, TICKS, pages, spent, ticks
from bench.registry import job
from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.access.models import Account
from cordee.access.records import insert_rows
from cordee.directory.models import Membership, Organization
from cordee.kernel.identifiers import uuid7, uuid7s
from cordee.people.models import CircleMember, Person
from cordee.vigilance.models import Device, RefusedVisit, Visit

PHONES = int(os.environ.get("BENCH_PHONES", "500"))
HELD, WHOM, WARM = 40, 10, 24
ONE_BY_ONE = min(PHONES, 10)
SECRET = "bench" * 9
MARKS = {"visit": 4, "health": 3, "morale": 4, "fitness": 3}
BAD = 200


@job(
    "500 phones × 40 visits come back at once; baseline: one request per visit",
    unit="visits/s",
    goal="≥ 1,000 visits/s, none lost, none doubled",
    is_reached=lambda ours, baseline: ours >= 1_000,
)
def phones_come_back() -> tuple[float, float]:
    """Give visits a second, of ours and of one request per visit."""
    service, persons = _service()
    phones = [_phone(service, number) for number in range(PHONES)]
    cookie = _coordinator(service)
    with pages() as (port, processes):
        for _ in range(2):  # both processes load, and their connections plan
            _sent(port, cookie, [_holding(phones[0], persons, 0, together=True)] * WARM)
        sent = [_holding(one, persons, n, together=True) for n, one in enumerate(phones)]
        before = ticks(processes), sum(spent(processes))
        told = _sent(port, cookie, sent)
        after = ticks(processes), sum(spent(processes))
        _whole(sent, told)
        alone = [_holding(one, persons, n, together=False) for n, one in enumerate(phones)]
        plain = _sent(port, cookie, alone[:ONE_BY_ONE])
    whole, ours = ((now - then) / TICKS for then, now in zip(before, after, strict=True))
    _say(told, ours, whole - ours)
    return PHONES * HELD / told["seconds"], ONE_BY_ONE * HELD / plain["seconds"]


def _say(told: dict[str, Any], ours: float, database: float) -> None:
    """Say how long a sending took, who spent what, and how her list answered meanwhile."""
    percent = statistics.quantiles(told["durations"], n=100)
    visit, looks = 1000 / (PHONES * HELD), told["looks"] or [0]
    sys.stdout.write(
        f"phones: {PHONES} × {HELD} visits in {told['seconds']:.1f} s, a sending p50 "
        f"{percent[49]:.0f}, p99 {percent[98]:.0f} ms; processor of a visit: {ours * visit:.2f} ms "
        f"of pages, {database * visit:.2f} of PostgreSQL, {told['processor'] * visit:.2f} of who "
        f"sends; the list of a coordinator meanwhile: {len(looks)} pages, p50 "
        f"{statistics.median(looks):.0f}, at most {max(looks):.0f} ms\n"
    )


def _coordinator(service: Organization) -> str:
    """Somebody who leads the service, signed in."""
    now = timezone.now()
    account = Account.objects.create(email=f"{uuid7()}@banc.fr", name="Coordinatrice du banc")
    with gesture(actor=SYSTEM, verb="bench.arrange", now=now):
        Membership.objects.create(
            account=account, organization=service, role="coordinator", since=now.date()
        )
    return cookie_of(account)


def _service() -> tuple[Organization, list[UUID]]:
    """A home service, and those whom it follows."""
    now = timezone.now()
    with gesture(actor=SYSTEM, verb="bench.arrange", now=now):
        service = Organization.objects.create(name="Aide du banc", kind="home_help")
        keys = uuid7s(PHONES)
        rows = [Person(id=key, birth_name=f"Banc{number}") for number, key in enumerate(keys)]
        Person.objects.bulk_create(rows)
        since = now - timedelta(days=30)
        about = {"organization_id": service.pk, "role": "home_help", "ground": "recognised"}
        stays = [about | {"id": uuid7(), "person_id": key, "since": since} for key in keys]
        insert_rows(CircleMember, stays)
    return service, keys


def _phone(service: Organization, number: int) -> Device:
    now = timezone.now()
    account = Account.objects.create(email=f"{uuid7()}@banc.fr", name=f"Aide {number}")
    with gesture(actor=SYSTEM, verb="bench.arrange", now=now):
        Membership.objects.create(
            account=account, organization=service, role="home_help", since=now.date()
        )
    return Device.objects.create(
        account=account,
        organization=service,
        token_hash=hashlib.sha256(SECRET.encode()).digest(),
        sealed_key=b"",
        since=now,
        last_seen_at=now,
    )


def _holding(phone: Device, persons: list[UUID], number: int, *, together: bool) -> dict[str, Any]:
    """What a phone holds, in one sending or in one for each visit."""
    now = timezone.now()
    records = [
        {
            "id": str(uuid7()),
            "person": str(persons[(number + place % WHOM) % len(persons)]),
            "at": (now - timedelta(minutes=20 * (HELD - place))).isoformat(),
            "sequence": place,
            "marks": MARKS if (number * HELD + place) % BAD else {"visit": 9},
            "words": "A bien mangé, a peu dormi.",
        }
        for place in range(HELD)
    ]
    parts = [records] if together else [[one] for one in records]
    bodies = [json.dumps({"sent_at": now.isoformat(), "records": part}) for part in parts]
    keys = [one["id"] for one in records]
    return {"name": f"Telephone {phone.pk}:{SECRET}", "bodies": bodies, "keys": keys}


def _sent(port: int, cookie: str, phones: list[dict[str, Any]]) -> dict[str, Any]:
    """Have another process send."""
    told = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "bench.phones"],
        input=json.dumps({"port": port, "cookie": cookie, "phones": phones}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    )
    said: dict[str, Any] = json.loads(told.stdout)
    return said


def _whole(sent: list[dict[str, Any]], told: dict[str, Any]) -> None:
    """Stop when one was lost or doubled: acknowledged and written, or put aside word for word."""
    keys = {key for one in sent for key in one["keys"]}
    written = {str(pk) for pk in Visit.objects.values_list("pk", flat=True)} & keys
    aside = {str(pk) for pk in RefusedVisit.objects.values_list("sent_id", flat=True)} & keys
    if written != set(told["acknowledged"]) or written | aside != keys or written & aside:
        raise SystemExit(f"{len(keys)} sent, {len(written)} written, {len(aside)} put aside")
