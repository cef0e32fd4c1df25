"""Heads of threads, signed and kept away from the database: what an owner cannot recompute."""

import json
import os
import secrets
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from cordee.kernel.signature import is_signed, sign


@dataclass(frozen=True, slots=True)
class Head:
    """How long a chain was one night, and its last knot."""

    length: int
    last_id: int
    hash: str


class SignedHeads:
    """The exports of a folder, read once; nothing is taken from one whose signature is wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def forged(self) -> list[str]:
        """The exports whose words are not those that were signed."""
        return [path.name for path in self._paths if not _is_signed(path)]

    @cached_property
    def of(self) -> dict[UUID, list[Head]]:
        """The heads of each chain, oldest export first."""
        found: dict[UUID, list[Head]] = defaultdict(list)
        for path in self._signed:
            for line in list(_lines(path))[1:]:
                head = Head(line["length"], line["last_id"], line["hash"])
                found[UUID(line["chain"])].append(head)
        return dict(found)

    @property
    def horizon(self) -> int:
        """The place that the exports reach: every older transaction is in them."""
        return max((next(_lines(path)).get("horizon", 0) for path in self._signed), default=0)

    @property
    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("heads-*.jsonl"))

    @property
    def _signed(self) -> list[Path]:
        return [path for path in self._paths if path.name not in self.forged]


def export_heads(*, folder: Path, now: datetime) -> Path:
    """Write the heads that moved since the last export, signed (Ed25519). Returns the file.

    Kept away from the database, these files prove that no tail was cut and no chain recomputed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    horizon, rows = _moved_since(SignedHeads(folder).horizon)
    names = ("chain", "length", "last_id", "hash")
    lines = [json.dumps(dict(zip(names, [str(r[0]), *r[1:]], strict=True))) for r in rows]
    first = json.dumps({"exported_at": now.isoformat(), "horizon": horizon})
    body = ("\n".join([first, *lines]) + "\n").encode()
    written = folder / f"heads-{now:%Y-%m-%dT%H%M%S}-{secrets.token_hex(3)}.jsonl"
    _write(written.with_suffix(".sig"), sign(body))
    _write(written, body)  # last: an export that a kill cut short does not count
    return written


def _moved_since(horizon: int) -> tuple[int, list[tuple[Any, ...]]]:
    """The heads written by transactions that the last export could not see all of.

    Numbers are drawn before the commit: one drawn earlier may be seen later.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        (reached,) = cursor.fetchone()
        cursor.execute(
            """SELECT head.chain_id, head.length, head.last_id, encode(head.hash, 'hex')
            FROM kernel_fact fact JOIN kernel_thread_head head
                ON head.chain_id = fact.chain_id AND head.last_id = fact.id
            WHERE fact.transaction_id >= %s ORDER BY head.last_id""",
            [horizon if horizon <= reached else 0],  # ahead of us: these numbers are another's
        )
        return reached, cursor.fetchall()


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _is_signed(path: Path) -> bool:
    try:
        return is_signed(path.read_bytes(), path.with_suffix(".sig").read_bytes())
    except FileNotFoundError:
        return False


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
