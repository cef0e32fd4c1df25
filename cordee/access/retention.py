"""Removing what its time has come for, as the retention role, and saying so under which rule.

How long is kept is the controller's decision (no figure here): the law sets 20 years for health
establishments (CSP, art. R.1112-7) and none for coordination; CNIL's 2021 recommendation on logs
speaks of months to years. The rule is therefore given, in words, each time.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import psycopg
from django.utils import timezone

from cordee.access.seals import purge_months


@dataclass(frozen=True)
class Expired:
    """What would go: whole sealed months of the trace, contents of threads long asleep."""

    months: list[date]
    trace_lines: int
    fact_ids: list[int]


def expired(database: "psycopg.Connection[Any]", before: date) -> Expired:
    """What is older than a day: months of trace that ended before it, and threads in which nothing
    has been written since. Already purged lines are not counted again."""
    moment = _midnight(before)
    months = [
        row[0]
        for row in database.execute(
            """SELECT DISTINCT month FROM access_seal
            WHERE month + interval '1 month' <= %s ORDER BY month""",
            [before],
        )
    ]
    (lines,) = database.execute(
        """SELECT count(*) FROM access_trace
        WHERE kernel_month_of(at) = ANY (%s)""",
        [months],
    ).fetchone() or (0,)
    facts = database.execute(
        """SELECT fact.id FROM kernel_fact fact
        JOIN kernel_fact_content content
            ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
        WHERE fact.thread_id IS NOT NULL AND fact.kind NOT LIKE '%%\\_purged'
          AND NOT EXISTS (SELECT 1 FROM kernel_fact later
              WHERE later.chain_id = fact.chain_id AND later.recorded_at >= %s
                AND later.kind NOT LIKE '%%\\_purged')
        ORDER BY fact.id""",
        [moment],
    )
    return Expired(months if lines else [], lines, [row[0] for row in facts])


def remove(database: "psycopg.Connection[Any]", what: Expired, *, rule: str, now: datetime) -> None:
    """Remove it in one transaction, each thread told. Needs the retention role."""
    with database.transaction():
        if what.months:
            purge_months(database, what.months, rule=rule)
        if what.fact_ids:
            database.execute(
                "SELECT kernel_purge(%s, 'thread', %s, %s)", [what.fact_ids, rule, now]
            )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
