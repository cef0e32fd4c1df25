"""Persons as the door is asked for them most: by names, with a day of birth or without, or by one
identifier. Keys meet, and whoever is met is judged and told of one by one, until the page is full.

One statement, that PostgreSQL plans once per connection, with the line of trace that says who is on
the page. Any other search is that of the compiler; both find the same.
"""

import re
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, UUIDField
from django.db.models.expressions import RawSQL

from cordee.access import trace
from cordee.access.actor import Actor
from cordee.access.stencil import Said, Stencil, Word
from cordee.fhir.contract import Told
from cordee.fhir.models import KeptBody
from cordee.fhir.persons import Rows, as_told, telling
from cordee.fhir.search.parameters import begun, label, token_of
from cordee.fhir.search.words import Asked, Wanted
from cordee.fhir.selectors import identified, met_under
from cordee.people import selectors
from cordee.people.models import Person
from cordee.people.policy import keys_of
from cordee.people.rules import traits
from cordee.people.rules.identity import Registry, Status
from cordee.people.rules.sharing import Category

Parts = tuple[Said, Said]  # who is met, sorted by `place`; and the one of `met.id`, judged and told
MOST_NAMES = 4  # of one search: each number of them is a statement of its own
DAY = re.compile(r"[12]\d{3}-\d\d-\d\d")
OID = "urn:oid:"
NOBODY = UUID(int=0)
BY_NAME = {
    "family": ("birth_name", "used_name"),
    "given": ("first_names", "first_name", "used_first_name"),
    "name": ("birth_name", "used_name", "first_names", "first_name", "used_first_name"),
}
"""The columns that each parameter of names is looked for in."""


def usual(actor: Actor, wanted: Wanted, after: UUID | None) -> list[Told] | None:
    """A page of a usual search, after a key, the first one of the next page, and the line of trace.

    One query, planned once; None for any other search.
    """
    if wanted.sort or any(
        one.modifier or one.chain or len(one.values) != 1 for one in wanted.asked
    ):
        return None
    parts = _by_names(actor, wanted, after) or _by_number(actor, wanted, after)
    if parts is None:
        return None
    (met, first), (some, then) = parts
    page = _one_by_one(met, some), [*first, *then, wanted.count + 1]
    rows = trace.listed_as_seen(actor, Person._meta.label_lower, wanted.count, page)
    return [as_told(actor, row) for row in rows]


@lru_cache(1_000)
def _one_by_one(met: str, some: str) -> str:
    """The statement of a page, or nothing when nobody may be seen."""
    if not (met and some):
        return ""
    return f"""SELECT known.* FROM ({met}) AS met
        CROSS JOIN LATERAL ({some} OFFSET 0) AS known
        ORDER BY met.place LIMIT %s"""  # noqa: S608 — of stencils


def _the_one_met(actor: Actor) -> Rows:
    """The one who was met, if the actor may know them: a record that another absorbed is not
    found."""
    met = RawSQL("met.id", [], UUIDField())
    return selectors.records(actor).filter(pk=met, merged_into=None).order_by()


# --- by names ----------------------------------------------------------------------------------


class Named(NamedTuple):
    """For each name, the columns that it is looked for in and its text; and a day of birth."""

    columns: tuple[tuple[str, ...], ...]
    texts: tuple[Word, ...]
    born: date | None


def _by_names(actor: Actor, wanted: Wanted, after: UUID | None) -> Parts | None:
    """None: something else than names is asked, or names of no word."""
    asked = _named(wanted.asked)
    words = [traits.words(one) for one in asked.texts] if asked else []
    if asked is None or not all(words):
        return None
    met = selectors.met_by_beginnings(actor, list(chain(*words)), after=after)
    return None if met is None else (met, _bearing.said(actor=actor, asked=asked))


def _named(asked: tuple[Asked, ...]) -> Named | None:
    names = [one for one in asked if one.name in BY_NAME]
    days = [one.values[0].removeprefix("eq") for one in asked if one.name == "birthdate"]
    is_all = len(names) + len(days) == len(asked) and len(days) < 2
    if not (is_all and 0 < len(names) <= MOST_NAMES and all(map(DAY.fullmatch, days))):
        return None
    try:
        born = date.fromisoformat(days[0]) if days else None
    except ValueError:  # 30 February
        return None
    texts = tuple(Word(one.values[0]) for one in names)
    return Named(tuple(BY_NAME[one.name] for one in names), texts, born)


@Stencil
def _bearing(actor: Actor, asked: Named) -> Rows:
    """The one who was met, if each text begins a word of their names: keys let through too much."""
    rows = _the_one_met(actor)
    for columns, text in zip(asked.columns, asked.texts, strict=True):
        folded, found = RawSQL("SELECT ' ' || cordee_fold(%s)", [text], TextField()), Q()
        for path in columns:
            found |= begun(path, folded)
        rows = rows.filter(found)
    return telling(actor, rows.filter(birth_date=asked.born) if asked.born else rows)


# --- by one identifier -------------------------------------------------------------------------


class Numbered(NamedTuple):
    """A number, how it is written beside what was kept, and the registries that it may be of."""

    code: Word
    label: Word
    registries: tuple[Registry, ...]


def qualified(registry: Registry, code: str) -> Q:
    """Whose qualified INS it is."""
    return Q(ins=code, ins_oid=registry.value, ins_status=Status.QUALIFIED.value)


def known_beyond_the_least(actor: Actor) -> Q:
    """Those of whom more than the least view is known: what it hides is not searched either."""
    return Q(Exists(keys_of(actor, Category.COORDINATION).filter(pk=OuterRef("pk"))))


def _by_number(actor: Actor, wanted: Wanted, after: UUID | None) -> Parts | None:
    """None: something else than one identifier is asked, or one without a value."""
    if len(wanted.asked) != 1 or wanted.asked[0].name != "identifier":
        return None
    system, code = token_of(wanted.asked[0].values[0])
    if not code:
        return None
    registries = tuple(one for one in Registry if system in (None, OID + one.value))
    told = label("identifier", system, code)
    asked, ins = (
        Numbered(Word(code), Word(told), registries),
        selectors.met_by_ins(code, after=after),
    )
    kept = _kept.said(label=asked.label, after=after or NOBODY)
    met = f"SELECT id FROM ({ins[0]} UNION {kept[0]}) AS either ORDER BY id"  # noqa: S608
    around = selectors.those_around(actor, (met, [*ins[1], *kept[1]]))
    return None if around is None else (around, _bearing_number.said(actor=actor, asked=asked))


@Stencil
def _kept(label: Word, after: UUID) -> QuerySet[KeptBody, tuple[UUID]]:
    return met_under(label, after)


@Stencil
def _bearing_number(actor: Actor, asked: Numbered) -> Rows:
    """The one who was met, if it is a number of theirs that the actor may know."""
    found = identified(actor, "Patient", asked.label)
    for registry in asked.registries:
        found |= qualified(registry, asked.code)
    return telling(actor, _the_one_met(actor).filter(found & known_beyond_the_least(actor)))
