"""Sealing the trace, and proving it as far as the seal reaches."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import psycopg
from django.db import connection

FAULTS = {
    "link_broken": "un sceau manque ou ne suit pas le précédent",
    "seal_altered": "un sceau a été modifié",
    "line_missing": "une ligne scellée a disparu",
    "line_altered": "une ligne scellée a été modifiée",
    "line_added": "une ligne a été ajoutée après coup",
}


@dataclass(frozen=True)
class SealFault:
    """What is wrong, in which month, slice and seal, and at which line when it is one."""

    month: date
    shard: int
    number: int | None
    line_id: int | None
    fault: str


@dataclass
class TraceVerdict:
    """How far the seal reaches, and what is wrong before that."""

    sealed: int = 0
    unsealed: int = 0
    months: list[date] = field(default_factory=list)
    faults: list[SealFault] = field(default_factory=list)
    purged: dict[date, str] = field(default_factory=dict)
    archived: dict[date, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether every sealed line is there, as it was."""
        return not self.faults


def seal_pending() -> int:
    """Seal every line that no transaction under way can precede. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_seal()")
        return int(cursor.fetchone()[0])


def verify_trace() -> TraceVerdict:
    """Recompute every seal and every sealed line."""
    verdict = TraceVerdict()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM access_faults()")
        verdict.faults = [SealFault(*row) for row in cursor.fetchall()]
        cursor.execute(
            """SELECT coalesce(sum(cardinality(line_ids)), 0),
                (SELECT count(*) FROM access_trace WHERE transaction_id >=
                    (SELECT coalesce(max(until_transaction), 0) FROM access_seal)),
                coalesce(array_agg(DISTINCT month ORDER BY month), '{}')
            FROM access_seal"""
        )
        verdict.sealed, verdict.unsealed, verdict.months = cursor.fetchone()
        cursor.execute(
            """SELECT content.data FROM kernel_fact fact
            JOIN kernel_fact_content content
                ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
            WHERE fact.kind = 'access.trace_purged' ORDER BY fact.id"""
        )
        for (data,) in cursor.fetchall():
            line = json.loads(data) if isinstance(data, str) else data
            for month in line["months"]:
                verdict.purged[date.fromisoformat(month)] = line["rule"]
        cursor.execute("SELECT month, file FROM kernel_archived('access_trace') ORDER BY month")
        verdict.archived = dict(cursor.fetchall())
    return verdict


def last_sealed_at() -> datetime | None:
    """When the last seal was put: cheap, for a screen. The proof itself is `verify_trace`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed_at FROM access_seal ORDER BY id DESC LIMIT 1")
        row = cursor.fetchone()
    return row[0] if row else None


def purge_months(database: "psycopg.Connection[Any]", months: list[date], *, rule: str) -> int:
    """Remove whole sealed months, as the retention role, and say so. Returns how many lines.

    `database` is a connection of the retention role: no other may delete a line.
    """
    with database.transaction():
        removed = database.execute(
            """DELETE FROM access_trace WHERE kernel_month_of(at) = ANY (%s)
            AND id IN (SELECT unnest(line_ids) FROM access_seal WHERE month = ANY (%s))""",
            [months, months],
        ).rowcount
        database.execute(
            """SELECT kernel_append('access.trace_purged', NULL, now(), 'job', '',
            '{"role": "retention"}', %s)""",
            [json.dumps({"months": [month.isoformat() for month in months], "rule": rule})],
        )
    return removed
