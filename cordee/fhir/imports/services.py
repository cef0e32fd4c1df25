"""What happens to an import: begun, its files brought, its lines written, ended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.fhir.bulk import work as working
from cordee.fhir.imports.asked import Input
from cordee.fhir.imports.cutting import Piece, cut, packed
from cordee.fhir.imports.lines import Done
from cordee.fhir.imports.selectors import any_of, current, next_part
from cordee.fhir.models import Import, ImportedKey, ImportFile, ImportPart
from cordee.fhir.outcome import Issue
from cordee.partners.rules.scopes import Allowing
from cordee.partners.sealing import seal
from cordee.partners.selectors import Unadmitted

State, What = Import.State, ImportPart.What
PATIENCE = timedelta(seconds=30)  # times the tries of a file, before its address is tried again
PASSAGES = 3  # over the lines, at most: those after the first, over lines that wait for others
MOST_KEPT = 10_000  # refusals of an import that can be read for a day; past them, counted alone
MOST_NAMES = 1_000_000  # of a system, those of its latest imports: past them, identifiers do
MOST_BREAKS = 8  # of one step, each tried again twice later than the former


@action("fhir.import", on=None)
def begin(
    *, actor: Actor, said: dict[str, Any], inputs: Sequence[Input], body: bytes, now: datetime
) -> Import:
    """Begin an import of files that are shown, or of lines that came; a job does it.

    Raises Refusal (429): one is already running.
    """
    said |= {"kinds": sorted({one.kind for one in inputs} - {""})}
    work = working.begun(Import, said, actor=actor, now=now, busy=ONE_AT_A_TIME)
    for number, one in enumerate(inputs, 1):
        file = ImportFile(whole=work, number=number, kind=one.kind)
        file.address = seal(one.url.encode(), file.pk) if one.url else b""
        file.taken_at = None if one.url else now
        file.save(force_insert=True)
    if body:
        for piece in cut([body], settings.CORDEE.fhir_largest):
            _keep(file, What.SENT, piece.number, piece.lines)
    working.go_on(work)
    return work


ONE_AT_A_TIME = Issue(
    "throttled",
    "import.one_at_a_time",
    "Un import de ce système est déjà en cours : attendez sa fin, ou annulez-le.",
    "An import of this client is already running: wait for its end, or cancel it.",
)


@action("fhir.cancel_import", on="work")
def cancel(*, actor: Actor, work: Import, now: datetime, state: str = State.CANCELLED) -> None:
    """Stop an import, or take back its refusals: what was written stays written.

    `state`: what is said of it from then on; to whoever sent it, one cancelled is nowhere.
    """
    end(work, state, now)


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of an import: the file it is at, in whose name, and which try it is."""

    work: Import
    file: ImportFile
    actor: Actor
    scopes: Allowing

    @property
    def is_last_try(self) -> bool:
        """Whether what is tried has failed as often as it may."""
        return self.work.tries >= working.TRIES


def turn_of(pk: UUID, now: datetime) -> Turn | None:
    """Judge an import again and count a try of its next step, before it: a kill counts as well.

    None: it was ended meanwhile, or it ends here, done or without its rights.
    """
    with transaction.atomic():
        work = working.held(Import, pk)
        if work is None:
            return None
        file = current(work) or _passed_again(work)
        if file is None:
            end(work, State.DONE, now)
            return None
        try:
            actor, scopes = working.judged(work, now)
        except Unadmitted:
            end(work, State.STOPPED, now)
            return None
        work.tries += 1
        work.save(update_fields=["tries"])
        if file.taken_at is None:
            ImportPart.objects.filter(file=file).delete()  # brought in part by a former try
        return Turn(work, file, actor, scopes)


def is_last_passage(work: Import) -> bool:
    """Whether lines that lead nowhere now are refused: no other passage comes."""
    return work.passes + 1 >= PASSAGES


def _passed_again(work: Import) -> ImportFile | None:
    """Take up again the lines that waited for others, now that all were read. None: none waits."""
    waiting = ImportPart.objects.filter(file__whole=work, what=What.LATER)
    files = ImportFile.objects.filter(pk__in=waiting.values("file"))
    if not files.update(place=0, ended_at=None):
        return None
    waiting.update(what=What.SENT)
    work.passes += 1
    work.save(update_fields=["passes"])
    return current(work)


def still(turn: Turn) -> bool:
    """Hold the import of a step: whether it is still to be done, and by no other meanwhile."""
    work = working.held(Import, turn.work.pk)
    if work is None or (work.passes, work.tries) != (turn.work.passes, turn.work.tries):
        return False
    file = current(work)
    return file is not None and (file.pk, file.place) == (turn.file.pk, turn.file.place)


def broke(pk: UUID, now: datetime) -> None:
    """Try later what broke a step, out of the lock of those that wait; not without end."""
    with transaction.atomic():
        work = working.held(Import, pk)
        if work is not None and work.tries < MOST_BREAKS:
            working.go_on(work, at=now + timedelta(seconds=2**work.tries))


def bring(turn: Turn, pieces: Iterable[Piece]) -> bool:
    """Keep the lines of a file as they come. Says whether they were all kept.

    Raises whatever brings them: none of its lines is written then.
    """
    for piece in pieces:
        with transaction.atomic():
            if not still(turn):
                return False
            _keep(turn.file, What.SENT, piece.number, piece.lines)
    return True


def brought(turn: Turn, now: datetime) -> None:
    """Note that a file was brought whole."""
    with transaction.atomic():
        if still(turn):
            file = turn.file
            file.taken_at = now
            file.ended_at = None if next_part(file) else now
            file.save(update_fields=["taken_at", "ended_at"])
            _moved(turn.work, now)


def not_brought(turn: Turn, why: bytes, now: datetime, *, for_good: bool = False) -> bool:
    """Try the address of a file again later; leave it aside, and say why, the last time.

    `for_good`: no other try would change it. Says whether the import goes on at once.
    """
    with transaction.atomic():
        if not still(turn):
            return False
        work, file = turn.work, turn.file
        if not (for_good or turn.is_last_try):
            working.go_on(work, at=now + PATIENCE * work.tries)
            return False
        ImportPart.objects.filter(file=file).delete()
        _keep(file, What.REFUSED, 0, [why])
        _note_unborn(work, {any_of(file.kind)})
        work.refused, file.refused = work.refused + 1, 1
        file.ended_at = now
        file.save(update_fields=["refused", "ended_at"])
        _moved(work, now)
    return True


def add(turn: Turn, done: Done, upto: int, now: datetime) -> None:
    """Note what became of some lines, up to the last of them. In the transaction that wrote them,
    once `still` holds it: all of them, or nothing."""
    work, file = turn.work, turn.file
    kept = sorted(done.refused)[: max(0, MOST_KEPT - work.refused)]
    if kept:
        _keep(file, What.REFUSED, kept[0], [done.refused[one] for one in kept])
    if done.waiting:
        first, last = min(done.waiting), max(done.waiting)
        lines = [done.waiting.get(one, b"") for one in range(first, last + 1)]
        _keep(file, What.LATER, first, lines)
        file.waited += len(done.waiting) if not work.passes else 0
    _note_names(work, done.keys)
    _note_unborn(work, done.unborn | ({any_of(file.kind)} if done.nameless else set()))
    for one in (work, file):
        one.lines += done.lines
        one.written += done.written
        one.known += done.known
        one.refused += len(done.refused)
    file.place = upto
    part = next_part(file)
    is_done = part is None or part.number + part.lines - 1 <= upto
    if part is not None and is_done:
        part.delete()
        part = next_part(file)
    file.ended_at = None if part else now
    file.save(update_fields=["place", "waited", "ended_at", *COUNTED])
    _moved(work, now, tries=0 if is_done else 1)  # a part that failed is gone on with line by line


COUNTED = ("lines", "written", "known", "refused")


def _moved(work: Import, now: datetime, tries: int = 0) -> None:
    work.moved_at, work.tries = now, tries
    work.save(update_fields=["moved_at", "tries", *COUNTED])


def _note_names(work: Import, keys: Mapping[str, str]) -> None:
    """Note what lines are called where they come from, and here; whose name it is leaves with her.

    One of a line that was refused may be that of a later one.
    """
    rows = [ImportedKey(whole=work, sent_as=one, held_as=held) for one, held in keys.items()]
    for row in rows:
        kind, _, pk = row.held_as.partition("/")
        row.person_id = UUID(pk) if kind == "Patient" else None
    ImportedKey.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["whole", "sent_as"],
        update_fields=["held_as", "person"],
    )


def _note_unborn(work: Import, names: Iterable[str]) -> None:
    """Note which names are of this import, though nothing here bears them (yet)."""
    rows = [ImportedKey(whole=work, sent_as=one) for one in sorted(names)]
    ImportedKey.objects.bulk_create(rows, ignore_conflicts=True)


def _keep(file: ImportFile, what: str, number: int, lines: Sequence[bytes]) -> None:
    part = ImportPart(file=file, what=what, number=number, lines=len(lines))
    part.sealed = seal(packed(lines), part.pk)
    part.save(force_insert=True)


def end(work: Import, state: str, now: datetime) -> None:
    """End an import: what waited is let go; what is not done keeps no file, nor refusal."""
    work.state, work.ended_at = state, work.ended_at or now
    work.save(update_fields=["state", "ended_at"])
    _let_names_go(work)
    if state != State.DONE:
        ImportPart.objects.filter(file__whole=work).delete()
        ImportFile.objects.filter(whole=work).delete()


def _let_names_go(work: Import) -> None:
    """Keep the names of what was written by imports that went to their end, the latest ones of a
    system: so many, whole imports at a time. One that did not may say of a name half of the story.
    """
    mine = ImportedKey.objects.filter(whole=work)
    is_whole = work.state in (State.DONE, State.OVER)
    (mine.filter(held_as="") if is_whole else mine).delete()
    rows = ImportedKey.objects.filter(whole__client=work.client_id)
    latest = rows.order_by("-whole__asked_at", "-whole__pk").values_list("whole_id")
    names, gone = 0, []
    for pk, count in latest.annotate(names=Count("pk")):
        names += count
        gone += [pk] if names > MOST_NAMES else []
    if gone:
        ImportedKey.objects.filter(whole__in=gone).delete()
