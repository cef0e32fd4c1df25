"""Removing what its time has come for, as the retention role, and saying so under which rule.

How long is kept is the controller's decision (no figure here): the law sets 20 years for health
establishments (CSP, art. R.1112-7) and none for coordination; CNIL's 2021 recommendation on logs
speaks of months to years. The rule is therefore given, in words, each time.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import psycopg
from django.utils import timezone

from cordee.access.archives import destroy, expire
from cordee.access.categories import Category, keeps
from cordee.access.removal import AT_ONCE, CONTENTS_AWAY
from cordee.access.seals import purge_months

Asleep = dict[UUID, list[int]]  # threads, and their contents that are still here


@dataclass(frozen=True)
class Expired:
    """What would go: whole sealed months of the trace, contents of threads long asleep."""

    months: list[date]
    trace_lines: int
    before: datetime
    threads: Asleep

    @property
    def contents(self) -> int:
        """How many lines of threads would lose their content."""
        return sum(map(len, self.threads.values()))


def expired(database: "psycopg.Connection[Any]", before: date) -> Expired:
    """What is older than a day: months of trace that ended before it, and threads in which nothing
    has been written since. Already purged lines are not counted again."""
    moment = midnight(before)
    months, lines = _trace(database, before)
    return Expired(months, lines, moment, _asleep(database, moment))


def _asleep(
    database: "psycopg.Connection[Any]", moment: datetime, only: list[UUID] | None = None
) -> Asleep:
    """The threads in which nothing was written since, whole or among some."""
    threads = database.execute(
        """SELECT fact.thread_id, array_agg(fact.id ORDER BY fact.id) FROM kernel_fact fact
        JOIN kernel_fact_content content
            ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
        WHERE fact.thread_id IS NOT NULL AND fact.kind NOT LIKE '%%\\_purged'
          AND fact.thread_id <> ALL (access_held())
          AND (%(only)s::uuid[] IS NULL OR fact.chain_id = ANY (%(only)s))
          AND NOT EXISTS (SELECT 1 FROM kernel_fact later
              WHERE later.chain_id = fact.chain_id AND later.recorded_at >= %(moment)s
                AND later.kind NOT LIKE '%%\\_purged')
        GROUP BY 1 ORDER BY 1""",
        {"moment": moment, "only": only},
    )
    return dict(threads.fetchall())


def _empty(
    database: "psycopg.Connection[Any]", asleep: Asleep, before: datetime, rule: str, now: datetime
) -> int:
    """Purge threads, some at a time. Held first, then looked at again: one in which somebody has
    just written is awake, and stays whole. Returns how many contents went."""
    gone, waiting = 0, sorted(asleep)
    for at in range(0, len(waiting), AT_ONCE):
        some = waiting[at : at + AT_ONCE]
        with database.transaction():
            database.execute("SELECT kernel_hold_threads(%s)", [some])
            ids = [one for ids in _asleep(database, before, some).values() for one in ids]
            database.execute("SELECT kernel_purge(%s, 'thread', %s, %s)", [ids, rule, now])
        gone += len(ids)
    return gone


def _trace(database: "psycopg.Connection[Any]", before: date) -> tuple[list[date], int]:
    """The sealed months that ended before a day, and their lines, here or in an archive."""
    rows = database.execute(
        """WITH month AS (
            SELECT DISTINCT month FROM access_seal WHERE month + interval '1 month' <= %s
        )
        SELECT month.month, coalesce(archived.lines, 0) + (SELECT count(*) FROM access_trace
            WHERE at >= kernel_month_begins(month.month)
              AND at < kernel_month_begins((month.month + interval '1 month')::date))
        FROM month LEFT JOIN kernel_archived('access_trace') archived
            ON archived.month = month.month ORDER BY 1""",
        [before],
    ).fetchall()
    return [month for month, lines in rows if lines], sum(lines for _, lines in rows)


def remove(database: "psycopg.Connection[Any]", what: Expired, *, rule: str, now: datetime) -> int:
    """Remove it in one transaction, each thread told. Needs the retention role.

    Returns how many contents of threads went: those that woke meanwhile stay.
    """
    with database.transaction():
        gone = _empty(database, what.threads, what.before, rule, now)
        if what.months:  # last: whoever reads a page waits for the commit
            purge_months(database, what.months, rule=rule)
    destroy(database, "access_trace", what.months)
    return gone


def midnight(day: date) -> datetime:
    """When a day begins here."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


def _trace_due(database: "psycopg.Connection[Any]", before: datetime) -> int:
    return _trace(database, before.date())[1]


def _trace_goes(
    database: "psycopg.Connection[Any]", before: datetime, rule: str, now: datetime
) -> int:
    months, _ = _trace(database, before.date())
    return purge_months(database, months, rule=rule)


def _threads_due(database: "psycopg.Connection[Any]", before: datetime) -> int:
    return sum(map(len, _asleep(database, before).values()))


def _threads_go(
    database: "psycopg.Connection[Any]", before: datetime, rule: str, now: datetime
) -> int:
    return _empty(database, _asleep(database, before), before, rule, now)


def _threads_elsewhere(database: "psycopg.Connection[Any]", before: datetime) -> list[str]:
    """The archives that hold contents of threads asleep since, which nothing says were purged."""
    rows = database.execute(
        f"""SELECT away.file {CONTENTS_AWAY}
          AND NOT EXISTS (SELECT 1 FROM kernel_fact later
              WHERE later.chain_id = fact.chain_id AND later.recorded_at >= %s
                AND NOT kernel_is_a_proof(later.kind))
        GROUP BY 1 ORDER BY 1""",  # noqa: S608 — our own words
        [before],
    )
    return [row[0] for row in rows]


def _states_due(database: "psycopg.Connection[Any]", before: datetime) -> int:
    (lines,) = database.execute(
        """SELECT (SELECT count(*) FROM access_previous_state
            WHERE replaced_at < kernel_month_begins(kernel_month_of(%(before)s)))
          + (SELECT coalesce(sum(lines), 0) FROM kernel_archived('access_previous_state')
            WHERE month < kernel_month_of(%(before)s))""",
        {"before": before},
    ).fetchone() or (0,)
    return int(lines)


def _states_go(
    database: "psycopg.Connection[Any]", before: datetime, rule: str, now: datetime
) -> int:
    """Whole months: those that are here, those in an archive, and what had no month of its own."""
    with database.transaction():
        months = database.execute(
            """SELECT made FROM kernel_months_made('access_previous_state') AS made
            WHERE made < kernel_month_of(%(before)s)
            UNION SELECT month FROM kernel_archived('access_previous_state')
            WHERE month < kernel_month_of(%(before)s) ORDER BY 1""",
            {"before": before},
        ).fetchall()
        gone = sum(expire(database, "access_previous_state", month) for (month,) in months)
        gone += database.execute(
            """DELETE FROM access_previous_state
            WHERE replaced_at < kernel_month_begins(kernel_month_of(%s))""",
            [before],
        ).rowcount
        told = {"category": "states", "rule": rule, "count": gone, "before": before.isoformat()}
        database.execute(
            """SELECT kernel_append('access.states_purged', NULL, %s, 'job', '',
            '{"role": "retention"}', %s)""",
            [now, json.dumps(told)],
        )
    destroy(database, "access_previous_state", [month for (month,) in months])
    return gone


keeps(Category("trace", "lignes de trace", 180, _trace_due, _trace_goes))
keeps(
    Category(
        "thread", "contenus des fils endormis", 365, _threads_due, _threads_go, _threads_elsewhere
    )
)
keeps(Category("states", "états précédents", 365, _states_due, _states_go))
