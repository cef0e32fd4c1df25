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
IDS, RANKS = 45, 6  # bits of the number of a line and of the rank of its kind; its place is above
BY_SETS = {  # PostgreSQL guesses ten of whatever a list holds: it would then go one by one
    "work_mem": "64MB",  # what one step of the query may keep in memory
    "enable_nestloop": "off",
    "enable_memoize": "off",
    "max_parallel_workers_per_gather": "0",  # there are two readers already
}
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
        return [one for found in pool.map(partial(_in_a_thread, judge), halves) for one in found]


def _in_a_thread(judge: Callable[[dict[str, Any]], list[T]], half: dict[str, Any]) -> list[T]:
    """Judge in a thread, whose session is given back once it reads for nobody again."""
    try:
        return _apart(judge, half)
    finally:
        connection.close()


@by_the_house
def _apart(judge: Callable[[dict[str, Any]], list[T]], half: dict[str, Any]) -> list[T]:
    """Judge by a session of its own. By the house: nobody told it who reads."""
    return judge(half)


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
    fields, plain = fields_of(protocol), np.array(list(_plain(protocol).values()))
    for keys, entered, *columns in _copied(_query(protocol, fields), half):
        alone, alone_at, asked, asked_at, met, *about = map(_numbers, columns)
        line, at = np.concatenate([alone, asked]), np.concatenate([alone_at, asked_at])
        said = {
            field: np.concatenate([np.zeros_like(alone), one])
            for field, one in zip(fields, about, strict=True)
        }
        patterns = plain[line >> IDS & (1 << RANKS) - 1]
        patterns[len(alone) :] |= met
        number, place = line & (1 << IDS) - 1, line >> IDS + RANKS
        facts = Facts.sorted(place, at + SINCE_2000, number, patterns, said)
        yield Many(_array(keys, KEY), _numbers(entered) + SINCE_2000, facts)


def _numbers(content: bytes | None) -> Ints:
    """Read an array of whole numbers or of moments."""
    found: Ints = _array(content, NUMBER).astype(np.int64)
    return found


def _array(content: bytes | None, of: Any) -> Any:
    """Read an array as PostgreSQL sends it: one view, nothing copied."""
    if content is None:
        return np.empty(0, dtype=of)["is"]
    return np.frombuffer(content, dtype=of, offset=ARRAY)["is"]


def _copied(query: sql.Composed, given: dict[str, Any]) -> Iterator[list[bytes | None]]:
    """Copy rows of bytes: each a count of columns, then a length and what it says. Nothing is
    written: what is set for it goes as it is rolled back, for who reads within a transaction."""
    settings = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in BY_SETS)
    with transaction.atomic(), connection.cursor() as wrapped:
        wrapped.execute(settings, list(BY_SETS.values()))
        cursor = cast("Cursor[Any]", wrapped.cursor)
        asked = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(query)
        with cursor.copy(asked, given) as out:
            for part in out:
                content = bytes(part)
                yield from _row(content[HEAD:] if content.startswith(b"PGCOPY") else content)
        transaction.set_rollback(True)


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


def _plain(protocol: Protocol) -> dict[str, int]:
    """Say, of each kind that counts, the bits of those patterns that ask nothing of its content.

    A kind has a pattern at least, and a column tells 62 of them apart: its rank fits in RANKS."""
    known = patterns_of(protocol)
    return {
        kind: sum(1 << rank for rank, one in enumerate(known) if one.kind == kind and not one.where)
        for kind in [kind for kind in protocol.places if is_told(kind)] or [""]
    }  # no line is of no kind


def _query(protocol: Protocol, fields: tuple[str, ...]) -> sql.Composed:
    """Ask which patterns each line meets, in bits; its content is read where a protocol asks."""
    ranks = {kind: rank for rank, kind in enumerate(_plain(protocol))}
    undone = undoing(list(ranks))
    told = {one.kind for one in patterns_of(protocol) if one.where} | set(undone.values())
    for rule in protocol.constraints:
        spoken = (*rule.after, *rule.facts, *rule.unless) if rule.for_each else ()
        told |= {one.kind for one in spoken}
    hashed = sql.SQL(", array_send(array_agg(coalesce(hashtextextended(content.data->>{}, 0), 0)))")
    return sql.SQL(_LINES).format(
        spoken=sql.SQL(", ").join(
            sql.SQL("({}, {}::int8, {})").format(
                sql.Literal(kind), sql.Literal(rank << IDS), sql.Literal(kind in told)
            )
            for kind, rank in ranks.items()
        ),
        part=sql.Literal(PART),
        above=sql.Literal(IDS + RANKS),
        ids=sql.Literal(IDS),
        kinds=sql.Literal((1 << RANKS) - 1),
        numbers=sql.Literal((1 << IDS) - 1),
        undoing=sql.Literal(list(undone)),
        undone=sql.Literal([ranks[kind] for kind in undone.values()]),
        met=_met_by_content(protocol, ranks),
        about=sql.SQL("").join(hashed.format(sql.Literal(field)) for field in fields),
    )


# A part of the pathways after another, so that nothing waits for the last of them; all the lines of
# a part by one walk of the index of chains, their pages in order, each read once, then the contents
# that are asked for by one walk as well. A line is one number (place, rank of its kind, its own):
# each column costs as much as finding the line. A content is joined by its number alone: one line
# has one content.
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
        SELECT ({undone}::int8[])[array_position({undoing}::text[], line.kind)] AS rank,
            said.subject
        FROM kernel_fact line JOIN kernel_fact_content said ON said.fact_id = line.id
        WHERE line.kind = ANY ({undoing}::text[]) AND said.fact_id = ANY (
            ARRAY(SELECT id FROM kernel_fact WHERE kind = ANY ({undoing}::text[])))
    )
    SELECT array_send(part.ids), array_send(part.entered),
        array_send(heard.alone), array_send(heard.alone_at), said.*
    FROM part CROSS JOIN LATERAL (
        SELECT array_agg(line) FILTER (WHERE NOT told) AS alone,
            array_agg(happened_at) FILTER (WHERE NOT told) AS alone_at,
            array_agg(line) FILTER (WHERE told) AS asked,
            array_agg(happened_at) FILTER (WHERE told) AS asked_at,
            array_agg(id) FILTER (WHERE told) AS ids
        FROM (
            SELECT whose.place << {above} | spoken.rank | fact.id AS line,
                fact.happened_at, fact.id, spoken.told
            FROM unnest(part.places, part.chains) AS whose (place, chain)
            JOIN kernel_fact fact ON fact.chain_id = whose.chain
            JOIN (VALUES {spoken}) AS spoken (kind, rank, told) ON spoken.kind = fact.kind
            WHERE fact.chain_id = ANY (part.chains)
        ) AS known OFFSET 0
    ) AS heard CROSS JOIN LATERAL (
        SELECT array_send(array_agg(asked.line)), array_send(array_agg(asked.happened_at)),
            array_send(array_agg({met})){about}
        FROM (
            SELECT line, happened_at, line & {numbers} AS id, line >> {ids} & {kinds} AS rank
            FROM unnest(heard.asked, heard.asked_at) AS one (line, happened_at)
        ) AS asked
        LEFT JOIN kernel_fact_content content
            ON content.fact_id = asked.id AND content.fact_id = ANY (heard.ids)
        WHERE ((asked.rank, content.subject) IN (SELECT rank, subject FROM undone)) IS NOT TRUE
    ) AS said
"""


def _met_by_content(protocol: Protocol, ranks: dict[str, int]) -> sql.Composed:
    """Say the bits of the patterns that ask something of the content of a line."""
    parts: list[sql.Composable] = [
        _met(1 << place, one, ranks[one.kind])
        for place, one in enumerate(patterns_of(protocol))
        if one.where and one.kind in ranks
    ]
    return sql.SQL(" | ").join(parts or [sql.SQL("0::int8")])


def _met(bit: int, one: Pattern, rank: int) -> sql.Composed:
    """Give a bit to the lines that meet a pattern: `Pattern.meets`, as PostgreSQL says it."""
    asked = [sql.SQL("asked.rank = {}").format(sql.Literal(rank))]
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
