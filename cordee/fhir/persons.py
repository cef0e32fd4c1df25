"""Persons as the door reads them most: by statements that PostgreSQL plans once per connection.

The conditions of sight are long: to plan them takes as long as to run them twenty to a hundred
times.
"""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from cordee.access import trace
from cordee.access.actor import Actor
from cordee.access.stencil import Stencil
from cordee.directory.models import Commune
from cordee.fhir.contract import Told
from cordee.fhir.selectors import Body, body_told, kept_beside
from cordee.kernel.base import as_read
from cordee.kernel.packed import Packed, unpacked
from cordee.people import selectors
from cordee.people.models import Person
from cordee.people.rules.sharing import Category

COLUMNS = tuple(
    one.attname
    for one in Person._meta.concrete_fields
    if not one.generated and one.attname not in ("created_at", "home_access", "unable_since")
)


TOLD = ("id", "row", "coordinated", "cared", "kept")
Rows = QuerySet[Person, Any]


@Stencil
def _told(actor: Actor, pk: UUID) -> Rows:
    return telling(actor, selectors.records(actor).filter(pk=pk))


def telling(actor: Actor, rows: Rows) -> Rows:
    """What is read of records: their columns, what of them may be known, what is kept around.

    The columns leave as one value: of somebody whose text is known already, none is read again.
    """
    told = selectors.told_of(actor) | {"kept": kept_beside("Patient")}
    return rows.annotate(row=Packed(*COLUMNS, "commune__name"), **told).values_list(*TOLD)


def quick(actor: Actor, pk: UUID) -> Told | None:
    """One person, what their reader may know, what is kept around them, and the line of trace
    that says so. One query."""
    rows = trace.read_as_seen(actor, Person._meta.label_lower, pk, [pk], _told, pk=pk)
    return as_told(actor, rows[0]) if rows else None


def again(actor: Actor, pk: UUID) -> Told | None:
    """The same of somebody who was just written, or whom a resource names: no line. One query."""
    rows = _told(actor=actor, pk=pk)
    return as_told(actor, rows[0]) if rows else None


def as_told(actor: Actor, row: tuple[Any, ...]) -> Told:
    """A row as read, with what is kept around it, to who may know that."""
    pk, packed, coordinated, cared, kept = row
    known = [Category.COORDINATION] * coordinated + [Category.CARE] * cared
    return (pk, packed, coordinated, cared, body_told(kept, actor, known))


def row_of(told: Told) -> tuple[Person, Body | None]:
    """The record that was told of, and what is kept around it."""
    _, packed, coordinated, cared, body = told
    *values, commune = unpacked(packed)
    person: Any = as_read(Person, dict(zip(COLUMNS, values, strict=True)))
    person.coordinated, person.cared = coordinated, cared
    if person.commune_id:
        person.commune = as_read(Commune, {"code": person.commune_id, "name": commune})
    return person, body
