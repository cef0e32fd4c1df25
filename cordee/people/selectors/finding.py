"""Finding rows among a million: by their index first, then by who may know them.

Judged before they were found, the conditions of sight would have PostgreSQL gather everybody whom
an organisation follows. So names are met through the gate, where their index serves, the closest
first; then those few are judged and read under both locks. Three queries, whatever is hidden.
"""

from collections.abc import Sequence
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
    Value,
    When,
)

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.stencil import Stencil
from cordee.kernel.base import any_of
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
    keys += [NOBODY] * (JUDGED - len(keys))  # one length, hence one prepared query
    known = {pk for (pk,) in _seen(actor=actor, keys=keys)}
    seen = [pk for pk in keys if pk in known][:most] or [NOBODY]
    found = Person.objects.filter(pk__in=any_of(seen, "uuid")).defer("search_keys")
    people = {one.pk: one for one in found.select_related("commune", "gp").order_by("pk")}
    return [people[pk] for pk in seen if pk in people]


@Stencil
def _seen(actor: Actor, keys: list[UUID]) -> QuerySet[Person, Any]:
    rows = Person.objects.visible_to(actor).filter(pk__in=any_of(keys, "uuid"), merged_into=None)
    return rows.order_by("pk").values_list("pk")


def _closest(actor: Actor, wanted: Q, words: list[str]) -> list[UUID]:
    """Whom the index meets: those around the actor, so that no crowd of others hides them."""
    met = GatePerson.objects.filter(wanted).annotate(
        stay=Subquery(_stays(actor)),
        near=_near(actor),
        rank=SearchRank(F("search_keys"), _either(words)) if words else Value(0.0),
    )
    apart = actor.role is Role.SYSTEM or actor.purpose is Purpose.EMERGENCY
    rows = (met if apart else met.filter(near=1)).order_by("-near", "-rank", "name_key", "pk")
    weighed = [
        (-round(traits.closeness(words, name.split()), 2), -near, name, pk)
        for name, near, pk in rows.values_list("name_key", "near", "pk")[:MET]
    ]
    return [pk for *_, pk in sorted(weighed)][: MET if apart else JUDGED]


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


def _either(words: list[str]) -> SearchQuery:
    whole = WordQuery(words[0])
    for word in words[1:]:
        whole = whole | WordQuery(word)
    return whole
