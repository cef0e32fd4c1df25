"""What is old goes by a rule, is said in the thread, and the proofs still hold."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from io import StringIO
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection
from django.utils import timezone

from cordee.access import trace
from cordee.access.actor import Role
from cordee.access.categories import categories
from cordee.access.retention import midnight
from cordee.access.seals import seal_pending, verify_trace
from cordee.kernel.identifiers import uuid7
from cordee.kernel.thread import verify
from tests.kernel.test_thread import happen, tamper
from tests.support import actor, calm, owner, retention, until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = timezone.localdate()
RULE = "CSP, art. R.1112-7, 20 ans"


@pytest.fixture(autouse=True)
def _retention_url(monkeypatch):
    url = settings.SERVER.retention_url(settings.TEST_DATABASE)
    monkeypatch.setattr(settings, "CORDEE", _with(settings.CORDEE, url))


def _with(environment, url):
    from dataclasses import replace

    return replace(environment, retention_url=url)


def age(chain: UUID, years: int = 30) -> None:
    """Make a whole chain old, hashes included: what thirty years would have written."""
    tamper(
        f"""WITH content AS (
            UPDATE kernel_fact_content SET recorded_at = recorded_at - interval '{years} years'
            WHERE fact_id IN (SELECT id FROM kernel_fact WHERE chain_id = '{chain}'))
        UPDATE kernel_fact SET recorded_at = recorded_at - interval '{years} years'
        WHERE chain_id = '{chain}'""",
        f"""UPDATE kernel_fact SET hash = kernel_hash(previous_hash, id, kind, chain_id, thread_id,
        happened_at, recorded_at, origin, digest) WHERE chain_id = '{chain}'""",
        f"""UPDATE kernel_thread_head SET hash = (SELECT hash FROM kernel_fact
        WHERE chain_id = '{chain}') WHERE chain_id = '{chain}'""",
    )


def purge(before: date, *more: str) -> str:
    said = StringIO()
    call_command("purge_expired", before.isoformat(), "--rule", RULE, *more, stdout=said)
    return said.getvalue()


def test_a_thread_asleep_is_purged_under_its_rule_and_one_alive_is_not():
    asleep, alive = uuid7(), uuid7()
    old = happen(asleep)
    happen(alive)
    age(asleep)

    assert "1 contenus de fils à effacer" in purge(date(2010, 1, 1))
    assert verify(asleep).purged == {}

    purge(date(2010, 1, 1), "--apply")
    assert verify(asleep).purged == {old: RULE}
    assert verify(asleep).holds
    assert verify(alive).purged == {}
    assert "0 contenus" in purge(date(2010, 1, 1))


def test_a_month_of_trace_that_ended_is_purged_whole():
    trace.listed(actor(Role.COORDINATOR), "people.person", [uuid7()])
    with owner() as database:
        database.execute("ALTER TABLE access_trace DISABLE TRIGGER USER")
        database.execute("UPDATE access_trace SET at = at - interval '5 years'")
        database.execute("ALTER TABLE access_trace ENABLE TRIGGER USER")
    calm()
    seal_pending()
    trace.listed(actor(Role.COORDINATOR), "people.person", [uuid7()])

    purge(TODAY - timedelta(days=900), "--apply")

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM access_trace")
        assert cursor.fetchone()[0] == 1
    assert verify_trace().holds


def test_a_day_to_come_is_refused():
    with pytest.raises(CommandError, match="Rien n’a été effacé"):
        purge(TODAY + timedelta(days=1), "--apply")


@contextmanager
def somebody_writes_in(thread: UUID, *first: str):
    """Another connection has written a line in a thread, and has not committed yet."""
    with psycopg.connect(settings.SERVER.owner_url(settings.TEST_DATABASE)) as database:
        for statement in first:
            database.execute(statement)
        database.execute(
            "SELECT kernel_append('test.woken', %s, now(), 'form', '', '{}', '{}')", [thread]
        )
        yield database


@pytest.mark.parametrize("by", ["the night", "the command"])
def test_a_thread_that_wakes_while_it_is_purged_keeps_what_was_asleep(by):
    asleep, other = uuid7(), uuid7()
    for one in (asleep, other):
        happen(one)
        age(one)
    (kept,) = [one for one in categories() if one.code == "thread"]

    def night():
        with retention() as database:
            return kept.let_go(database, midnight(date(2010, 1, 1)), RULE, timezone.now())

    def command():
        said = purge(date(2010, 1, 1), "--apply")
        connection.close()
        return int(said.split(" mois) et ")[1].split()[0])

    with ThreadPoolExecutor(1) as pool, somebody_writes_in(asleep) as writing:
        purging = pool.submit(night if by == "the night" else command)
        until_somebody_waits()
        writing.commit()
        assert purging.result(30) == 1

    judgement = verify(asleep)
    assert (judgement.holds, judgement.length, judgement.purged) == (True, 2, {})
    assert len(verify(other).purged) == 1


def test_nobody_but_retention_holds_threads_still():
    with pytest.raises(ProgrammingError, match="retention only"), connection.cursor() as cursor:
        cursor.execute("SELECT kernel_hold_threads(ARRAY[gen_random_uuid()])")


def test_nobody_but_the_application_holds_the_heads_of_threads():
    """Held, a head keeps whoever would speak there waiting."""
    with retention() as database, pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute("SELECT kernel_hold_heads(ARRAY[gen_random_uuid()])")
