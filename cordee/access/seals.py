"""Sealing the trace, and proving it as far as the seal reaches."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from django.db import connection

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.archives import destroy, expire
from cordee.access.facts import SealsReached
from cordee.kernel.facts import publish
from cordee.kernel.heads import SignedHeads
from cordee.kernel.thread import Judgement, room_chain, verify

FAULTS = {
    "link_broken": "un sceau manque ou ne suit pas le précédent",
    "seal_altered": "un sceau a été modifié",
    "line_missing": "une ligne scellée a disparu",
    "line_altered": "une ligne scellée a été modifiée",
    "line_added": "une ligne a été ajoutée après coup",
    "tail_cut": "un sceau noté dans le fil n’existe plus, ou a été refait",
}
MAY_GROW = timedelta(days=40)  # a month whose last seal is older has been told already


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
    """How far the seal reaches, and what is wrong before that; the chains of the rooms that say
    what left, which are believed only whole."""

    told: list[Judgement]
    sealed: int = 0
    unsealed: int = 0
    months: list[date] = field(default_factory=list)
    faults: list[SealFault] = field(default_factory=list)
    purged: dict[date, str] = field(default_factory=dict)
    archived: dict[date, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether every sealed line is there, as it was."""
        return not self.faults and all(one.holds for one in self.told)


def seal_pending() -> int:
    """Seal every line that no transaction under way can precede. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_seal()")
        return int(cursor.fetchone()[0])


@action("access.tell_seals", on=None)
def tell_seals(*, actor: Actor, now: datetime) -> None:
    """Write the last seal of each month and slice in the thread, whose head leaves signed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (month, shard)
                format('%%s/%%s/%%s/%%s', month, shard, number, encode(hash, 'hex'))
            FROM access_seal WHERE month >= date_trunc('month', %s::timestamptz)
            ORDER BY month, shard, number DESC""",
            [now - MAY_GROW],
        )
        seals = [row[0] for row in cursor.fetchall()]
    if seals:
        publish(SealsReached(seals=seals))


def verify_trace(*, heads: SignedHeads | None = None) -> TraceVerdict:
    """Recompute every seal and every sealed line, and the chains of what the rooms say of them."""
    rooms = (SealsReached.kind, "kernel.month_archived")
    verdict = TraceVerdict([verify(room_chain(kind), heads=heads) for kind in rooms])
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
        cursor.execute("SELECT data FROM access_told('access.trace_purged')")
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

    `database` is a connection of the retention role: no other may delete a line. A month that is
    closed goes in one stroke, from the base or from its archive. Raises ValueError without a rule.
    """
    if not rule.strip():
        raise ValueError("a purge says its rule")
    whole = [month for month in months if _is_closed(database, month)]
    others = [month for month in months if month not in whole]
    told = {"category": "trace", "months": [f"{month}" for month in months], "rule": rule}
    with database.transaction():
        removed = database.execute(
            """DELETE FROM access_trace WHERE kernel_month_of(at) = ANY (%s)
            AND id IN (SELECT unnest(line_ids) FROM access_seal WHERE month = ANY (%s))""",
            [others, others],
        ).rowcount
        database.execute(
            """SELECT kernel_append('access.trace_purged', NULL, now(), 'job', '',
            '{"role": "retention"}', %s)""",
            [json.dumps(told)],
        )
        # Last, because from there on whoever reads a page waits for the commit.
        removed += sum(expire(database, "access_trace", month) for month in whole)
    destroy(database, "access_trace", whole)
    return removed


def _is_closed(database: "psycopg.Connection[Any]", month: date) -> bool:
    """Whether a month has its part or its archive, is over and sealed to its last line: it can go
    in one stroke."""
    row = database.execute(
        """SELECT %(month)s < kernel_month_of(now()) AND access_unsealed_in(%(month)s) = 0
        AND (%(month)s IN (SELECT kernel_months_made('access_trace'))
             OR %(month)s IN (SELECT month FROM kernel_archived('access_trace')))""",
        {"month": month},
    ).fetchone()
    return bool(row and row[0])
