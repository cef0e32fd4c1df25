"""The page of a person with every panel and a long thread, asked for by eight users at once.

The person is the one of the demonstration who has an evaluation, a plan, requests and a circle,
and two thousand more lines on her thread. Baseline: the goal.
"""

import statistics
import sys
from uuid import uuid4

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from bench.house import settle
from bench.region import asked, pages, warmed
from bench.registry import job
from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.access.models import Account
from cordee.kernel.facts import publish_many
from cordee.pathways.facts import TaskMoved
from cordee.people.models import Person
from cordee.plans.models import CarePlan

FACTS, GOAL, SECONDS = 2_000, 60.0, 20
COORDINATOR = "sophie@exemple.fr"
MARK = 'class="panels"'


@job(
    "page of a person, 2,000 facts, 8 users; baseline: the goal",
    unit="ms (p95)",
    goal="≤ 60 ms",
    is_reached=lambda ours, baseline: ours <= baseline,
)
def page_of_a_person() -> tuple[float, float]:
    """Give the ninety-fifth percentile of the page."""
    paths = [f"/personnes/{_scene().pk}/"]
    browser = Client(SERVER_NAME="localhost")
    account = Account.objects.get(email=COORDINATOR)
    browser.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    cookie = "; ".join(f"{name}={one.value}" for name, one in browser.cookies.items())
    with pages() as (port, processes):
        warmed(port, cookie, paths, processes, mark=MARK)
        durations = asked(port, cookie, paths, seconds=SECONDS, mark=MARK)
    percent = statistics.quantiles(durations, n=100)
    sys.stdout.write(
        f"person: {len(durations)} pages, p50 {percent[49]:.1f}, p95 {percent[94]:.1f}, "
        f"p99 {percent[98]:.1f} ms\n"
    )
    return percent[94], GOAL


def _scene() -> Person:
    """Load the demonstration, and give one person of it a long life."""
    call_command("demo", verbosity=0)
    plan = CarePlan.objects.filter(in_force__isnull=False).select_related("person")[:1].get()
    with gesture(actor=SYSTEM, verb="bench.thread", now=timezone.now()):
        publish_many(
            [
                TaskMoved(
                    person_id=plan.person_id,
                    task_id=uuid4(),
                    task_kind="follow_action",
                    organization_id=plan.organization_id,
                    how="handed",
                )
                for _ in range(FACTS)
            ]
        )
    settle()
    return plan.person
