"""What the detector remembers of persons, read under its lock and written again: two queries, one.

Judging a sending of a phone reads and writes it once, whatever the visits.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

import orjson

from cordee.kernel.prepared import run
from cordee.vigilance.models import Watch
from cordee.vigilance.rules.limits import USUAL

BEGIN = """INSERT INTO vigilance_watch (id, person_id, numbers, drop_limit, decline_limit)
    SELECT person, person, '{}', %s, %s FROM unnest(%s::uuid[]) AS person
    ORDER BY person ON CONFLICT DO NOTHING"""
HOLD = """SELECT id, person_id, numbers, latest_at, drop_limit, decline_limit FROM vigilance_watch
    WHERE id = ANY (%s::uuid[]) ORDER BY id FOR UPDATE"""
WRITE = """UPDATE vigilance_watch AS kept SET numbers = told.numbers, latest_at = told.latest_at
    FROM json_to_recordset(%s) AS told(id uuid, numbers float8[], latest_at timestamptz)
    WHERE kept.id = told.id"""
COLUMNS = ("id", "person_id", "numbers", "latest_at", "drop_limit", "decline_limit")


def remembered(persons: Collection[UUID]) -> dict[UUID, Watch]:
    """Lock what is remembered of each person, in one order; new ones begin. Two queries."""
    keys = sorted(persons)
    run(BEGIN, [USUAL.drop, USUAL.decline, keys])
    found = [Watch(**dict(zip(COLUMNS, row, strict=True))) for row in run(HOLD, [keys])]
    return {one.pk: one for one in found}


def remember(watches: Iterable[Watch]) -> None:
    """Write what is remembered now, to the bit. One query."""
    told = [{"id": one.pk, "numbers": one.numbers, "latest_at": one.latest_at} for one in watches]
    run(WRITE, [orjson.dumps(told).decode()])
