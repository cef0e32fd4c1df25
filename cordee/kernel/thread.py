"""Proving the thread: each line against its chain, each chain against heads signed elsewhere."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from cordee.kernel.signature import is_signed, sign


@dataclass(frozen=True)
class Fault:
    """What is wrong, and at which line (None when it is not one line)."""

    fact_id: int | None
    fault: str


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
    "export_signature_wrong": "un export de têtes a été modifié : sa signature est fausse",
}


def verify(chain_id: UUID, *, heads: Path | None = None) -> Judgement:
    """Recompute a chain. With `heads`, also compare it with the signed exports in that folder."""
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
        judgement.faults.extend(_against_exports(chain_id, heads))
    return judgement


def chains() -> list[UUID]:
    """Every chain there is, threads of persons and of rooms alike."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT chain_id FROM kernel_thread_head
            UNION SELECT chain_id FROM kernel_fact ORDER BY 1"""
        )
        return [row[0] for row in cursor.fetchall()]


def export_heads(*, folder: Path, now: datetime) -> Path:
    """Write the heads that moved since the last export, signed (Ed25519). Returns the file.

    Kept away from the database, these files prove that no tail was cut and no chain recomputed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reached = max((head["last_id"] for head in _exported(folder)), default=0)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT chain_id, length, last_id, encode(hash, 'hex') FROM kernel_thread_head
            WHERE last_id > %s ORDER BY last_id""",
            [reached],
        )
        rows = cursor.fetchall()
    names = ("chain", "length", "last_id", "hash")
    lines = [json.dumps(dict(zip(names, [str(r[0]), *r[1:]], strict=True))) for r in rows]
    body = "\n".join([json.dumps({"exported_at": now.isoformat()}), *lines]) + "\n"
    written = folder / f"heads-{now:%Y-%m-%dT%H%M%S}.jsonl"
    written.write_text(body, encoding="utf-8")
    written.with_suffix(".sig").write_bytes(sign(body.encode()))
    return written


def _is_signed(path: Path) -> bool:
    try:
        return is_signed(path.read_bytes(), path.with_suffix(".sig").read_bytes())
    except FileNotFoundError:
        return False


def _exported(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("heads-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            yield json.loads(line)


def _against_exports(chain_id: UUID, folder: Path) -> Iterator[Fault]:
    if not all(_is_signed(path) for path in folder.glob("heads-*.jsonl")):
        yield Fault(None, "export_signature_wrong")
        return
    for head in _exported(folder):
        if head["chain"] != str(chain_id):
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT encode(hash, 'hex') FROM kernel_fact
                WHERE chain_id = %s ORDER BY id OFFSET %s LIMIT 1""",
                [chain_id, head["length"] - 1],
            )
            found = cursor.fetchone()
        if found is None or found[0] != head["hash"]:
            yield Fault(head["last_id"], "differs_from_signed_head")
            return
