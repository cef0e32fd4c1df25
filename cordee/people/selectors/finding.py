"""Finding rows among a million: by their index first, then by who may know them.

Judged before they were found, the conditions of sight would have PostgreSQL gather everybody whom
an organisation follows. So names are met through the gate, where their index serves, the closest
first; then those few are judged and read under both locks. Three queries, whatever is hidden.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import (
    Case,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
)

from cordee.access.actor import Actor
from cordee.access.stencil import Stencil
from cordee.people.models import GatePerson, GateStay, Person
from cordee.people.rules import traits

MET = 300  # rows that the index gives, the closest by their keys
NOBODY = UUID(int=0)


class WordQuery(SearchQuery):
    """One word of a name: as a beginning, as a sound, or with one letter astray."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.function = "people_word_query"


def every_word(words: list[str]) -> Q:
    """Names in which each word is found."""
    every = Q()
    for word in words:
        every &= Q(search_keys=WordQuery(word))
    return every


def any_word(words: list[str]) -> Q:
    """Names in which one of the words is found."""
    some = Q()
    for word in words:
        some |= Q(search_keys=WordQuery(word))
    return some


def among(actor: Actor, wanted: Q, words: Sequence[str], most: int) -> list[Person]:
    """Give those that the actor may know, the closest to the words first. Three queries, always."""
    keys = _closest(actor, wanted, list(words))
    keys += [NOBODY] * (MET - len(keys))  # one length, hence one prepared query
    seen = [pk for (pk,) in _seen(actor=actor, keys=keys, most=most)] or [NOBODY]
    found = Person.objects.filter(pk__in=seen).select_related("commune", "gp").order_by("pk")
    return sorted(found, key=lambda person: seen.index(person.pk))


@Stencil
def _seen(actor: Actor, keys: list[UUID], most: int) -> QuerySet[Person, Any]:
    place = Func(
        Value(keys, output_field=ArrayField(UUIDField())), F("pk"), function="array_position"
    )
    rows = Person.objects.visible_to(actor).filter(pk__in=keys, merged_into=None)
    return rows.order_by(place, "pk").values_list("pk")[:most]


def _closest(actor: Actor, wanted: Q, words: list[str]) -> list[UUID]:
    """Whom the index meets: those around the actor first, so that no crowd of others hides them."""
    met = GatePerson.objects.filter(wanted).annotate(
        stay=Subquery(_stays(actor)),
        near=_near(actor),
        rank=SearchRank(F("search_keys"), _either(words)) if words else Value(0.0),
    )
    rows = met.order_by("-near", "-rank", "name_key", "pk")[:MET]
    weighed = [
        (-round(traits.closeness(words, name.split()), 2), -near, name, pk)
        for name, near, pk in rows.values_list("name_key", "near", "pk")
    ]
    return [pk for *_, pk in sorted(weighed)]


def _stays(actor: Actor) -> QuerySet[GateStay, Any]:
    """A stay in the circle, looked up for each one met: PostgreSQL would gather them all."""
    mine = Q(organization_id__in=actor.organizations)
    if actor.practitioner_id:
        mine |= Q(practitioner_id=actor.practitioner_id)
    return GateStay.objects.filter(mine, person=OuterRef("pk")).order_by().values("pk")[:1]


def _near(actor: Actor) -> Case:
    """One for those whom the actor may know at all, apart from an emergency; zero for others."""
    around = Q(territory_id__in=actor.territories) | Q(pk__in=actor.person_ids)
    return Case(
        When(around | Q(stay__isnull=False), then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )


def _either(words: list[str]) -> SearchQuery:
    whole = WordQuery(words[0])
    for word in words[1:]:
        whole = whole | WordQuery(word)
    return whole
