"""Heads of threads, signed and kept away from the database: what an owner cannot recompute."""

import hashlib
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

DRAFT = ".part"


@dataclass(frozen=True, slots=True)
class Head:
    """How long a chain was one night, its last knot, and when the exports before reached: no line
    that they do not hold was there yet."""

    length: int
    last_id: int
    hash: str
    since: datetime | None


class SignedHeads:
    """The exports of a folder, read once; nothing is taken from one whose signature is wrong.

    An export counts from the moment its signature is there: a kill before its last gesture leaves
    its words under the name of a draft.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def faults(self) -> dict[str, str]:
        """What is wrong with each export that is: its words altered, or the whole taken away."""
        found = {path.name: "export_altered" for path in self._paths if not _is_signed(path)}
        signatures = {path.with_suffix(".jsonl") for path in self.folder.glob("heads-*.sig")}
        there = {_named(path) for path in self._paths}
        found |= {path.name: "export_missing" for path in signatures - there}
        digests = {_named(path).name: _sha256(path) for path in self._paths}
        for first in self._firsts:
            previous = first.get("previous")
            if previous and previous["sha256"] != digests.get(previous["file"]):
                found.setdefault(previous["file"], "export_missing")
        return found

    @cached_property
    def of(self) -> dict[UUID, list[Head]]:
        """The heads of each chain, oldest export first."""
        found: dict[UUID, list[Head]] = defaultdict(list)
        since: datetime | None = None
        for path in self._signed:
            first, *lines = _lines(path)
            for line in lines:
                head = Head(line["length"], line["last_id"], line["hash"], since)
                found[UUID(line["chain"])].append(head)
            since = max(filter(None, (since, _reached_at(first))), default=None)
        return dict(found)

    @property
    def horizon(self) -> int:
        """The place that the exports reach: every older transaction is in them."""
        return max((first.get("horizon", 0) for first in self._firsts), default=0)

    @cached_property
    def reached_at(self) -> datetime | None:
        """When the database was read for the last of them."""
        return max(filter(None, map(_reached_at, self._firsts)), default=None)

    @property
    def last(self) -> dict[str, str] | None:
        """What names the last export in the next one."""
        for path in reversed(self._signed):
            return {"file": _named(path).name, "sha256": _sha256(path)}
        return None

    @property
    def _paths(self) -> list[Path]:
        drafts = self.folder.glob(f"heads-*.jsonl{DRAFT}")
        left = [path for path in drafts if _signature_of(path).exists()]
        return sorted([*self.folder.glob("heads-*.jsonl"), *left])

    @cached_property
    def _signed(self) -> list[Path]:
        return [path for path in self._paths if _is_signed(path)]

    @cached_property
    def _firsts(self) -> list[dict[str, Any]]:
        return [next(_lines(path)) for path in self._signed]


def export_heads(*, folder: Path, now: datetime) -> Path:
    """Write the heads that moved since the last export, signed (Ed25519). Returns the file.

    Kept away from the database, these files prove that no tail was cut and no chain recomputed.
    Each names the one before: none can be taken away but the last ones, in order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = SignedHeads(folder)
    (horizon, reached_at), rows = _moved_since(before.horizon)
    names = ("chain", "length", "last_id", "hash")
    lines = [json.dumps(dict(zip(names, [str(r[0]), *r[1:]], strict=True))) for r in rows]
    about = {"exported_at": now.isoformat(), "horizon": horizon, "previous": before.last}
    first = json.dumps(about | {"reached_at": reached_at.isoformat()})
    body = ("\n".join([first, *lines]) + "\n").encode()
    written = folder / f"heads-{now:%Y-%m-%dT%H%M%S}-{secrets.token_hex(3)}.jsonl"
    draft = _drafted(written, body)
    signature = written.with_suffix(".sig")
    _drafted(signature, sign(body)).rename(signature)  # from here on the export counts
    draft.rename(written)
    return written


def _moved_since(horizon: int) -> tuple[tuple[int, datetime], list[tuple[Any, ...]]]:
    """The heads written by transactions that the last export could not see all of.

    Numbers are drawn before the commit: one drawn earlier may be seen later.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, clock_timestamp()"
        )
        reached, moment = cursor.fetchone()
        cursor.execute(
            """SELECT head.chain_id, head.length, head.last_id, encode(head.hash, 'hex')
            FROM kernel_fact fact JOIN kernel_thread_head head
                ON head.chain_id = fact.chain_id AND head.last_id = fact.id
            WHERE fact.transaction_id >= %s ORDER BY head.last_id""",
            [horizon if horizon <= reached else 0],  # ahead of us: these numbers are another's
        )
        return (reached, moment), cursor.fetchall()


def _drafted(path: Path, content: bytes) -> Path:
    """Write, under another name until it is whole on the disk."""
    draft = path.with_name(path.name + DRAFT)
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _named(path: Path) -> Path:
    """The name of an export, even if a kill left it under that of its draft."""
    return path.with_suffix("") if path.suffix == DRAFT else path


def _signature_of(path: Path) -> Path:
    return _named(path).with_suffix(".sig")


def _is_signed(path: Path) -> bool:
    try:
        return is_signed(path.read_bytes(), _signature_of(path).read_bytes())
    except FileNotFoundError:
        return False


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _reached_at(first: dict[str, Any]) -> datetime | None:
    """The first exports of all did not say it."""
    return datetime.fromisoformat(first["reached_at"]) if "reached_at" in first else None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
