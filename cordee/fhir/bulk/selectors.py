"""Exports as they stand, and their files."""

from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q, QuerySet

from cordee.access.actor import Actor
from cordee.access.policy import visible
from cordee.access.sight import by_the_house
from cordee.fhir.models import BulkWork, Export, ExportPart
from cordee.fhir.registry import mapping_of
from cordee.kernel.base import any_of, array_of
from cordee.partners.sealing import unseal
from cordee.people.models import Sharing
from cordee.people.policy.known import AUDIENCES
from cordee.people.rules.sharing import Choice, Medium, audience_of_profession

Work = TypeVar("Work", bound=BulkWork)


def works(kind: type[Work], actor: Actor) -> QuerySet[Work]:
    """Works of a sort, the latest first, with who asked. One query."""
    rows = visible(kind._default_manager.select_related("client"), actor)
    return rows.order_by("-asked_at", "-pk")


def own(kind: type[Work], actor: Actor, client_id: UUID, pk: UUID) -> Work | None:
    """A work of a client; another’s is as one that is not. One query."""
    rows = kind._default_manager.filter(pk=pk, client=client_id)
    return visible(rows, actor).first()


@by_the_house
def parts_of(export: Export) -> list[ExportPart]:
    """The files of an export, without what they hold. One query.

    By the house: nobody is shown the table of files; their export was found under its own rule.
    """
    return list(ExportPart.objects.filter(export=export).defer("sealed").order_by("number", "pk"))


@by_the_house
def part_of(export: Export, number: int) -> ExportPart | None:
    """One file of an export. One query.

    By the house: as above.
    """
    return ExportPart.objects.filter(export=export, number=number).first()


@by_the_house
def key_after(model: type[Model], after: Any, count: int) -> Any:
    """The key of so many rows further in a table; None: fewer are left. One query, by its index.

    By the house: it bounds what is read next under both locks, and nobody is shown it.
    """
    keys = model._base_manager.order_by("pk").values_list("pk", flat=True)
    keys = keys if after is None else keys.filter(pk__gt=after)
    return next(iter(keys[count - 1 : count]), None)


def walk_by_keys() -> None:
    """Have tables walked in the order of their keys until the end of the transaction. One query.

    PostgreSQL takes what a condition keeps for little: it would sort all that is left of a range,
    for each batch.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT set_config('enable_sort', 'off', true),
                set_config('max_parallel_workers_per_gather', '0', true)"""
        )


def are_still_known(actor: Actor, part: ExportPart) -> bool:
    """Whether the actor may still see everybody that a file tells of. One query."""
    persons = set(part.persons)
    known = mapping_of("Patient").rows(actor).filter(pk__in=persons).order_by()
    return known.values("pk").count() == len(persons)


@by_the_house
def have_shut_something(actor: Actor, part: ExportPart, since: datetime) -> bool:
    """Whether somebody that a file tells of has, since a moment, opposed something to the audience
    of the actor, or ended a consent. One query.

    By the house: choices are not the actor’s to read, and one is said to have changed, of nobody by
    name. Any category counts: a line of a file is not known to have been opened by this one or that
    one. A refusal of coordination needs no look here: from whom it hides anything, it hides who she
    is.
    """
    said = Sharing.objects.filter(
        Q(choice=Choice.OPPOSED, until=None, since__gte=since)
        | Q(choice=Choice.CONSENTED, until__gte=since),
        person__in=any_of(array_of(part.persons), "uuid"),
        audience=AUDIENCES.get(actor.role) or audience_of_profession(actor.profession),
        medium__in=(Medium.SCREEN, Medium.SYSTEM),
    )
    return said.exists()


def packed(part: ExportPart) -> bytes:
    """What a file holds, packed. Raises InvalidTag when the house’s secret has changed."""
    return unseal(part.sealed, part.pk)


def was_replaced(export: Export, over_at: datetime) -> bool:
    """Whether a later export of its client took the place of one whose files are gone, before their
    time. One query."""
    later = Export.objects.filter(client=export.client_id).exclude(pk=export.pk)
    return later.filter(asked_at__gte=export.asked_at, asked_at__lte=over_at).exists()


def is_settled(export: Export) -> bool:
    """Whether whatever was being written when an export was asked has been: all of it is told."""
    with connection.cursor() as cursor:
        sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= %s"
        cursor.execute(sql, [export.begun_by])
        return bool(cast("tuple[bool]", cursor.fetchone())[0])


def silent_since(kind: type[Work], moment: datetime) -> list[Work]:
    """The works that have not moved for a while. One query."""
    rows = kind._default_manager.filter(state=BulkWork.State.RUNNING, moved_at__lt=moment)
    return list(rows.order_by("pk"))


def ended_before(kind: type[Work], moment: datetime) -> list[Work]:
    """The works whose files have waited long enough. One query."""
    rows = kind._default_manager.filter(state=BulkWork.State.DONE, ended_at__lt=moment)
    return list(rows.order_by("pk"))
