"""Proving the thread: each line against its chain, each chain against heads signed elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

from django.db import connection

from cordee.kernel.heads import SignedHeads


@dataclass(frozen=True)
class Fault:
    """What is wrong, and at which line (None when it is not one line)."""

    fact_id: int | None
    fault: str

    @property
    def is_of_an_export(self) -> bool:
        """Whether it is an export of heads that is wrong, and not the chain."""
        return self.fault.startswith("export_")


@dataclass
class Judgement:
    """The verdict on one chain: its length, its faults in order, what was lawfully purged, and what
    is in the archive of its month (proved there: `cordee archive --verify`)."""

    chain_id: UUID
    length: int = 0
    faults: list[Fault] = field(default_factory=list)
    purged: dict[int, str] = field(default_factory=dict)
    archived: dict[int, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing was altered, removed or cut."""
        return not self.faults


FAULTS = {
    "link_broken": "la ligne ne suit pas la précédente : une ligne a été retirée ou ajoutée",
    "header_altered": "l’en-tête de la ligne a été modifié",
    "content_altered": "le contenu de la ligne a été modifié",
    "content_missing": "le contenu de la ligne a disparu sans règle de conservation",
    "tail_cut": "la fin du fil a été coupée : la tête annonce une ligne qui n’existe plus",
    "differs_from_signed_head": "le fil ne correspond pas à la tête signée et exportée",
    "not_exported": "la ligne aurait dû être dans un export de têtes, et n’y est pas",
    "dated_back": "la ligne se dit d’avant un export qui ne la contient pas",
    "export_altered": "l’export a été modifié : sa signature est fausse",
    "export_missing": "l’export a disparu, ou un autre est à sa place",
}
SETTLED = timedelta(days=1)  # no transaction lasts so long: what is older left with the last export


def verify(chain_id: UUID, *, heads: SignedHeads | None = None) -> Judgement:
    """Recompute a chain. With `heads`, also compare it with the signed exports."""
    judgement = Judgement(chain_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM kernel_faults(%s)", [chain_id])
        for fact_id, fault, rule in cursor.fetchall():
            if fault in ("purged", "archived"):
                getattr(judgement, fault)[fact_id] = rule
            else:
                judgement.faults.append(Fault(fact_id, fault))
        cursor.execute(
            """SELECT (SELECT count(*) FROM kernel_fact WHERE chain_id = %(chain)s),
                head.last_id, head.hash, head.length,
                (SELECT hash FROM kernel_fact WHERE chain_id = %(chain)s ORDER BY id DESC LIMIT 1)
            FROM (SELECT 1) AS one LEFT JOIN kernel_thread_head head
                ON head.chain_id = %(chain)s""",
            {"chain": chain_id},
        )
        length, last_id, head_hash, head_length, last_hash = cursor.fetchone()
    judgement.length = length
    if head_length != length and (length or head_length) or last_hash != head_hash:
        judgement.faults.append(Fault(last_id, "tail_cut"))
    if heads is not None:
        judgement.faults.extend(_against(heads, chain_id))
    return judgement


def chains(heads: SignedHeads | None = None) -> list[UUID]:
    """Every chain there is, threads of persons and of rooms alike, and every one there once was
    according to the signed exports."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chain_id FROM kernel_thread_head UNION SELECT chain_id FROM kernel_fact"
        )
        found = {row[0] for row in cursor.fetchall()}
    return sorted(found | set(heads.of if heads else ()))


def room_chain(kind: str) -> UUID:
    """The chain on which a room says what is about nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kernel_chain(%s, NULL)", [kind])
        return UUID(str(cursor.fetchone()[0]))


def _against(heads: SignedHeads, chain_id: UUID) -> Iterator[Fault]:
    """What differs from the exports, line by line; then what is wrong with the exports."""
    wanted = heads.of.get(chain_id, [])
    covered = max((head.length for head in wanted), default=0)
    since = [*(head.since for head in wanted), heads.reached_at]
    asked: dict[str, Any] = {
        "chain": chain_id,
        "lengths": list(accumulate((head.length for head in wanted), max)),
        "since": [moment and moment - SETTLED for moment in since],
    }
    with connection.cursor() as cursor:
        cursor.execute(_MET, asked)
        met = cursor.fetchall()
    kept = {place: digest for _, place, digest, _ in met}
    for head in wanted:
        if kept.get(head.length) != head.hash:
            yield Fault(head.last_id, "differs_from_signed_head")
            break
    for line, place, _, is_told in met:
        if is_told:
            yield Fault(line, "not_exported" if place > covered else "dated_back")
    for fault in heads.faults.values():
        yield Fault(None, fault)


# The knots that exports hold, and the first line that says it was there before an export which does
# not hold it: the one before the first that does, or the last of all.
_MET = """
    SELECT id, place, encode(hash, 'hex'), early AND told = 1 FROM (
        SELECT *, count(*) FILTER (WHERE early) OVER (ORDER BY id) AS told FROM (
            SELECT *, recorded_at < (%(since)s::timestamptz[])[
                width_bucket(place - 1, %(lengths)s::bigint[]) + 1] AS early FROM (
                SELECT id, row_number() OVER (ORDER BY id) AS place, hash, recorded_at
                FROM kernel_fact WHERE chain_id = %(chain)s
            ) AS line
        ) AS dated
    ) AS numbered
    WHERE place = ANY (%(lengths)s::bigint[]) OR early AND told = 1
    ORDER BY id"""
