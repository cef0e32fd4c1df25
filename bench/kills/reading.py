"""What the house holds, read beside it by the owner of the machine."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from bench.kills.history import Held, Message, Request, Search

OWED = """SELECT id::text AS pk, version, (SELECT count(*) FROM intake_telling
        WHERE request_id = request.id) AS told
    FROM intake_carerequest request WHERE told_at IS NULL AND (state IN ('found', 'confirmed')
        OR state = 'qualified' AND cardinality(proposals) > 0) ORDER BY id"""
OPENED = """SELECT draft.id::text, link.request_id::text FROM intake_statuslink link
    JOIN intake_draft draft ON draft.request_id = link.request_id WHERE link.secret_hash = %s"""
SETTLED = """SELECT id::text FROM intake_carerequest
    WHERE told_at IS NOT NULL AND state IN ('found', 'confirmed', 'qualified')"""
# What is still moving: nothing here, and the journeys are over.
MOVING = """SELECT
    (SELECT count(*) FROM intake_carerequest WHERE told_at IS NULL
        OR state NOT IN ('found', 'confirmed', 'qualified')) AS requests,
    (SELECT count(*) FROM messaging_message WHERE state IN ('queued', 'sending', 'sent'))
        AS messages,
    (SELECT count(*) FROM procrastinate_jobs WHERE queue_name IN ('facts', 'broker') AND
        (status = 'doing' OR status = 'todo' AND coalesce(scheduled_at, now()) <= now())) AS jobs"""
REQUESTS = """SELECT id::text, state, told_at IS NOT NULL AS is_told,
    (SELECT count(*) FROM intake_telling WHERE request_id = request.id) AS told,
    (SELECT count(*) FROM messaging_message WHERE template = 'intake.received'
        AND origin = 'intake/request/' || request.id) AS acknowledged,
    (SELECT count(*) FROM kernel_fact_content content JOIN kernel_fact fact
        ON fact.id = content.fact_id WHERE fact.kind = 'intake.request_received'
        AND fact.thread_id IS NOT NULL  -- what comes online is said once more, about nobody yet
        AND content.data ->> 'request_id' = request.id::text) AS received,
    ARRAY(SELECT kind FROM pathways_task WHERE state = 'open'
        AND origin = 'intake/request/' || request.id ORDER BY kind) AS open_tasks,
    ARRAY(SELECT id::text FROM broker_solicitation
        WHERE origin = 'intake/request/' || request.id) AS searches
    FROM intake_carerequest request"""
SEARCHES = """SELECT search.id::text, search.state,
    count(*) FILTER (WHERE answer = 'accepted') AS winners,
    count(*) FILTER (WHERE answer = 'held') AS held,
    (SELECT count(*) FROM kernel_fact_content content JOIN kernel_fact fact
        ON fact.id = content.fact_id WHERE fact.kind = 'broker.solicitation_filled'
        AND content.data ->> 'solicitation_id' = search.id::text) AS filled,
    count(*) FILTER (WHERE answer = 'accepted' AND EXISTS (SELECT FROM people_circlemember member
        WHERE member.person_id = search.person_id
        AND member.practitioner_id = invitation.practitioner_id AND member.until IS NULL))
        AS joined
    FROM broker_solicitation search LEFT JOIN broker_invitation invitation
        ON invitation.solicitation_id = search.id GROUP BY search.id"""
ALIKE = """SELECT encode(invitation.link_hash, 'hex'), array_agg(encode(other.link_hash, 'hex'))
    FROM broker_invitation invitation JOIN broker_solicitation search
        ON search.id = invitation.solicitation_id
    JOIN broker_solicitation same ON same.origin = search.origin
    JOIN broker_invitation other ON other.solicitation_id = same.id
        AND other.practitioner_id = invitation.practitioner_id GROUP BY 1"""
DOUBT_OVER = """UPDATE messaging_message SET sending_since = sending_since - interval '5 min'
    WHERE state = 'sending' AND sending_since < now() - interval '20 s'"""


@dataclass
class Eye:
    """Looks at the house while it lives, and once it has stopped."""

    url: str

    async def owed(self) -> list[Any]:
        """List the requests whose outcome is still to be told."""
        return await asyncio.to_thread(self._rows, OWED)

    async def opened_by(self, hashed: str) -> tuple[str, str]:
        """Return the draft and the request that a status link opens."""
        rows = await asyncio.to_thread(self._rows, OPENED, [bytes.fromhex(hashed)])
        return rows[0][0], rows[0][1]

    async def settled(self) -> set[str]:
        """List the requests whose outcome was told."""
        return {row.id for row in await asyncio.to_thread(self._rows, SETTLED)}

    async def moving(self) -> dict[str, int]:
        """Count what is still moving."""
        (row,) = await asyncio.to_thread(self._rows, MOVING)
        return {name: count for name, count in row._asdict().items() if count}

    def let_doubt_pass(self) -> None:
        """Let the two minutes of a text in doubt pass at once."""
        with psycopg.connect(self.url) as database:
            database.execute("""SELECT set_config('cordee.gesture', '{"verb": "bench"}', true)""")
            database.execute(DOUBT_OVER)

    def held(self, pieces: dict[tuple[str, int], int], stopped: datetime) -> Held:
        """Read everything, once the house has been told to stop (aware moment)."""
        return Held(
            requests={row.id: _request(row) for row in self._rows(REQUESTS)},
            drafts=dict(self._rows("SELECT id::text, request_id::text FROM intake_draft")),
            searches={row.id: Search(*row[1:]) for row in self._rows(SEARCHES)},
            answers=dict(
                self._rows("SELECT encode(link_hash, 'hex'), answer FROM broker_invitation")
            ),
            alike=dict(self._rows(ALIKE)),
            asked=dict(
                self._rows(
                    """SELECT 'broker/invitation/' || id, encode(link_hash, 'hex')
                    FROM broker_invitation WHERE channel = 'text'"""
                )
            ),
            messages=tuple(self._messages(pieces)),
            texts={(row[0], row[1]): row[2] for row in self._rows(_TEXTS)},
            jobs=self.left(stopped),
        )

    def left(self, stopped: datetime) -> Counter[str]:
        """Count by state the jobs that nobody took though they were due when the house stopped.

        What became due as it stopped is the first thing it does when it is back: nobody's fault.
        """
        return Counter(dict(self._rows(_JOBS, [stopped - TAKEN])))

    def _messages(self, pieces: dict[tuple[str, int], int]) -> Iterator[Message]:
        for row in self._rows(_MESSAGES):
            pieces_of_it = pieces.get((row.to, row.reference), 1)
            yield Message(row.about, row.to, row.reference, pieces_of_it, row.state, row.reason)

    def _rows(self, query: str, values: list[Any] | None = None) -> list[Any]:
        with psycopg.connect(self.url, row_factory=namedtuple_row) as database:
            return database.execute(query, values).fetchall()


_TEXTS = "SELECT sender, text, count(*) FROM messaging_inboundtext GROUP BY 1, 2"
TAKEN = timedelta(seconds=10)  # a worker asks each second for what is due
_JOBS = """SELECT status::text, count(*) FROM procrastinate_jobs job,
    LATERAL (SELECT coalesce(scheduled_at, (SELECT min(at) FROM procrastinate_events
        WHERE job_id = job.id)) AS at) due
    WHERE status = 'failed' OR queue_name IN ('facts', 'broker')
    AND (status = 'doing' OR status = 'todo' AND due.at <= %s) GROUP BY 1"""
_MESSAGES = """SELECT origin || ' ' || template AS about, "to", reference::int, state, reason
    FROM messaging_message WHERE channel = 'sms' ORDER BY created_at"""


def _request(row: Any) -> Request:
    return Request(
        state=row.state,
        told=row.told,
        acknowledged=row.acknowledged,
        is_told=row.is_told,
        received=row.received,
        open_tasks=tuple(row.open_tasks),
        searches=tuple(row.searches),
    )


def pieces_of(submitted: list[Any]) -> dict[tuple[str, int], int]:
    """Count the pieces that each text announces in its header."""
    found: defaultdict[tuple[str, int], int] = defaultdict(lambda: 1)
    for taken in submitted:
        total = taken.data[4] if taken.esm_class & 0x40 else 1
        found[f"+{taken.to}", taken.reference] = total
    return dict(found)
