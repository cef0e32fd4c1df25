"""The threads of everybody on one version, as columns: matched by PostgreSQL, copied whole.

For the house alone, in a command or a job: what comes of it is counted, never shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import unpack_from
from typing import Any, cast
from uuid import UUID

import numpy as np
from django.db import connection
from psycopg import Cursor, sql

from cordee.protocols.models import ProtocolVersion
from cordee.protocols.rules.columns import Facts, Ints, fields_of, patterns_of
from cordee.protocols.rules.protocol import Pattern, Protocol
from cordee.protocols.selectors.threads import undoing
from cordee.protocols.vocabulary import is_told

HEAD, ARRAY = 19, 20  # bytes of a binary copy before its first row; of an array before its numbers
NUMBER = np.dtype([("", ">i4"), ("is", ">i8")])  # a length, then what it says
KEY = np.dtype([("", ">i4"), ("is", "V16")])
SINCE_2000 = 946_684_800_000_000  # PostgreSQL counts its moments from there
SAID = {"oui": "true", "non": "false"}  # as JSON writes what a protocol says


@dataclass(frozen=True, slots=True)
class Many:
    """Pathways (sixteen bytes each), since when each counts, and the facts of their threads."""

    keys: Any
    entered: Ints
    facts: Facts

    def pathways(self, which: Any) -> list[UUID]:
        """Give the keys of some of them."""
        return [UUID(bytes=one.tobytes()) for one in self.keys[which]]


def threads_of(
    version: ProtocolVersion, protocol: Protocol, persons: Sequence[UUID] | None = None
) -> Many:
    """Read the threads of who is on a version, or of some of them only. One query, for the house.

    What was written by mistake, and taken back since, is left out, as in `happenings_of`."""
    fields = fields_of(protocol)
    given = {"version": version.pk, "persons": None if persons is None else list(persons)}
    keys, entered, parts = np.empty(0, "V16"), np.empty(0, np.int64), []
    for first, second, *rest in _copied(_query(protocol, fields), given):
        if rest[0] is None:
            keys, entered = _array(first, KEY), _array(second, NUMBER).astype(np.int64)
        else:
            parts.append([_array(one, NUMBER) for one in (first, second, *rest)])
    place, at, number, met, *about = (
        np.concatenate([part[rank] for part in parts] or [np.empty(0)]).astype(np.int64)
        for rank in range(4 + len(fields))
    )
    said = dict(zip(fields, about, strict=True))
    facts = Facts.sorted(place, at + SINCE_2000, number, met, said)
    return Many(keys, entered + SINCE_2000, facts)


def _array(content: bytes | None, of: Any) -> Any:
    """Read an array as PostgreSQL sends it: one view, nothing copied."""
    if content is None:
        return np.empty(0, dtype=of)["is"]
    return np.frombuffer(content, dtype=of, offset=ARRAY)["is"]


def _copied(query: sql.Composed, given: dict[str, Any]) -> Iterator[list[bytes | None]]:
    """Copy rows of bytes: each a count of columns, then a length and what it says."""
    with connection.cursor() as wrapped:
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
    names = [f"about{rank}" for rank in range(len(fields))]
    hashed = sql.SQL(", coalesce(hashtextextended(content.data->>{}, 0), 0) AS {}")
    sent = sql.SQL(", array_send(array_agg({}))")
    return sql.SQL(_LINES).format(
        spoken=_spoken(protocol, kinds, told),
        undoing=sql.Literal(list(undone)),
        undone=sql.Literal(list(undone.values())),
        met=_met_by_content(protocol),
        about=sql.SQL("").join(
            hashed.format(sql.Literal(field), sql.Identifier(name))
            for field, name in zip(fields, names, strict=True)
        ),
        nothing=sql.SQL(", NULL" * len(fields)),
        sent=sql.SQL("").join(sent.format(sql.Identifier(name)) for name in names),
    )


_LINES = """
    WITH chosen AS MATERIALIZED (
        SELECT row_number() OVER (ORDER BY id) - 1 AS place, id, person_id, entered_at
        FROM protocols_pathway WHERE followed_id = %(version)s AND left_at IS NULL
            AND (%(persons)s::uuid[] IS NULL OR person_id = ANY (%(persons)s::uuid[]))
    ), whose AS (
        SELECT place, person_id AS chain FROM chosen
        UNION ALL SELECT place, absorbed.id FROM chosen
            JOIN people_person absorbed ON absorbed.merged_into_id = chosen.person_id
    ), undone AS MATERIALIZED (
        SELECT ({undone}::text[])[array_position({undoing}::text[], line.kind)] AS kind,
            said.subject
        FROM kernel_fact line JOIN kernel_fact_content said
            ON said.fact_id = line.id AND said.recorded_at = line.recorded_at
        WHERE line.kind = ANY ({undoing}::text[])
    ), line AS (
        SELECT whose.place, fact.happened_at AS at, fact.id,
            spoken.met | CASE WHEN spoken.told THEN {met} ELSE 0 END AS met{about}
        FROM whose JOIN kernel_fact fact ON fact.chain_id = whose.chain
        JOIN (VALUES {spoken}) AS spoken (kind, met, told) ON spoken.kind = fact.kind
        LEFT JOIN kernel_fact_content content ON content.recorded_at = fact.recorded_at
            AND content.fact_id = CASE WHEN spoken.told THEN fact.id END
        WHERE NOT EXISTS (SELECT FROM undone
            WHERE undone.kind = fact.kind AND undone.subject = content.subject)
    )
    SELECT array_send(array_agg(id ORDER BY place)),
        array_send(array_agg(entered_at ORDER BY place)), NULL, NULL{nothing} FROM chosen
    UNION ALL SELECT array_send(array_agg(place)), array_send(array_agg(at)),
        array_send(array_agg(id)), array_send(array_agg(met)){sent}
    FROM line GROUP BY place / 4096
"""


def _spoken(protocol: Protocol, kinds: list[str], told: set[str]) -> sql.Composed:
    """Say of each kind the bits of those patterns that ask nothing of its content."""
    plain = {
        kind: sum(
            1 << rank
            for rank, one in enumerate(patterns_of(protocol))
            if one.kind == kind and not one.where
        )
        for kind in kinds
    }
    rows = [
        sql.SQL("({}, {}::int8, {})").format(
            sql.Literal(kind), sql.Literal(bits), sql.Literal(kind in told)
        )
        for kind, bits in plain.items()
    ]
    return sql.SQL(", ").join(rows)


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
