"""The latest lines of threads, read without a record for each: a person’s page opens on them."""

from collections.abc import Collection
from datetime import datetime
from json import loads
from typing import Any, NamedTuple
from uuid import UUID

from cordee.kernel.models import FactHeader
from cordee.kernel.prepared import run
from cordee.people.policy import Tellable

Words = dict[str, Any]


class Told(NamedTuple):
    """Who wrote a line, and what it says."""

    actor: Words
    data: Words


class Latest(NamedTuple):
    """A line as `people_thread_lines` gives it; its content, unless it is not here."""

    pk: int
    kind: str
    thread_id: UUID
    happened_at: datetime
    recorded_at: datetime
    origin: str
    told: Told | None


Row = FactHeader | Latest
_LATEST = """SELECT * FROM people_thread_lines(
    %s::uuid[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s)"""


def latest(threads: Collection[UUID], known: Tellable, count: int) -> list[Latest]:
    """Read the latest lines: what the tables show one by one, the second lock asked once for a
    category. One query, planned once."""
    asked = [list(threads), list(known.categories), list(known.kinds), known.but, list(known.own)]
    return [
        Latest._make([*header, None if actor is None else Told(loads(actor), loads(data))])
        for *header, actor, data in run(_LATEST, [*asked, count])
    ]


def parts(row: Row) -> tuple[Words, Words]:
    """Who wrote a line, and what it says; nothing where its content is not here."""
    content = getattr(row, "told", None)
    return (content.actor, content.data) if content is not None else ({}, {})
