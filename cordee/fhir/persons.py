"""Persons as the door reads them most: by statements that PostgreSQL plans once per connection.

The conditions of sight are long: to plan them takes as long as to run them twenty to a hundred
times.
"""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from cordee.access import trace
from cordee.access.actor import Actor
from cordee.access.stencil import Stencil, Word
from cordee.directory.models import Commune
from cordee.fhir.search.parameters import like
from cordee.fhir.search.words import Wanted
from cordee.fhir.selectors import Body, body_told, kept_beside
from cordee.kernel.base import any_of
from cordee.people import selectors
from cordee.people.models import Person
from cordee.people.rules import traits
from cordee.people.rules.sharing import Category

BY_NAME = {
    "family": ("birth_name", "used_name"),
    "given": ("first_names", "first_name", "used_first_name"),
    "name": ("birth_name", "used_name", "first_names", "first_name", "used_first_name"),
}
"""The columns that each parameter of names is looked for in."""
MET = 24  # records met by their keys at once: a usual page, and a few that hide
NOBODY = UUID(int=0)
COLUMNS = tuple(
    one.attname
    for one in Person._meta.concrete_fields
    if not one.generated and one.attname not in ("created_at", "home_access", "unable_since")
)


TOLD = (*COLUMNS, "commune__name", "coordinated", "cared", "kept")
Rows = QuerySet[Person, Any]
Told = tuple[Person, Body | None]


@Stencil
def _told(actor: Actor, pk: UUID) -> Rows:
    told = selectors.told_of(actor) | {"kept": kept_beside("Patient")}
    rows = selectors.records(actor).filter(pk=pk).annotate(**told)
    return rows.values_list(*TOLD)


def quick(actor: Actor, pk: UUID) -> Told | None:
    """One person, what their reader may know, what is kept around them, and the line of trace
    that says so. One query."""
    rows = trace.read_as_seen(actor, Person._meta.label_lower, pk, [pk], _told, pk=pk)
    return _read(actor, rows[0]) if rows else None


@Stencil
def _some(actor: Actor, keys: list[UUID], paths: tuple[str, ...], text: Word) -> Rows:
    """Of those, the ones whom the actor may know, and in whose names the text is."""
    rows = selectors.records(actor).filter(pk__in=any_of(keys, "uuid"), merged_into=None)
    told = selectors.told_of(actor) | {"kept": kept_beside("Patient")}
    condition = Q()
    for path in paths:
        condition |= like(path, text, "")
    return rows.filter(condition).annotate(**told).order_by("pk").values_list(*TOLD)


def named(actor: Actor, wanted: Wanted, after: UUID | None) -> list[Told] | None:
    """A page of a search by one name, as most are: the keys of names meet, and those few alone are
    judged and told. Two queries, planned once; None for any other search."""
    if len(wanted.asked) != 1 or wanted.sort:
        return None
    (asked,) = wanted.asked
    paths = BY_NAME.get(asked.name, ())
    if not paths or asked.modifier or asked.chain or len(asked.values) != 1:
        return None
    words, text = traits.words(asked.values[0]), Word(asked.values[0])
    if not words:
        return None
    found: list[Told] = []
    while len(found) <= wanted.count:
        keys = selectors.met_by_beginnings(actor, words, after=after, most=MET)
        if keys is None:
            return None
        among = [*keys, *[NOBODY] * (MET - len(keys))]  # one length, hence one prepared query
        found += [
            _read(actor, row) for row in _some(actor=actor, keys=among, paths=paths, text=text)
        ]
        if len(keys) < MET:
            break
        after = keys[-1]
    return found[: wanted.count + 1]


def again(actor: Actor, pk: UUID) -> Told | None:
    """The same of somebody who was just written, or whom a resource names: no line. One query."""
    rows = _told(actor=actor, pk=pk)
    return _read(actor, rows[0]) if rows else None


def _read(actor: Actor, told: tuple[Any, ...]) -> Told:
    *values, commune, coordinated, cared, kept = told
    person: Any = Person.from_db("default", COLUMNS, values)
    person.coordinated, person.cared = coordinated, cared
    if person.commune_id:
        person.commune = Commune(code=person.commune_id, name=commune)
    known = [Category.COORDINATION] * coordinated + [Category.CARE] * cared
    return person, body_told(kept, actor, known)
