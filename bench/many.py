"""Everybody on a pathway, judged at once: what a check of the register costs.

BENCH_PATHWAYS says how many persons (1,000,000 by default, eight facts each, made by the database
in sets). `full`: the facts of all are read by columns, and twenty constraints and the steps are
judged; `changed`: the same for ten thousand persons of them. Baseline: what the house did, one
query of the ORM and one replay for each person, **extrapolated** from a sample, since it would
last for hours. Seconds on the clock, and the load says how far to believe them; the processor of
both sides (ours and PostgreSQL's) is written to stderr. The verdicts of the sample are compared:
one that differs fails the run.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from bench.conformance import twenty
from bench.registry import job
from cordee.protocols.models import ProtocolVersion
from cordee.protocols.rules import conformance as engine
from cordee.protocols.rules.clocks import micros
from cordee.protocols.rules.columns import NEVER
from cordee.protocols.rules.many import STATUSES, Judged, Said
from cordee.protocols.selectors.many import Many, judged_in_parts
from cordee.protocols.selectors.threads import happenings_of

PERSONS = int(os.environ.get("BENCH_PATHWAYS", "1000000"))
EACH, CHANGED, SAMPLE = 8, 10_000, 300
NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
ENTERED = NOW - timedelta(days=120)
ONE = "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
VERSION = "00000000-0000-7000-8000-ffffffffffff"
TICKS = os.sysconf("SC_CLK_TCK")


@job(
    "20 constraints, everybody judged again",
    unit=f"s ({PERSONS:,} persons; baseline extrapolated from {SAMPLE})",
    goal="≤ 20 s, ≥ 39 × one query each",
    is_reached=lambda ours, baseline: ours <= 20 and baseline >= 39 * ours,
)
def full() -> tuple[float, float]:
    """Judge everybody, then a sample by the ORM and the engine; compare their verdicts."""
    persons = everybody()
    found, ours = timed("full", judged)
    places = {key: (said, place) for keys, said in found for place, key in enumerate(keys)}
    if len(places) != len(persons):
        raise AssertionError(f"{len(places)} of {len(persons)} persons were judged")
    sample = Random(7).sample(persons, SAMPLE)  # noqa: S311 - persons, not secrets
    alone, spent = timed("sample by the ORM", lambda: [alone_of(one) for one in sample])
    wrong = [
        one
        for one, verdicts in zip(sample, alone, strict=True)
        if differs(*places[one.bytes], verdicts)
    ]
    if wrong:
        raise AssertionError(f"{len(wrong)} persons of {SAMPLE} are judged otherwise: {wrong[:5]}")
    return ours, spent * len(persons) / SAMPLE


@job(
    "20 constraints, 10,000 persons changed",
    unit="s (baseline: everybody)",
    goal="≤ 0.5 s",
    is_reached=lambda ours, baseline: ours <= 0.5,
)
def changed() -> tuple[float, float]:
    """Judge again those of whom something new is known."""
    persons = everybody()
    some = Random(8).sample(persons, min(CHANGED, len(persons)))  # noqa: S311
    judged(some)
    _, ours = timed("changed", lambda: judged(some))
    _, baseline = timed("full again", judged)
    return ours, baseline


def judged(persons: list[UUID] | None = None) -> list[tuple[list[bytes], dict[str, Said]]]:
    """What the check of the register asks: read by columns, judged by columns."""

    def tell(many: Many, judged: Judged) -> tuple[list[bytes], dict[str, Said]]:
        return many.keys.tolist(), judged.said

    return judged_in_parts(version(), twenty(), micros(NOW), tell, persons)


def alone_of(person: UUID) -> tuple[engine.Verdict, ...]:
    """One person, as the house reads and judges one."""
    thread, _ = happenings_of(person, twenty().places)
    state = engine.replayed(twenty(), ENTERED, thread)
    return engine.judged(twenty(), state, NOW)


def differs(found: dict[str, Said], one: int, verdicts: tuple[engine.Verdict, ...]) -> bool:
    """Tell whether the columns say otherwise of somebody."""
    return any(
        (
            STATUSES[found[verdict.of].status[one]],
            *(
                None if column[one] == NEVER else int(column[one])
                for column in (
                    found[verdict.of].since,
                    found[verdict.of].due_at,
                    found[verdict.of].last_breach_at,
                    found[verdict.of].repaired_at,
                )
            ),
            found[verdict.of].breaches[one],
        )
        != (
            verdict.status,
            *(
                at and micros(at)
                for at in (
                    verdict.since,
                    verdict.due_at,
                    verdict.last_breach_at,
                    verdict.repaired_at,
                )
            ),
            verdict.breaches,
        )
        for verdict in verdicts
    )


def timed(what: str, work: Callable[[], Any]) -> tuple[Any, float]:
    """Give what some work gives and how long it lasted; say what it cost, and the load."""
    mine, server, began = time.process_time(), server_time(), time.perf_counter()
    found = work()
    spent = time.perf_counter() - began
    mine, server = time.process_time() - mine, server_time() - server
    sys.stderr.write(
        f"{what}: {spent:.2f} s, processor {mine:.2f} s ours and {server:.2f} s of PostgreSQL, "
        f"load {os.getloadavg()[0]:.1f}\n"
    )
    return found, spent


def server_time() -> float:
    """The processor time of PostgreSQL: of its processes, and of those that have ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone() or (0,)
    above = _spent(pid)[0]
    ended, living = _spent(above)[2], 0.0
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            parent, spent, _ = _spent(int(one.name))
            living += spent if parent == above else 0
    return living + ended


def _spent(pid: int) -> tuple[int, float, float]:
    """The parent of a process, what it has spent, and what its children spent that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    own, children = (sum(int(fields[place]) for place in two) for two in ((11, 12), (13, 14)))
    return int(fields[1]), own / TICKS, children / TICKS


@cache
def everybody() -> list[UUID]:
    """Make the threads, once; give the persons."""
    began = time.perf_counter()
    with as_owner() as database:
        have = database.execute(
            "SELECT count(*) FROM kernel_fact WHERE origin = 'bench'"
        ).fetchone()
        if not have or have[0] < PERSONS * EACH:
            made(database)
        follow(database)
        asked = f"SELECT {ONE} FROM generate_series(1, {PERSONS}) AS n"  # noqa: S608 - our figures
        rows = database.execute(asked).fetchall()
    sys.stderr.write(f"threads made in {time.perf_counter() - began:.0f} s\n")
    return [one for (one,) in rows]


def made(database: psycopg.Connection[Any]) -> None:
    """Write so many lines, in sets: their moments spread over five months, in no order."""
    kinds = sorted(twenty().places)
    database.execute("SET session_replication_role = replica")
    database.execute(
        f"""WITH made AS (
            SELECT {ONE} AS person, n * {EACH} + k AS id, hashint8(n * 97 + k) AS chance
            FROM generate_series(1, {PERSONS}) AS n, generate_series(0, {EACH - 1}) AS k
        ), told AS (
            INSERT INTO kernel_fact (id, kind, chain_id, thread_id, happened_at, recorded_at,
                origin, transaction_id, digest, previous_hash, hash)
            SELECT 1000000000 + id, (%(kinds)s::text[])[1 + abs(chance::int8) %% {len(kinds)}],
                person, person, %(first)s + (abs(chance::int8) / 7 %% 12960000) * interval '1 s',
                %(now)s, 'bench', 1, '', '', '' FROM made RETURNING id
        ) SELECT count(*) FROM told""",  # noqa: S608 - our own figures
        {"kinds": kinds, "first": NOW - timedelta(days=150), "now": NOW},
    )
    database.execute(
        """INSERT INTO kernel_fact_content (fact_id, recorded_at, subject, actor, data, salt)
        SELECT id, recorded_at, id::text, '{}', jsonb_build_object(
            'result', (ARRAY['reached', 'message', 'none'])[1 + id % 3],
            'role', (ARRAY['coordination', 'gp', 'nurse'])[1 + id / 3 % 3],
            'who', (ARRAY['person', 'relative'])[1 + id / 5 % 2], 'destination', 'home',
            'importance', 'important', 'request_id', id % 2, 'origin', id % 2), ''
        FROM kernel_fact WHERE origin = 'bench'"""
    )
    database.execute("SET session_replication_role = origin")
    database.commit()


def follow(database: psycopg.Connection[Any]) -> None:
    """Have everybody on one version, each pathway under the key of its person."""
    database.execute("SET session_replication_role = replica")
    database.execute(
        """INSERT INTO protocols_protocolversion (id, created_at, updated_at, version, name,
            edition, title, text, digest, state, writers, remark)
        VALUES (%(pk)s, now(), now(), 1, 'banc', '1', 'Banc', '', '', 'draft', '{}', '')
        ON CONFLICT DO NOTHING""",
        {"pk": VERSION},
    )
    database.execute(
        f"""INSERT INTO protocols_pathway (id, created_at, updated_at, version, person_id,
            organization_id, followed_id, protocol, entered_at, joined_by_id, leaving)
        SELECT {ONE}, now(), now(), 1, {ONE}, %(pk)s, %(pk)s, 'banc', %(entered)s, %(pk)s, ''
        FROM generate_series(1, {PERSONS}) AS n ON CONFLICT DO NOTHING""",  # noqa: S608
        {"pk": VERSION, "entered": ENTERED},
    )
    database.execute("SET session_replication_role = origin")
    database.commit()
    database.autocommit = True
    database.execute("VACUUM ANALYZE kernel_fact, kernel_fact_content, protocols_pathway")


def version() -> ProtocolVersion:
    """The version that everybody is on."""
    return ProtocolVersion(pk=UUID(VERSION))


@contextmanager
def as_owner():  # type: ignore[no-untyped-def]
    """Who may write lines without their chain: the bench alone."""
    from bench.house import owner_url

    with psycopg.connect(owner_url()) as opened:
        yield opened
