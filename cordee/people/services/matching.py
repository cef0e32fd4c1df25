"""Looking for records that may be one person: pairs by sets in SQL, weighed by the rules."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

from django.db import connection

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.facts import publish
from cordee.kernel.identifiers import uuid7
from cordee.people.facts import CandidatesFound
from cordee.people.rules import matching
from cordee.people.rules.matching import Judgement, Known

AT_ONCE = 10_000
TABLES = (
    *(
        "match_person",
        "match_spelt",
        "match_name",
        "match_known",
        "match_word",
        "match_full",
        "match_phone",
    ),
    *("match_pair", "match_kept"),
)


@dataclass(frozen=True)
class Search:
    """What a batch looked at and kept."""

    pairs: int
    kept: int


@action("people.match", on=None)
def refresh_candidates(*, actor: Actor, now: datetime) -> Search:
    """Look for candidates among all records; what a human judged is left as judged."""
    _find_pairs()
    pairs, kept = 0, 0
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE match_kept (one uuid, other uuid) ON COMMIT DROP")
    for some in _pairs():
        found = _weighed(some)
        pairs, kept = pairs + len(some), kept + len(found)
        _keep(found, now)
    matching.forget()
    with connection.cursor() as cursor:
        cursor.execute(_DROP_OTHERS, [now])
    publish(CandidatesFound(kept=kept))
    return Search(pairs, kept)


def _find_pairs() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(TABLES)}")
        cursor.execute(files("cordee.people").joinpath("sql/match.sql").read_text(encoding="utf-8"))


def _pairs() -> Iterator[list[tuple[int, int]]]:
    """Give the pairs by their numbers in `match_person`, some at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT one, other FROM match_pair ORDER BY one, other")
        rows: list[tuple[int, int]] = cursor.fetchall()
    for first in range(0, len(rows), AT_ONCE):
        yield rows[first : first + AT_ONCE]


Weighed = tuple[UUID, UUID, Judgement]


def _weighed(pairs: list[tuple[int, int]]) -> list[Weighed]:
    """Weigh pairs, and keep those that may be one person, each in the order of the two keys."""
    known = _known({number for pair in pairs for number in pair})
    found = []
    for one, other in pairs:
        (pk, left), (other_pk, right) = known[one], known[other]
        judgement = matching.judged(left, right)
        if judgement.probability >= matching.KEPT:
            found.append((min(pk, other_pk), max(pk, other_pk), judgement))
    return found


def _known(numbers: Iterable[int]) -> dict[int, tuple[UUID, Known]]:
    with connection.cursor() as cursor:
        cursor.execute(_WHO, [list(numbers)])
        return {row[0]: (row[1], _identity(row[2:])) for row in cursor}


def _identity(row: tuple[Any, ...]) -> Known:
    """The identity of a record, as `Person.traits` says it."""
    birth, used, given, used_given = map(matching.cut, row[:4])
    born, sex, ins, ins_qualified, ins_oid, phone, other_phone, commune = row[4:]
    phones = frozenset(filter(None, (phone, other_phone)))
    names = (birth, used, given, used_given)
    return Known(*names, born, sex, ins, ins_qualified, ins_oid, phones, commune or "")


_WHO = """
    SELECT n, id, birth_name, used_name, names_given, used_first_name,
           birth_date, sex, ins, ins_status = 'qualifiee', ins_oid, phone, other_phone,
           commune_id
    FROM match_person WHERE n = ANY (%s)"""
_DROP_OTHERS = """
    UPDATE people_candidate AS candidate SET state = 'dropped', updated_at = %s
    WHERE state = 'to_judge' AND NOT EXISTS (
        SELECT FROM match_kept AS kept
        WHERE kept.one = candidate.one_id AND kept.other = candidate.other_id)"""
_KEEP = """
    INSERT INTO people_candidate (id, created_at, updated_at, version, one_id, other_id, weight,
                                  probability, reasons, state)
    SELECT found.id, %(now)s, %(now)s, 1, found.one, found.other, found.weight, found.probability,
           array(SELECT jsonb_array_elements_text(found.reasons)), 'to_judge'
    FROM jsonb_to_recordset(%(found)s::jsonb) AS found(id uuid, one uuid, other uuid, weight float,
                                                probability float, reasons jsonb)
    ON CONFLICT (one_id, other_id) DO UPDATE
    SET weight = excluded.weight, probability = excluded.probability, reasons = excluded.reasons,
        updated_at = excluded.updated_at, state = 'to_judge'
    WHERE people_candidate.state IN ('to_judge', 'dropped')
      AND (people_candidate.weight <> excluded.weight OR people_candidate.state = 'dropped')"""


def _keep(found: list[Weighed], now: datetime) -> None:
    with connection.cursor() as cursor:
        rows = json.dumps([_row(*one) for one in found], ensure_ascii=False)
        cursor.execute(_KEEP, {"now": now, "found": rows})
        cursor.executemany(
            "INSERT INTO match_kept (one, other) VALUES (%s, %s)",
            [(one, other) for one, other, _ in found],
        )


def _row(one: UUID, other: UUID, judgement: Judgement) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "one": str(one),
        "other": str(other),
        "weight": round(judgement.weight, 3),
        "probability": round(judgement.probability, 6),
        "reasons": list(judgement.reasons),
    }
