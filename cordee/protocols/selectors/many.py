"""The threads of everybody on one version, as columns: matched by PostgreSQL, copied whole.

For the house alone, in a command or a job: what comes of it is counted, never shown.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from struct import unpack_from
from typing import Any, TypeVar, cast
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from psycopg import Cursor, sql

from cordee.access.sight import by_the_house
from cordee.protocols.models import Pathway, ProtocolVersion
from cordee.protocols.rules.columns import Facts, Ints, fields_of, patterns_of
from cordee.protocols.rules.many import Judged, judged_many
from cordee.protocols.rules.protocol import Pattern, Protocol
from cordee.protocols.selectors.threads import undoing
from cordee.protocols.vocabulary import is_told

HEAD, ARRAY = 19, 20  # bytes of a binary copy before its first row; of an array before its numbers
NUMBER = np.dtype([("", ">i4"), ("is", ">i8")])  # a length, then what it says
KEY = np.dtype([("", ">i4"), ("is", "V16")])
SINCE_2000 = 946_684_800_000_000  # PostgreSQL counts its moments from there
PART = 4096  # pathways judged at once: their columns stay near the processor
FEW = 2 * PART  # of whom one reader is enough
ROOM = "64MB"  # what one step of the query may keep in memory
SAID = {"oui": "true", "non": "false"}  # as JSON writes what a protocol says


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Many:
    """Pathways (sixteen bytes each), since when each counts, and the facts of their threads."""

    keys: Any
    entered: Ints
    facts: Facts

    def pathways(self, which: Any) -> list[UUID]:
        """Give the keys of some of them."""
        return [UUID(bytes=one.tobytes()) for one in self.keys[which]]


def judged_in_parts(
    version: ProtocolVersion,
    protocol: Protocol,
    now: int,
    tell: Callable[[Many, Judged], T],
    persons: Sequence[UUID] | None = None,
) -> list[T]:
    """Judge who is on a version, or some of them only, part after part; give what `tell` makes of
    each. Two sessions of the database at once, unless a transaction is open: it alone knows what
    it wrote. What is kept of everybody is what `tell` keeps."""

    def judge(half: dict[str, Any]) -> list[T]:
        return [
            tell(many, judged_many(protocol, many.facts, many.entered, now))
            for many in _threads_of(protocol, half)
        ]

    halves = _halves(version, persons)
    if connection.in_atomic_block or len(halves) == 1:
        return [one for half in halves for one in judge(half)]
    with ThreadPoolExecutor(len(halves)) as pool:
        return [one for found in pool.map(partial(_apart, judge), halves) for one in found]


@by_the_house
def _apart(judge: Callable[[dict[str, Any]], list[T]], half: dict[str, Any]) -> list[T]:
    """Judge by a session of its own, in a thread. By the house: nobody told it who reads."""
    try:
        return judge(half)
    finally:
        connection.close()


def _halves(version: ProtocolVersion, persons: Sequence[UUID] | None) -> list[dict[str, Any]]:
    """Share the pathways of a version between two readers: each gets the keys it begins and ends
    with, and the persons that were asked for. One query."""
    half = {"version": version.pk, "first": UUID(int=0), "next": None, "persons": None}
    if persons is not None:
        middle = len(persons) // 2 if len(persons) > FEW else 0
        shares = [persons[:middle], persons[middle:]] if middle else [persons]
        return [half | {"persons": list(share)} for share in shares]
    followed = Pathway.objects.open().filter(followed=version).order_by("pk")
    count = followed.count()
    if count <= FEW:
        return [half]
    middle = followed.values_list("pk", flat=True)[count // 2]
    return [half | {"next": middle}, half | {"first": middle}]


def _threads_of(protocol: Protocol, half: dict[str, Any]) -> Iterator[Many]:
    """Read threads, some thousands at a time. One query, for the house.

    What was written by mistake, and taken back since, is left out, as in `happenings_of`."""
    fields = fields_of(protocol)
    for keys, *columns in _copied(_query(protocol, fields), half):
        entered, place, at, number, met, *about = (
            _array(one, NUMBER).astype(np.int64) for one in columns
        )
        said = dict(zip(fields, about, strict=True))
        facts = Facts.sorted(place, at + SINCE_2000, number, met, said)
        yield Many(_array(keys, KEY), entered + SINCE_2000, facts)


def _array(content: bytes | None, of: Any) -> Any:
    """Read an array as PostgreSQL sends it: one view, nothing copied."""
    if content is None:
        return np.empty(0, dtype=of)["is"]
    return np.frombuffer(content, dtype=of, offset=ARRAY)["is"]


def _copied(query: sql.Composed, given: dict[str, Any]) -> Iterator[list[bytes | None]]:
    """Copy rows of bytes: each a count of columns, then a length and what it says."""
    with transaction.atomic(), connection.cursor() as wrapped:
        wrapped.execute("SELECT set_config('work_mem', %s, true)", [ROOM])
        cursor = cast("Cursor[Any]", wrapped.cursor)
        asked = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(query)
        with cursor.copy(asked, given) as out:
            for part in out:
                content = bytes(part)
                yield from _row(content[HEAD:] if content.startswith(b"PGCOPY") else content)


def _row(content: bytes) -> Iterator[list[bytes | None]]:
    """Read one row; none at the end of the copy, which is a row of -1 columns."""
    if len(content) < 2 or (count := unpack_from(">h", content)[0]) < 0:
        return
    found: list[bytes | None] = []
    at = 2
    for _ in range(count):
        (length,) = unpack_from(">i", content, at)
        at += 4
        found.append(content[at : at + length] if length >= 0 else None)
        at += max(length, 0)
    yield found


def _query(protocol: Protocol, fields: tuple[str, ...]) -> sql.Composed:
    """Ask which patterns each line meets, in bits; its content is read where a protocol asks."""
    kinds = [kind for kind in protocol.places if is_told(kind)]
    undone = undoing(kinds)
    told = {one.kind for one in patterns_of(protocol) if one.where} | set(undone.values())
    for rule in protocol.constraints:
        spoken = (*rule.after, *rule.facts, *rule.unless) if rule.for_each else ()
        told |= {one.kind for one in spoken}
    names = [sql.Identifier(f"about{rank}") for rank in range(len(fields))]
    hashed = sql.SQL(", hashtextextended(content.data->>{}, 0) AS {}")
    sent = sql.SQL(", array_send(array_agg(coalesce(said.{}, 0)))")
    return sql.SQL(_LINES).format(
        spoken=_spoken(protocol, kinds, told),
        part=sql.Literal(PART),
        undoing=sql.Literal(list(undone)),
        undone=sql.Literal(list(undone.values())),
        met=_met_by_content(protocol),
        about=sql.SQL("").join(
            hashed.format(sql.Literal(field), name)
            for field, name in zip(fields, names, strict=True)
        ),
        sent=sql.SQL("").join(sent.format(name) for name in names),
    )


# A part of the pathways after another: nothing is sorted, nothing waits for the last of them, and
# the lines of each person are read once. `asked` is empty where no content is asked for: PostgreSQL
# then looks for none, and what is undone is looked up in a table made once (it stays an `IN`).
_LINES = """
    WITH chosen AS MATERIALIZED (
        SELECT row_number() OVER (ORDER BY id) - 1 AS place, id, person_id, entered_at
        FROM protocols_pathway WHERE followed_id = %(version)s AND left_at IS NULL
            AND id >= %(first)s AND (%(next)s::uuid IS NULL OR id < %(next)s::uuid)
            AND (%(persons)s::uuid[] IS NULL OR person_id = ANY (%(persons)s::uuid[]))
    ), whose AS (
        SELECT place, person_id AS chain, id, entered_at FROM chosen
        UNION ALL SELECT place, absorbed.id, NULL, NULL FROM chosen
            JOIN people_person absorbed ON absorbed.merged_into_id = chosen.person_id
    ), part AS MATERIALIZED (
        SELECT array_agg(id ORDER BY place) FILTER (WHERE id IS NOT NULL) AS ids,
            array_agg(entered_at ORDER BY place) FILTER (WHERE id IS NOT NULL) AS entered,
            array_agg(place %% {part} ORDER BY place) AS places,
            array_agg(chain ORDER BY place) AS chains
        FROM whose GROUP BY place / {part}
    ), undone AS MATERIALIZED (
        SELECT ({undone}::text[])[array_position({undoing}::text[], line.kind)] AS kind,
            said.subject
        FROM kernel_fact line JOIN kernel_fact_content said
            ON said.fact_id = line.id AND said.recorded_at = line.recorded_at
        WHERE line.kind = ANY ({undoing}::text[])
    )
    SELECT array_send(part.ids), array_send(part.entered), line.* FROM part CROSS JOIN LATERAL (
        SELECT array_send(array_agg(whose.place)), array_send(array_agg(fact.happened_at)),
            array_send(array_agg(fact.id)),
            array_send(array_agg(spoken.met | coalesce(said.met, 0))){sent}
        FROM unnest(part.places, part.chains) AS whose (place, chain)
        JOIN kernel_fact fact ON fact.chain_id = whose.chain
        JOIN (VALUES {spoken}) AS spoken (kind, met, told) ON spoken.kind = fact.kind
        LEFT JOIN LATERAL (
            SELECT {met} AS met{about},
                (fact.kind, content.subject) IN (SELECT kind, subject FROM undone) AS undone
            FROM (SELECT fact.id WHERE spoken.told OFFSET 0) AS asked (id)
            JOIN kernel_fact_content content
                ON content.recorded_at = fact.recorded_at AND content.fact_id = asked.id
        ) AS said ON true
        WHERE said.undone IS NOT TRUE
    ) AS line
"""


def _spoken(protocol: Protocol, kinds: list[str], told: set[str]) -> sql.Composed:
    """Say of each kind the bits of those patterns that ask nothing of its content, and whether
    its content is read."""
    known = patterns_of(protocol)
    plain = {
        kind: sum(1 << rank for rank, one in enumerate(known) if one.kind == kind and not one.where)
        for kind in kinds or [""]  # no line is of no kind
    }
    return sql.SQL(", ").join(
        sql.SQL("({}, {}::int8, {})").format(
            sql.Literal(kind), sql.Literal(bits), sql.Literal(kind in told)
        )
        for kind, bits in plain.items()
    )


def _met_by_content(protocol: Protocol) -> sql.Composed:
    """Say the bits of the patterns that ask something of the content of a line."""
    parts: list[sql.Composable] = [
        _met(1 << rank, one) for rank, one in enumerate(patterns_of(protocol)) if one.where
    ]
    return sql.SQL(" | ").join(parts or [sql.SQL("0::int8")])


def _met(bit: int, one: Pattern) -> sql.Composed:
    """Give a bit to the lines that meet a pattern: `Pattern.meets`, as PostgreSQL says it."""
    asked = [sql.SQL("fact.kind = {}").format(sql.Literal(one.kind))]
    for field, codes in one.where:
        wanted = sql.Literal([SAID.get(code, code) for code in codes])
        asked.append(
            sql.SQL("(content.data->>{0} = ANY ({1}) OR content.data->{0} ?| {1})").format(
                sql.Literal(field), wanted
            )
        )
    return sql.SQL("CASE WHEN {} THEN {}::int8 ELSE 0 END").format(
        sql.SQL(" AND ").join(asked), sql.Literal(bit)
    )
