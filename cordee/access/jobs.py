"""Each night: the last seals are told, before the heads of the threads are signed; what is kept no
longer than decided is announced, then let go."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone

from cordee.access import seals
from cordee.access.actor import SYSTEM
from cordee.access.archives import ArchiveStays, destroy
from cordee.access.categories import Database, Due, decided, let_go, report
from cordee.access.removal import LeftBehind
from cordee.access.services import announce_retention
from cordee.kernel.queue import job


@job(queue="house", every="5 3 * * *")
def tell_seals() -> None:
    """Write in the thread how far the trace is sealed."""
    seals.tell_seals(actor=SYSTEM, now=timezone.now())


@job(queue="house", every="40 3 * * *")
def keep_no_longer() -> None:
    """Announce what is due under a new decision; let go what was announced a week ago.

    The second only where this process was given the role of retention.
    """
    house, now = settings.CORDEE, timezone.now()
    decisions = decided(house.retention)
    connection.ensure_connection()
    for due in report(connection.connection, decisions, now):
        if due.decision and due.count and due.announced_at is None:
            announce_retention(
                actor=SYSTEM,
                now=now,
                category=due.category.code,
                rule=due.decision.rule,
                count=due.count,
            )
    if house.retention_url:
        with psycopg.connect(house.retention_url, autocommit=True) as database:
            _each_goes(database, report(database, decisions, now), now)


def _each_goes(database: Database, found: list[Due], now: datetime) -> None:
    """One category that cannot go keeps no other; it is said once the others went."""
    failed: list[Exception] = []
    gestures: list[Callable[[], object]] = [partial(let_go, database, due, now) for due in found]
    gestures.append(partial(destroy, database))
    for gesture in gestures:
        try:
            gesture()
        except (psycopg.Error, LeftBehind, ArchiveStays) as error:
            failed.append(error)
    if failed:
        raise failed[0]
