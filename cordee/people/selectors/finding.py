"""Finding rows among a million: by their index first, then by who may know them.

Judged before they were found, the conditions of sight would have PostgreSQL gather everybody whom
an organisation follows. So names are met through the gate, where their index serves, the closest
first; then those few are judged and read under both locks. Three queries, whatever is hidden.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import (
    Case,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
)
from django.db.models.expressions import RawSQL

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.fetched import Fetch
from cordee.access.stencil import Said, Stencil, Word, filled_up
from cordee.kernel.base import any_of
from cordee.kernel.prepared import run
from cordee.people.models import GatePerson, GateStay, Person
from cordee.people.rules import traits

MET = 300  # rows that the index gives, the closest by their keys
JUDGED = 120  # of them, those whose names are the closest: three times what a page shows
NOBODY = UUID(int=0)


class WordQuery(SearchQuery):
    """One word of a name: as a beginning, as a sound, or with one letter astray."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.function = "people_word_query"


class ApartQuery(WordQuery):
    """The same names, the whole word asked apart from its beginnings (sql/beginnings.sql): less is
    read of a usual one when another word is asked too."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.function = "people_word_apart"


class SpeltQuery(SearchQuery):
    """Words whose query was written before (`spelt`): a statement that is planned once would spell
    them again for each row that it meets."""

    def __init__(self, query: str) -> None:
        super().__init__(query)
        self.template = "%(expressions)s::tsquery"


def spelt(words: Sequence[str]) -> dict[str, str]:
    """Write the query of each word. One query, whatever was asked before by anybody."""
    told = "SELECT word, people_word_query(word)::text FROM unnest(%s::text[]) AS word"
    return dict(run(told, [list(words)]))


def any_word(words: Sequence[str], queries: Mapping[str, str]) -> Word | None:
    """The query of names in which one of the words is found; None: there is no word."""
    return Word(" | ".join(queries[one] for one in words)) if words else None


def every_word(words: Sequence[str]) -> Q:
    """Names in which each word is found.

    The first is most often the family name, which few bear: its beginnings cost little. Apart, the
    names met through it would be held against 36 more keys each.
    """
    every = Q()
    for place, word in enumerate(words):
        every &= Q(search_keys=ApartQuery(word) if place else WordQuery(word))
    return every


def judged(
    actor: Actor, met: Sequence[tuple[Any, ...]], words: Sequence[str], most: int
) -> list[Person]:
    """Give those that the actor may know of whom the index met (`rows_met`), the closest to the
    words first. Two queries, always."""
    keys = _closest(actor, met, words)
    known = {pk for (pk,) in _seen(actor=actor, keys=filled_up(keys))}
    seen = [pk for pk in keys if pk in known][:most]
    return _persons.in_order(seen or [NOBODY])


def compared(
    actor: Actor, met: Sequence[tuple[Any, ...]], words: Sequence[str], most: int
) -> list[Person]:
    """The same, where few are met and nearly all are wanted. One query, always."""
    keys = _closest(actor, met, words) or [NOBODY]
    sql, values = _seen_whole.said(actor=actor, keys=filled_up(keys))
    found = _persons.records(run(sql, values, _persons.layout.binary)) if sql else {}
    return [found[pk] for pk in keys if pk in found][:most]


_persons = Fetch(lambda: Person.objects.defer("search_keys").select_related("commune", "gp"))


def _visible(actor: Actor, keys: list[UUID]) -> QuerySet[Person]:
    rows = Person.objects.visible_to(actor)
    return rows.filter(pk__in=any_of(keys, "uuid"), merged_into=None).order_by("pk")


@Stencil
def _seen(actor: Actor, keys: list[UUID]) -> QuerySet[Person, Any]:
    return _visible(actor, keys).values_list("pk")


@Stencil
def _seen_whole(actor: Actor, keys: list[UUID]) -> QuerySet[Person]:
    """As the records that `_persons` makes want it."""
    return _visible(actor, keys).defer("search_keys").select_related("commune", "gp")


def met_by_beginnings(actor: Actor, words: Sequence[str], *, after: UUID | None) -> Said | None:
    """Say how to meet, by key, those around the actor in whose names each word begins one, as
    `those_around` does."""
    keys = Word(" & ".join(f"'{word}':*" for word in words))
    return those_around(actor, _beginning.said(keys=keys, after=after or NOBODY))


def met_by_ins(ins: str, *, after: UUID | None) -> Said:
    """Say how to meet, by key (`id`), whoever bears an INS, qualified or not."""
    return _with_ins.said(ins=Word(ins), after=after or NOBODY)


@Stencil
def _with_ins(ins: Word, after: UUID) -> QuerySet[GatePerson, Any]:
    rows = GatePerson.objects.filter(~Q(ins=""), ins=ins, pk__gt=after)  # as the index leaves out
    return rows.order_by().values_list("id")


def those_around(actor: Actor, met: Said) -> Said | None:
    """Say which of those whom a statement meets, sorted by their key (`id`), are around the actor:
    a table of `place`, by which they are sorted, and `id`. None for who looks beyond them.

    All whom the actor may know are among them, and some whom they may not: what is read of them is
    judged then, one after the other, until a page is full. So are those around the actor told from
    others: of the hundreds whom a usual beginning meets, a page wants the first.
    """
    if _looks_apart(actor):
        return None
    around, more = _around.said(actor=actor)
    if not around:  # nobody is
        return "", []
    said = f"""SELECT met.id AS place, around.id FROM ({met[0]} OFFSET 0) AS met
        CROSS JOIN LATERAL ({around} OFFSET 0) AS around"""  # noqa: S608
    return said, [*met[1], *more]


@Stencil
def _beginning(keys: Word, after: UUID) -> QuerySet[GatePerson, Any]:
    asked = SearchQuery(keys, config="simple", search_type="raw")
    met = GatePerson.objects.filter(search_keys=asked, pk__gt=after)
    return met.order_by("pk").values_list("id")


@Stencil
def _around(actor: Actor) -> QuerySet[GatePerson, Any]:
    """The one who was met, if they are around the actor."""
    one = GatePerson.objects.filter(pk=RawSQL("met.id", [], UUIDField()))
    around = one.annotate(stay=Subquery(_stays(actor)), near=_near(actor)).filter(near=1)
    return around.order_by().values_list("id")


def rows_met(actor: Actor, wanted: Q, names: Any, *beside: str) -> QuerySet[GatePerson, Any]:
    """Whom the index meets: those around the actor, so that no crowd of others hides them, the
    closest to a query of names first. `beside`: columns of theirs that come along."""
    met = GatePerson.objects.filter(wanted).annotate(
        stay=Subquery(_stays(actor)),
        near=_near(actor),
        rank=SearchRank(F("search_keys"), names) if names else Value(0.0),
    )
    rows = met if _looks_apart(actor) else met.filter(near=1)
    rows = rows.order_by("-near", "-rank", "name_key", "pk")
    return rows.values_list("name_key", "near", "pk", *beside)[:MET]


def _looks_apart(actor: Actor) -> bool:
    return actor.role is Role.SYSTEM or actor.purpose is Purpose.EMERGENCY


def _closest(actor: Actor, met: Sequence[tuple[Any, ...]], words: Sequence[str]) -> list[UUID]:
    """The closest first; of equals, who bears the fewest other names: a crowd of them hid whom was
    meant."""
    weighed = [
        (-round(traits.closeness(words, name.split()), 2), -near, len(name.split()), name, pk)
        for name, near, pk, *_ in met
    ]
    return [pk for *_, pk in sorted(weighed)][: MET if _looks_apart(actor) else JUDGED]


def _stays(actor: Actor) -> QuerySet[GateStay, Any]:
    """A stay in the circle, looked up for each one met: PostgreSQL would gather them all."""
    mine = Q(organization_id__in=actor.organizations)
    if actor.practitioner_id:
        mine |= Q(practitioner_id=actor.practitioner_id)
    return GateStay.objects.filter(mine, person=OuterRef("pk")).order_by().values("pk")[:1]


def _near(actor: Actor) -> Case:
    """One for those whom the actor may know at all, apart from an emergency; zero for others.

    Nobody but the desk knows the people of a territory (`policy.known`).
    """
    territories = actor.territories if actor.role is Role.ORIENTEUSE else ()
    around = Q(territory_id__in=territories) | Q(pk__in=actor.person_ids)
    return Case(
        When(around | Q(stay__isnull=False), then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )


def either(words: Sequence[str]) -> SearchQuery | None:
    """The query of names in which one of the words is found; None: there is no word."""
    if not words:
        return None
    whole: SearchQuery = WordQuery(words[0])
    for word in words[1:]:
        whole = whole | WordQuery(word)
    return whole
