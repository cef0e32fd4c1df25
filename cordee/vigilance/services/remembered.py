"""What the detector remembers of persons, read under its lock by one query, written again by one.

Judging a sending of a phone reads and writes it once, whatever the visits.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

import orjson

from cordee.kernel.prepared import run
from cordee.vigilance.models import Watch
from cordee.vigilance.rules.limits import USUAL

HELD = "id, person_id, numbers, latest_at, drop_limit, decline_limit"
HOLD = f"""WITH asked AS (SELECT unnest(%s::uuid[]) AS person), begun AS (
    INSERT INTO vigilance_watch (id, person_id, numbers, drop_limit, decline_limit)
    SELECT person, person, '{{}}', %s, %s FROM asked
    ORDER BY person ON CONFLICT DO NOTHING RETURNING {HELD}
), held AS (
    SELECT {HELD} FROM vigilance_watch WHERE id IN (SELECT person FROM asked)
    ORDER BY id FOR UPDATE
) TABLE begun UNION ALL TABLE held"""  # noqa: S608
WRITE = """UPDATE vigilance_watch AS kept SET numbers = told.numbers, latest_at = told.latest_at
    FROM json_to_recordset(%s) AS told(id uuid, numbers float8[], latest_at timestamptz)
    WHERE kept.id = told.id"""


def remembered(persons: Collection[UUID]) -> dict[UUID, Watch]:
    """Lock what is remembered of each person, in one order; new ones begin. One query.

    Another, when somebody else began one meanwhile: it came too late to be read with the others.
    """
    asked = [sorted(persons), USUAL.drop, USUAL.decline]
    rows = run(HOLD, asked)
    if len(rows) < len(persons):
        rows = run(HOLD, asked)
    columns = HELD.split(", ")
    found = [Watch(**dict(zip(columns, row, strict=True))) for row in rows]
    return {one.pk: one for one in found}


def remember(watches: Iterable[Watch]) -> None:
    """Write what is remembered now, to the bit. One query."""
    told = [{"id": one.pk, "numbers": one.numbers, "latest_at": one.latest_at} for one in watches]
    run(WRITE, [orjson.dumps(told).decode()])
