"""Closed months written to sealed files, proved there as they were here, and brought back.

A file is one month of one table: a line that says so, the rows as JSON, a last line with their
number, their digest and the signature of the house; compressed and encrypted like the backups. The
headers of the thread and the seals of the trace stay in the base: they prove each row of the file.
The fact that the month left holds the digest of the file: the chain of the house proves the whole.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BufferedReader
from itertools import islice
from pathlib import Path
from time import sleep
from typing import Any

import psycopg
from django.conf import settings
from psycopg.pq import TransactionStatus

from cordee.kernel.signature import is_signed, sign
from host.failures import CannotRestore
from host.sealed import PIECE, WRONG_KEY, Opening, Sealing

SUFFIX, DRAFT = ".archive", ".part"
BATCH = 2000
TRIES = 20  # at a lock that others hold, a second apart
Database = psycopg.Connection[Any]
FAULTS = {
    "no_file": "l’archive n’est pas dans ce dossier",
    "wrong_key": "la clé CORDEE_BACKUP_KEY n’est pas celle de cette archive",
    "damaged": "l’archive est tronquée ou altérée",
    "signature_wrong": "l’archive n’a pas été signée par cette maison",
    "not_the_one": "ce n’est pas l’archive que la chaîne de la maison annonce",
    "line_unknown": "l’archive contient une ligne que la base n’a jamais écrite",
    "line_altered": "une ligne de l’archive a été modifiée",
    "unannounced": "la chaîne de la maison n’annonce pas ce fichier",
    "outlived": "ce fichier devrait être détruit : le prochain effacement l’ôte",
}


@dataclass(frozen=True)
class Kind:
    """A table that can be archived: its name in files, its rows, and how the base proves them."""

    table: str
    name: str
    moment: str
    rows: str
    judge: str = ""


KINDS = {
    one.table: one
    for one in (
        Kind(
            "kernel_fact_content",
            "fils",
            "recorded_at",
            """SELECT to_jsonb(line)::text FROM kernel_fact_content line
            JOIN kernel_fact fact ON fact.id = line.fact_id AND NOT kernel_is_a_proof(fact.kind)
            WHERE line.recorded_at >= %(begins)s AND line.recorded_at < %(ends)s
            ORDER BY line.fact_id""",
            "kernel_judge_contents",
        ),
        Kind(
            "access_trace",
            "trace",
            "at",
            """SELECT to_jsonb(line)::text FROM access_trace line
            WHERE at >= %(begins)s AND at < %(ends)s ORDER BY id""",
            "access_judge_lines",
        ),
        Kind(
            "access_previous_state",
            "etats",
            "replaced_at",
            """SELECT to_jsonb(line)::text FROM access_previous_state line
            WHERE replaced_at >= %(begins)s AND replaced_at < %(ends)s ORDER BY id""",
        ),
    )
}


class ArchiveFault(Exception):
    """An archive is not what it should be: `code`, a key of FAULTS, and the line if it is one."""

    def __init__(self, code: str, line: int | None = None) -> None:
        super().__init__(code, line)
        self.code, self.line = code, line

    def __str__(self) -> str:
        return FAULTS[self.code] + (f" (ligne {self.line})" if self.line else "")


class ArchiveStays(Exception):  # noqa: N818 — what it says
    """The base let months go, and the disk keeps their files."""

    def __str__(self) -> str:
        return (
            f"Effacé de la base, mais l’archive n’a pas pu être détruite : {', '.join(self.args)}. "
            "Le prochain effacement l’ôte."
        )


@dataclass(frozen=True)
class Month:
    """One month of one table."""

    kind: Kind
    month: date

    @property
    def file(self) -> str:
        """The name of its archive."""
        return f"cordee-{self.month:%Y-%m}-{self.kind.name}{SUFFIX}"

    @property
    def bounds(self) -> dict[str, str]:
        """The moments between which it lies (UTC, as the base parts its months)."""
        after = date(self.month.year + self.month.month // 12, self.month.month % 12 + 1, 1)
        return {"begins": f"{self.month} 00:00+00", "ends": f"{after} 00:00+00"}


@dataclass(frozen=True)
class Said:
    """What the chain of the house says of an archive that left."""

    month: Month
    file: str
    lines: int
    digest: str


def closed_months(database: Database, before: date) -> list[Month]:
    """The months that ended before a day, still here and not empty, oldest first."""
    found = []
    for kind in KINDS.values():
        made = database.execute(
            "SELECT month FROM kernel_months_made(%s::regclass) AS month WHERE month < %s",
            [kind.table, before],
        ).fetchall()
        found += [Month(kind, row[0]) for row in made]
    return [one for one in sorted(found, key=lambda one: one.month) if count(database, one)]


def count(database: Database, month: Month) -> int:
    """How many rows would leave with a month."""
    asked = f"SELECT count(*) FROM ({month.kind.rows}) AS leaving"  # noqa: S608 (our own words)
    (found,) = database.execute(asked, month.bounds).fetchone() or (0,)
    return int(found)


def unsealed(database: Database, month: Month) -> int:
    """How many of its rows nothing proves yet: they must wait."""
    if month.kind.table != "access_trace":
        return 0
    (found,) = database.execute("SELECT access_unsealed_in(%s)", [month.month]).fetchone() or (0,)
    return int(found)


def archive(database: Database, month: Month, folder: Path, *, key: str, now: datetime) -> int:
    """Write a month to its file, read the file again, then let the month go. One transaction, as
    retention: whatever fails, the month is still here. Returns how many rows left.

    Raises ArchiveFault when a row is not what the base proves: nothing leaves then.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    final, draft = _files(folder, month)
    try:
        with database.transaction():
            table = month.kind.table
            database.execute("SELECT kernel_hold_month(%s, %s)", [table, month.month])
            with open(draft, "wb", opener=_for_us_alone) as file:
                lines, digest = _write(database, month, Sealing(file, key), now)
                file.flush()
                os.fsync(file.fileno())
            _read_again(draft, key, month, (lines, digest))
            draft.replace(final)
            _settle(folder)
            _let_go(database, [table, month.month, month.file, lines, digest, now])
    finally:
        draft.unlink(missing_ok=True)
    return lines


def said(database: Database) -> list[Said]:
    """The archives that the chain announces, oldest month first."""
    found = []
    for kind in KINDS.values():
        rows = database.execute(
            "SELECT month, file, lines, digest FROM kernel_archived(%s)", [kind.table]
        ).fetchall()
        found += [Said(Month(kind, row[0]), *row[1:]) for row in rows]
    return sorted(found, key=lambda one: (one.month.month, one.file))


def prove(database: Database, archive: Said, folder: Path, *, key: str) -> int:
    """Prove a file against the chain, and each of its rows against the base. Returns their number.

    Raises ArchiveFault.
    """
    kind, read = archive.month.kind, 0
    for lines in _batches(_announced(archive, folder, key)):
        _judge(database, kind, lines)
        read += len(lines)
    return read


def restore(database: Database, archive: Said, folder: Path, *, key: str, now: datetime) -> int:
    """Bring a month back, each row proved first. One transaction, as retention."""
    kind, month, read = archive.month.kind, archive.month.month, 0
    with database.transaction():
        for lines in _batches(_announced(archive, folder, key)):
            _judge(database, kind, lines)
            database.execute(
                "SELECT kernel_put_back(%s, %s, %s)", [kind.table, month, _list(lines)]
            )
            read += len(lines)
        database.execute("SELECT kernel_month_is_back(%s, %s, %s)", [kind.table, month, now])
    return read


def expire(database: Database, table: str, month: date) -> int:
    """Remove a closed month whose time has come, here or in its archive. Returns how many rows.

    As retention, in the transaction that says under which rule; `destroy` once it is committed.
    """
    (gone,) = database.execute(
        "SELECT kernel_expire_month(%s, %s, now())", [table, month]
    ).fetchone() or (0,)
    return int(gone)


def destroy(database: Database, table: str = "", months: Iterable[date] = ()) -> None:
    """Destroy the archives of months that went, and those a kill or a disk kept an earlier time:
    once the chain says so for good, not before. Undone by a lock or a kill, it would announce what
    is nowhere. Raises ArchiveStays when the disk keeps some: the next time sweeps again."""
    if database.info.transaction_status is not TransactionStatus.IDLE:
        return  # whoever holds the transaction does it after
    just_gone, kept = {Month(KINDS[table], month) for month in months}, []
    for file in outlived(database, settings.CORDEE.vault / "archives", just_gone):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            kept.append(f"{file} ({error.strerror})")
    if kept:
        raise ArchiveStays(*kept)


def outlived(database: Database, folder: Path, gone: Iterable[Month] = ()) -> list[Path]:
    """The files, drafts too, of months that went or that the chain once said destroyed or back:
    those it does not announce, and of which the base holds nothing. Of what the chain never spoke
    of nothing is said: an empty base would have every archive destroyed."""
    found = []
    for month in {*gone, *_once_away(database)}:
        there = [path for path in _files(folder, month) if path.exists()]
        if there and _is_nowhere(database, month):
            found += there
    return sorted(found)


def unannounced(database: Database, folder: Path) -> list[Path]:
    """The files of a folder that the chain does not announce: nothing says what is in them."""
    known = {one.file for one in said(database)}
    return sorted(path for path in folder.glob("*") if path.name not in known)


def _files(folder: Path, month: Month) -> tuple[Path, Path]:
    """Its archive, and the draft that a kill leaves."""
    return folder / month.file, folder / f"{month.file}{DRAFT}"


def _once_away(database: Database) -> set[Month]:
    rows = database.execute(
        """SELECT content.data->>'table', (content.data->>'month')::date
        FROM kernel_fact fact JOIN kernel_fact_content content
            ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
        WHERE fact.kind IN ('kernel.archive_destroyed', 'kernel.month_restored')
          AND fact.chain_id = kernel_chain(fact.kind, NULL) AND fact.thread_id IS NULL
          AND fact.digest
            = kernel_digest(content.salt, content.subject, content.actor, content.data)"""
    ).fetchall()
    return {Month(KINDS[table], month) for table, month in rows}


def _is_nowhere(database: Database, month: Month) -> bool:
    """One statement, one look: a month that leaves meanwhile is in the base or announced."""
    asked = f"""SELECT NOT EXISTS ({month.kind.rows}) AND %(month)s NOT IN (
        SELECT month FROM kernel_archived(%(table)s))"""  # noqa: S608 (our own words)
    where = {**month.bounds, "month": month.month, "table": month.kind.table}
    (nowhere,) = database.execute(asked, where).fetchone() or (False,)
    return bool(nowhere)


def _write(database: Database, month: Month, sealing: Sealing, now: datetime) -> tuple[int, str]:
    about = {"table": month.kind.table, "month": f"{month.month}", "made_at": now.isoformat()}
    first, digest, lines = json.dumps(about), hashlib.sha256(), 0
    sealing.write(f"{first}\n".encode())
    with database.cursor(name="leaving") as cursor:
        cursor.itersize = BATCH
        cursor.execute(month.kind.rows, month.bounds)
        for batch in _batches(row[0] for row in cursor):
            _judge(database, month.kind, batch)
            octets = "".join(f"{line}\n" for line in batch).encode()
            digest.update(octets)
            sealing.write(octets)
            lines += len(batch)
    last = {"lines": lines, "sha256": digest.hexdigest()}
    signature = sign(_signed_words(first, last)).hex()
    sealing.write(json.dumps(last | {"signature": signature}).encode() + b"\n")
    sealing.finish()
    return lines, digest.hexdigest()


def _let_go(database: Database, month: list[Any]) -> None:
    """Ask again while others write: the file took longer to make than they need."""
    for left in reversed(range(TRIES)):
        try:
            with database.transaction():
                database.execute("SELECT kernel_let_month_go(%s, %s, %s, %s, %s, %s)", month)
            return
        except psycopg.errors.LockNotAvailable:
            if not left:
                raise
            sleep(1)


def _read_again(path: Path, key: str, month: Month, wanted: tuple[int, str]) -> None:
    for _ in _lines(path, key, Said(month, month.file, *wanted)):
        pass


def _announced(archive: Said, folder: Path, key: str) -> Iterator[str]:
    """The rows of a file. Read to its end before anything is believed: twice, then."""
    _read_again(folder / archive.file, key, archive.month, (archive.lines, archive.digest))
    return _lines(folder / archive.file, key, archive)


def _lines(path: Path, key: str, archive: Said) -> Iterator[str]:
    """Each row, then ArchiveFault unless the file ends as this house and the chain say it does."""
    digest, lines = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            stream = BufferedReader(Opening(file, key), PIECE)  # type: ignore[type-var]
            first = stream.readline().decode().rstrip("\n")
            ahead = stream.readline()
            while following := stream.readline():
                digest.update(ahead)
                lines += 1
                yield ahead.decode().rstrip("\n")
                ahead = following
    except FileNotFoundError:
        raise ArchiveFault("no_file") from None
    except CannotRestore as error:
        raise ArchiveFault("wrong_key" if error.args[0] == WRONG_KEY else "damaged") from error
    _refuse_another(archive, first, ahead, (lines, digest.hexdigest()))


def _refuse_another(archive: Said, first: str, last: bytes, read: tuple[int, str]) -> None:
    try:
        about, end = json.loads(first), json.loads(last)
        signature = bytes.fromhex(end.pop("signature"))
        where = (about["table"], about["month"])
        told = (end["lines"], end["sha256"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveFault("damaged") from error
    if told != read or not is_signed(_signed_words(first, end), signature):
        raise ArchiveFault("signature_wrong")
    wanted = (archive.month.kind.table, archive.month.month.isoformat())
    if where != wanted or read != (archive.lines, archive.digest):
        raise ArchiveFault("not_the_one")


def _signed_words(first: str, last: dict[str, Any]) -> bytes:
    return f"{first}\n{json.dumps(last)}".encode()


def _judge(database: Database, kind: Kind, lines: Sequence[str]) -> None:
    if not kind.judge:
        return
    asked = f"SELECT line_id, fault FROM {kind.judge}(%s) LIMIT 1"  # noqa: S608 (our own words)
    found = database.execute(asked, [_list(lines)]).fetchone()
    if found:
        raise ArchiveFault(found[1], found[0])


def _batches(lines: Iterable[str]) -> Iterator[Sequence[str]]:
    left = iter(lines)
    while batch := tuple(islice(left, BATCH)):
        yield batch


def _list(lines: Sequence[str]) -> str:
    return "[" + ",".join(lines) + "]"


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _settle(folder: Path) -> None:
    """Have the disk keep the name of the file too, before the base lets go of what is in it."""
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
