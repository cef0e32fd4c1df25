"""From a visit posted to its alert on another open screen: one real browser, 500 open streams.

A phone posts a visit with a mark at its lowest; the alert comes to the page of alerts of who
coordinates her, open in Chromium, while 500 other screens of the region are open. No worker is
needed: the alert is raised in the transaction that records the visit. Baseline: a screen that asks
for that page every ten seconds, at its mean; it is not run.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any, cast

from django.db import connection
from django.utils import timezone

from bench.house import peopled
from bench.live import TURNS, WARM, WATCH, cookie_of, elsewhere, say, screen_at, shown, streams
from bench.region import SIZE, TICKS, asked, pages, server, ticks_beside
from bench.registry import job
from bench.vigilance_sync import SECRET, _phone
from cordee.access.actor import Actor
from cordee.kernel.identifiers import uuid7
from cordee.people.models import CircleMember, Person
from cordee.vigilance.models import Device
from cordee.vigilance.rules.following import Effect, Verdict
from cordee.vigilance.selectors import alerts_of
from cordee.vigilance.services import close_alert
from cordee.vigilance.services.following import Ended
from cordee.web.live import recognised
from host import frontend
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle

ALERTS, MARK, POLL = "/alertes/", 'id="alertes"', 10_000.0
OPEN = 12  # alerts that stand: the team closes the oldest as others come
VISITED = 12  # persons whom one home help visits: her phone is told of each of them at each sending


@job(
    "visit posted to its alert on another screen, 500 streams open; baseline: polling",
    unit="ms (p50)",
    goal="p50 ≤ 50 ms, p99 ≤ 250 ms",
    is_reached=lambda ours, baseline: ours <= 50,
)
def visit_to_alert() -> tuple[float, float]:
    """Give the median of ours, and half the time between two polls."""
    peopled(SIZE)
    frontend.main()
    desk: Any = OrganizationFactory(kind="dac")
    service: Any = OrganizationFactory(kind="home_help", territory=desk.territory)
    lead: Any = MembershipFactory(role="coordinator", organization=desk)
    phones = [_phone(service, number) for number in range(1 + TURNS // VISITED)]
    persons = [_followed(desk, service) for _ in range(TURNS + 1)]
    mine, others, database = cookie_of(lead.account), elsewhere(desk.pk), server()
    team = recognised(mine.partition("=")[2])
    with pages() as (port, ours), streams(port, others), screen_at(port, mine, ALERTS) as screen:
        asked(port, mine, [ALERTS], seconds=8, mark=MARK)
        for _ in range(WARM):  # connections plan, and the page is then one of the nearest
            _posted(port, phones[0], persons[0])
        before = ticks_beside(database, ours)
        turns = []
        for place, person in enumerate(persons[1:]):
            turns.append(_turn(screen, port, phones[place // VISITED], person))
            if place >= OPEN:
                _closed(team, persons[1 + place - OPEN])
            time.sleep(1.3)
        spent = (ticks_beside(database, ours) - before) / TICKS * 1000 / TURNS
    return say("alarms: visits", turns, spent), POLL / 2


def _followed(desk: Any, service: Any) -> Person:
    """Somebody whom the desk and the service follow, who was told of it."""
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    joins_circle(person, organization=service, role=CircleMember.Role.HOME_HELP)
    InformationFactory(person=person)
    return cast("Person", person)


def _turn(screen: Any, port: int, phone: Device, person: Person) -> dict[str, float]:
    """Post a visit; give the milliseconds of each step until the alert is shown, since it left."""
    line = f'#alertes a[href*="{person.pk}"]'
    screen.evaluate(WATCH, [line, "vigilance"])
    sent, answered = _posted(port, phone, person)
    shown(screen, line)
    steps: dict[str, float] = {"form": answered, **screen.evaluate("() => window.steps")}
    return {name: at - sent for name, at in steps.items()}


def _closed(team: Actor, person: Person) -> None:
    """Have the team close what stands of somebody, in a thread: the browser holds this one."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(_close, team, person).result()


def _close(team: Actor, person: Person) -> None:
    ended = Ended(verdict=Verdict.RIGHT, effect=Effect.BETTER)
    for alert in alerts_of(team, person).filter(closed_at=None):
        close_alert(actor=team, alert=alert, ended=ended, now=timezone.now())
    connection.close()


def _posted(port: int, phone: Device, person: Person) -> tuple[float, float]:
    """Post a visit; say when it left and when it was answered, in milliseconds."""
    now = timezone.now().isoformat()
    marks = {"visit": 1, "health": 1, "morale": 2, "fitness": 3}
    one = {"id": str(uuid7()), "person": str(person.pk), "at": now, "sequence": 1, "marks": marks}
    body = json.dumps({"sent_at": now, "records": [one]})
    headers = {"Authorization": f"Telephone {phone.pk}:{SECRET}", "Host": f"127.0.0.1:{port}"}
    server = HTTPConnection("127.0.0.1", port, timeout=30)
    sent = time.time() * 1000
    server.request("POST", "/visites/envoi", body=body, headers=headers)
    answer = server.getresponse()
    answer.read()
    answered = time.time() * 1000
    server.close()
    if answer.status != 200:
        raise SystemExit(f"/visites/envoi: {answer.status}")
    return sent, answered
