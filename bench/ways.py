"""The map of the ways of 100,000 pathways, about ten passages each, as the page asks for it.

BENCH_WAYS says how many (100,000 by default); the database makes them in sets. Ours: the function
that the page calls, in seconds on the clock. Baseline: the process-mining library, once the same
passages are in its memory; its graph must be the same, leg by leg, or the run fails.
"""

import os
import sys
from typing import Any

import psycopg
from django.db import connection

from bench.many import VERSION, as_owner, timed
from bench.registry import job

PATHWAYS = int(os.environ.get("BENCH_WAYS", "100000"))
STATIONS = [f"etape-{number}" for number in range(1, 9)]
ONE = "('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid"
ASKED = "SELECT * FROM protocols_ways('carte', %s, NULL, '-infinity', 'infinity', %s)"


@job(
    f"map of the ways of {PATHWAYS:,} pathways",
    unit="s (baseline: pm4py, its frame already made)",
    goal="≤ 2 s, same graph",
    is_reached=lambda ours, baseline: ours <= 2,
)
def ways() -> tuple[float, float]:
    """Count the legs twice, and compare them one by one."""
    with as_owner() as database:
        made(database)
        events = database.execute(
            "SELECT pathway_id::text, station, at, fact FROM protocols_passage passage"
            " JOIN protocols_pathway pathway ON pathway.id = pathway_id"
            " WHERE protocol = 'carte' ORDER BY pathway_id, at, fact, station"
        ).fetchall()
    ours, spent = timed("map", counted)
    theirs, baseline = timed("pm4py", lambda: mined(events))
    mine = {
        (STATIONS[origin - 1], STATIONS[target - 1]): times
        for origin, target, times, _, _ in ours
        if 0 < origin < 999 and 0 < target < 999
    }
    if mine != theirs:
        raise AssertionError("the graph is not that of the library")
    sys.stderr.write(f"{len(events):,} passages, {len(mine)} legs: the same graph\n")
    return spent, baseline


def counted() -> list[tuple[Any, ...]]:
    """Ask as the page does."""
    with connection.cursor() as cursor:
        cursor.execute(ASKED, [[VERSION], STATIONS])
        return list(cursor.fetchall())


def mined(events: list[tuple[Any, ...]]) -> dict[tuple[str, str], int]:
    """The same graph, by the library."""
    import pandas
    import pm4py

    names = ["case:concept:name", "concept:name", "time:timestamp", "fact"]
    frame = pandas.DataFrame(events, columns=names)
    found, _, _ = pm4py.discover_dfg(frame)
    return dict(found)


def made(database: psycopg.Connection[Any]) -> None:
    """Write so many pathways, left or not, and their passages, once."""
    have = database.execute("SELECT count(*) FROM protocols_pathway WHERE protocol = 'carte'")
    if have.fetchall()[0][0] >= PATHWAYS:
        return
    database.execute("SET session_replication_role = replica")
    database.execute(
        f"""INSERT INTO protocols_pathway (id, created_at, updated_at, version, person_id,
            organization_id, followed_id, protocol, entered_at, joined_by_id, leaving)
        SELECT {ONE}, now(), now(), 1, {ONE}, %(pk)s, %(pk)s, 'carte',
            now() - interval '200 days' - n %% 90 * interval '1 day', %(pk)s, ''
        FROM generate_series(1, {PATHWAYS}) AS n""",  # noqa: S608 - our own figures
        {"pk": VERSION},
    )
    database.execute(
        f"""INSERT INTO protocols_passage (id, pathway_id, station, at, fact)
        SELECT gen_random_uuid(), {ONE},
            (%(stations)s::text[])[1 + abs(hashint8(n * 31 + k)::int8) %% 8],
            now() - interval '150 days' + k * interval '7 days'
                + (hashint8(n + k * 7)::int8 %% 200000) * interval '1 s', n * 20 + k
        FROM generate_series(1, {PATHWAYS}) AS n, generate_series(1, 10) AS k""",  # noqa: S608
        {"stations": STATIONS},
    )
    database.execute("SET session_replication_role = origin")
    database.commit()
    database.autocommit = True
    database.execute("VACUUM ANALYZE protocols_pathway, protocols_passage")
