"""Eight nurses say yes in the same instant: one wins, seven are told, nothing is half done.

Baseline: the bare race. Eight connections and one unique index, with no rule, no trace, no thread,
no circle, no message. The ratio is what the promises cost.
"""

import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import cast

import psycopg
from django.db import connection

from bench.house import DATA
from bench.registry import job
from cordee.broker import services
from cordee.broker.models import Invitation, Solicitation
from host.postgres import Server
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurses
from tests.support import NOW, speaking_as

NURSES, ROUNDS = 8, 12
RACES = int(os.environ.get("BENCH_RACES", "200"))
Yes = Callable[[], str]


@job(
    "eight simultaneous yes",
    unit="ms",
    goal="≤ 1000 ms, one winner each time",
    is_reached=lambda ours, baseline: ours <= 1000,
)
def eight_simultaneous_yes() -> tuple[float, float]:
    """Measure the race through the service, and the bare race, in turn."""
    ours, bare = [], []
    with psycopg.connect(_bare_address(), autocommit=True) as admin:
        admin.execute("DROP TABLE IF EXISTS invitation")
        admin.execute("CREATE TABLE invitation (id serial, round int, nurse int, answer text)")
        admin.execute("CREATE UNIQUE INDEX ON invitation (round) WHERE answer = 'accepted'")
        for number in range(ROUNDS):
            ours.append(_race(_by_the_service()))
            admin.execute(
                "INSERT INTO invitation (round, nurse) SELECT %s, generate_series(1, %s)",
                [number, NURSES],
            )
            bare.append(_race([_by_bare_sql(number, nurse + 1) for nurse in range(NURSES)]))
    return statistics.median(ours), statistics.median(bare)


@job(
    "eight simultaneous yes, 200 races; baseline: what is right",
    unit="races with one winner and none lost",
    goal="200 of 200",
    is_reached=lambda ours, baseline: ours == baseline,
)
def two_hundred_races() -> tuple[float, float]:
    """Count the races after which the tables hold one winner, seven told, and no answer lost."""
    right = 0
    for _ in range(RACES):
        yes = _by_the_service()
        _race(yes)
        latest = Solicitation.objects.order_by("-pk")[0]
        answers = sorted(latest.invitations.order_by("pk").values_list("answer", flat=True))
        right += answers == ["accepted"] + ["too_late"] * (NURSES - 1) and latest.state == "filled"
    return right, RACES


def _race(yes: list[Yes]) -> float:
    """Fire every yes at once; return the milliseconds until the last is answered."""
    start = Barrier(len(yes) + 1)

    def one(say: Yes) -> str:
        start.wait(30)
        return say()

    with ThreadPoolExecutor(len(yes)) as pool:
        answers = [pool.submit(one, say) for say in yes]
        start.wait(30)
        began = time.perf_counter()
        said = [answer.result() for answer in answers]
        duration = (time.perf_counter() - began) * 1000
    if said.count("accepted") != 1:
        raise RuntimeError(f"{said.count('accepted')} winners")
    return duration


def _by_the_service() -> list[Yes]:
    solicitation = SolicitationFactory()
    invitations = [
        InvitationFactory(solicitation=solicitation, practitioner=one, phone=one.practice.mobile)
        for one in nurses(NURSES)
    ]
    connection.close()  # gives its place in the pool to one of the eight
    return [_by(cast("Invitation", invitation)) for invitation in invitations]


def _by(invitation: Invitation) -> Yes:
    actor = speaking_as(invitation.practitioner)

    def say() -> str:
        try:
            return services.accept(actor=actor, invitation=invitation, now=NOW).answer
        finally:
            connection.close()

    return say


def _by_bare_sql(number: int, nurse: int) -> Yes:
    def say() -> str:
        with psycopg.connect(_bare_address()) as database:
            try:
                database.execute(
                    "UPDATE invitation SET answer = 'accepted' WHERE round = %s AND nurse = %s",
                    [number, nurse],
                )
                database.commit()
            except psycopg.errors.UniqueViolation:
                return "too_late"
            return "accepted"

    return say


def _bare_address() -> str:
    return Server(DATA).superuser_url()
