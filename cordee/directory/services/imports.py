"""National extractions brought in by sets: staged by COPY, compared, applied in one transaction.

Two parts of the file are held in memory, never more, and nothing is changed before the comparison
is whole: an interruption leaves the old directory as it was, and the same file may be given again.
"""

import csv
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.db import connection
from psycopg import Cursor

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory import finess, rpps
from cordee.directory.extract import ExtractError, Part, Reject, copied, parts
from cordee.directory.facts import ExtractionApplied
from cordee.directory.models import Extraction
from cordee.directory.rules import PARIS
from cordee.directory.services import sets
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.kernel.hand import Hand
from cordee.kernel.identifiers import luhn_is_valid

GONE_SHARE = 0.05
"""Above this share of the open directory, "gone" is taken for a broken file until somebody says."""

EVERY = 200  # lines between two words of how far it went

PART = 10_000
"""Lines that the database compares while the next are read."""

DOUBTFUL = "clé qui ne vérifie pas la formule de Luhn : à vérifier"


@dataclass(frozen=True, slots=True)
class Source:
    """What differs between the two extractions."""

    key: str
    row: type
    read: Callable[[BinaryIO], Iterator[Any]]
    identifier: str
    statements: sets.Statements


SOURCES = {
    "rpps": Source("rpps", rpps.Activity, rpps.read, "identifier", sets.RPPS),
    "finess": Source("finess", finess.Establishment, finess.read, "finess", sets.FINESS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do with a file: by default, only say what it would change."""

    file_name: str
    apply: bool = False
    accept_gone: bool = False
    gone_share: float = GONE_SHARE
    rejects: Path | None = None


@dataclass(slots=True)
class Report:
    """What an extraction changes."""

    source: str
    lines: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    open_before: int = 0
    places_gone: int = 0
    places_before: int = 0
    rejected: int = 0
    kept_here: int = 0
    doubtful_keys: int = 0
    applied: bool = False
    too_many_gone: bool = False

    @property
    def gone_share(self) -> float:
        """The greater share of what would be closed: of who, or of where they work."""
        persons = self.gone / max(1, self.open_before)
        return max(persons, self.places_gone / max(1, self.places_before))


@action("directory.import_extraction", on=None)
def import_extraction(
    *,
    actor: Actor,
    source: str,
    file: BinaryIO,
    plan: Plan,
    now: datetime,
    progress: Callable[[int], None] = lambda position: None,
) -> Report:
    """Compare an extraction with the directory and, if the plan says so, apply it.

    Raises DomainError when the file is not this extraction. When too many would be gone, nothing
    is applied and the report says so.
    """
    kind = SOURCES[source]
    report = Report(source)
    try:
        _stage(kind, file, report, progress)
    except ExtractError as error:
        raise DomainError(
            "directory.not_this_extraction",
            f"{error} L’annuaire n’a pas changé : vérifiez que le fichier est bien l’extraction "
            "attendue, décompressée.",
        ) from error
    _compare(kind, report)
    is_usual = report.gone_share <= plan.gone_share  # false too of a share that is no number
    report.too_many_gone = not (is_usual or plan.accept_gone)
    if plan.apply and not report.too_many_gone:
        _apply(kind, report, plan, now)
    if plan.rejects is not None:
        _write_rejects(plan.rejects)
    return report


def _stage(kind: Source, file: BinaryIO, report: Report, progress: Callable[[int], None]) -> None:
    """Copy the usable lines into a table of this transaction, the others into another.

    What a part of the file says is gathered while the next is read, as long as whoever is in it is
    nowhere else; from the first part of which that is not sure, all is gathered at the end.
    """
    with connection.cursor() as cursor, TemporaryFile("w+", encoding="utf-8", newline="") as aside:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('directory.import'))")
        cursor.execute(sets.BY_SETS)
        cursor.execute(sets.staging(kind.row))
        cursor.execute(kind.statements.begin())
        usable = _usable(kind, file, report, csv.writer(aside), progress)
        if not _gather(kind, parts(usable, PART)):
            for statement in kind.statements.gather_again():
                cursor.execute(statement)
        aside.seek(0)
        with cursor.copy("COPY rejected FROM STDIN (FORMAT csv)") as copy:
            while piece := aside.read(65_536):
                copy.write(piece)
    progress(file.tell())


def _gather(kind: Source, pieces: Iterator[Part]) -> bool:
    """Have each part taken in while the next is read; tell whether all was gathered so."""
    is_sure = bool(kind.statements.gathered)
    under_way: Future[None] | None = None
    with Hand() as hand:
        for part in pieces:
            if under_way:
                under_way.result()  # two parts in memory, never more
            is_sure = is_sure and part.is_alone
            statements = kind.statements.gather("part") if is_sure else ()
            under_way = hand.give(partial(_take, kind, part, statements))
    return is_sure


def _take(kind: Source, part: Part, statements: tuple[str, ...], cursor: Cursor[Any]) -> None:
    """Copy a part where it is compared alone, or among the others."""
    columns = ", ".join(kind.row.__annotations__)
    with cursor.copy(f"COPY {'part' if statements else 'staged'} ({columns}) FROM STDIN") as copy:
        copy.write("".join(part.lines))
    for statement in statements:
        cursor.execute(statement)


def _usable(
    kind: Source,
    file: BinaryIO,
    report: Report,
    rejected: Any,
    progress: Callable[[int], None],
) -> Iterator[tuple[str, str]]:
    """Yield whom each usable line speaks of, and the line as it is copied; put the others aside."""
    identifier_of = attrgetter(kind.identifier)
    for row in kind.read(file):
        if not report.lines % EVERY:
            progress(file.tell())
        report.lines += 1
        if isinstance(row, Reject):
            rejected.writerow((row.line, row.reason, row.identifier, True))
            continue
        identifier = identifier_of(row)
        if _doubtful(identifier):
            report.doubtful_keys += 1
            rejected.writerow((row.line, DOUBTFUL, identifier, False))
        yield identifier, copied(row)


def _doubtful(identifier: str) -> bool:
    """Tell whether a key fails Luhn. ADELI numbers and letters of Corsica carry no such key."""
    return identifier.isdigit() and not luhn_is_valid(identifier)


def _compare(kind: Source, report: Report) -> None:
    with connection.cursor() as cursor:
        for statement in kind.statements.prepare:
            cursor.execute(statement)
        cursor.execute(kind.statements.count)
        counted = cursor.fetchone() or (0,) * 7
        total, report.added, report.changed, report.gone, report.open_before = counted[:5]
        report.places_gone, report.places_before = counted[5:]
        report.unchanged = total - report.added - report.changed
        cursor.execute(
            """SELECT count(*) FILTER (WHERE dropped),
                count(*) FILTER (WHERE reason LIKE 'corrigé ici%') FROM rejected"""
        )
        report.rejected, report.kept_here = cursor.fetchone()


def _apply(kind: Source, report: Report, plan: Plan, now: datetime) -> None:
    moment = {"now": now, "today": now.astimezone(PARIS).date()}
    with connection.cursor() as cursor:
        for statement in kind.statements.apply:
            cursor.execute(statement, moment)
        cursor.execute("SELECT count(*) FROM rejected WHERE reason LIKE 'créée ici pendant%'")
        report.added -= cursor.fetchone()[0]
    kept = Extraction.objects.create(
        source=kind.key,
        file_name=plan.file_name[:200],
        applied_at=now,
        added=report.added,
        changed=report.changed,
        gone=report.gone,
        unchanged=report.unchanged,
        rejected=report.rejected,
    )
    publish(
        ExtractionApplied(
            extraction_id=kept.pk,
            source=kind.key,
            added=report.added,
            changed=report.changed,
            gone=report.gone,
        )
    )
    report.applied = True


def _write_rejects(target: Path) -> None:
    question = (
        "COPY (SELECT line AS ligne, CASE WHEN dropped THEN 'écartée' ELSE 'gardée' END AS sort, "
        "reason AS motif, identifier AS identifiant FROM rejected ORDER BY line) "
        "TO STDOUT (FORMAT csv, HEADER)"
    )
    partial = target.with_name(f"{target.name}.partial")  # never half a list under its name
    with connection.cursor() as cursor, partial.open("wb") as out, cursor.copy(question) as copy:
        for piece in copy:
            out.write(piece)
    partial.replace(target)
