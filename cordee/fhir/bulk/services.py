"""What happens to an export: begun, one file after another, ended, its files removed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from cordee.access import trace
from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.fhir.bulk import work
from cordee.fhir.bulk.making import Step
from cordee.fhir.bulk.selectors import is_settled
from cordee.fhir.models import Export, ExportedPerson, ExportPart
from cordee.fhir.outcome import Issue
from cordee.kernel.base import array_of
from cordee.partners.sealing import seal

State = Export.State
SETTLING = timedelta(seconds=1)  # between two looks at what was being written


@action("fhir.export", on=None)
def begin(*, actor: Actor, said: dict[str, Any], now: datetime) -> Export:
    """Begin an export; a job makes it. Raises Refusal (429): one is already running.

    The files of its former export go: a system that asks without end does not fill the disk.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (begun_by,) = cursor.fetchone() or (0,)
    said |= {"begun_by": begun_by}
    export = work.begun(Export, said, actor=actor, now=now, busy=ONE_AT_A_TIME)
    former = Export.objects.select_for_update(of=("self",)).filter(client_id=export.client_id)
    for one in former.filter(state=State.DONE).order_by("pk"):
        end(one, State.OVER, now)
    work.go_on(export)
    return export


ONE_AT_A_TIME = Issue(
    "throttled",
    "bulk.one_at_a_time",
    "Un export de ce système est déjà en cours : attendez sa fin, ou annulez-le.",
    "An export of this client is already running: wait for its end, or cancel it.",
)


@action("fhir.cancel_export", on="export")
def cancel(*, actor: Actor, export: Export, now: datetime) -> None:
    """Stop an export, or take back its files once it is done: it is nowhere afterwards."""
    end(export, State.CANCELLED, now)


def may_try(pk: UUID, now: datetime) -> bool:
    """Count a try of the next file, before it: what kills the process counts as well.

    Says whether to try: not what has failed so often, nor before what was being written is settled.
    """
    with transaction.atomic():
        export = work.held(Export, pk)
        if export is None:
            return False
        if not (export.stage or is_settled(export)):
            work.go_on(export, at=now + SETTLING)
            return False
        if export.tries >= work.TRIES:
            end(export, State.FAILED, now)
            return False
        export.tries += 1
        export.save(update_fields=["tries"])
    return True


def add(export: Export, step: Step, actor: Actor, now: datetime) -> None:
    """Keep what a step made, say whom it told of, and note how far it went: all, or nothing."""
    for packed in step.files:
        if packed.lines:
            export.files += 1
            part = ExportPart(export=export, number=export.files, kind=step.mapping.type)
            part.what, part.lines = packed.what, packed.lines
            part.persons = sorted(step.persons)
            part.sealed = seal(packed.closed(), part.pk)
            part.save(force_insert=True)
    new = _not_told_of(export, step)
    trace.listed(actor, step.mapping.model._meta.label_lower, new)
    export.resources, export.tries = export.resources + step.told, 0
    export.stage, export.place, export.moved_at = step.stage, step.place, now
    export.save(update_fields=[*MOVED, "files", "resources"])


MOVED = ("stage", "place", "moved_at", "tries")


def _not_told_of(export: Export, step: Step) -> list[UUID]:
    """The persons that no file of this table has told of yet. Two queries, in sets."""
    with connection.cursor() as cursor:
        cursor.execute(NEW_PERSONS, [export.pk, step.stage, array_of(step.persons)])
        return [person for (person,) in cursor.fetchall()]


NEW_PERSONS = """
    INSERT INTO fhir_exportedperson (id, export_id, kind, person_key)
    SELECT gen_random_uuid(), %s, %s, person FROM unnest(%s::uuid[]) AS person
    ON CONFLICT (export_id, kind, person_key) DO NOTHING
    RETURNING person_key
"""


def end(export: Export, state: str, now: datetime) -> None:
    """End an export; what is not done keeps no file, nor the words by which it was asked."""
    told = ExportedPerson.objects.filter(export=export)
    if export.is_running:
        export.persons = told.values("person_key").distinct().count()
    export.state, export.ended_at = state, export.ended_at or now
    if state != State.DONE:
        export.address, export.asked = "", {**export.asked, "filters": []}
    export.save(update_fields=["state", "ended_at", "persons", "address", "asked"])
    told.delete()
    if state != State.DONE:
        ExportPart.objects.filter(export=export).delete()
