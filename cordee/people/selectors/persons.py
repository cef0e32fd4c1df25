"""Finding a person: by any of their names, birth date, INS or phone, among those one may know."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.access.policy import get_visible, visible
from cordee.people.models import Person
from cordee.people.policy import keys_of, persons_of
from cordee.people.rules import asking, traits
from cordee.people.rules.asking import Question
from cordee.people.rules.sharing import Category
from cordee.people.rules.traits import Likeness, Traits

CANDIDATES = 300
CLOSE_ENOUGH = 0.62


class WordQuery(SearchQuery):
    """One word of a name: as a beginning, as a sound, or with one letter astray."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.function = "people_word_query"


@dataclass(frozen=True)
class Found:
    """Somebody found, how sure, and why."""

    person: Person
    score: float
    reasons: tuple[str, ...] = ()

    @property
    def likeness(self) -> Likeness:
        """The score as the duplicate rules read it."""
        return Likeness(int(self.score), self.reasons)


def persons(actor: Actor, category: Category = Category.IDENTITY) -> QuerySet[Person]:
    """List those whom the actor may know, by name. One query."""
    known = persons_of(actor, category).filter(merged_into=None).select_related("commune", "gp")
    return known.order_by("name_key", "pk")


def get_person(actor: Actor, pk: UUID | str, category: Category = Category.IDENTITY) -> Person:
    """Fetch one person one may know; the number of an absorbed record leads to the surviving one.

    Raises Http404, traced, when there is none. One query; two when there is nothing under it.
    """
    known = persons(actor, category)
    found: Person | None = visible(known, actor).filter(pk=pk).first()
    return found or get_visible(actor, known, surviving(pk))


def surviving(pk: UUID | str) -> UUID | str:
    """Say which record speaks for a record today: itself, or the one that absorbed it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_surviving(%s)", [pk])
        (survivor,) = cursor.fetchone() or (pk,)
    return survivor


def search(actor: Actor, text: str, limit: int = 20) -> list[Found]:
    """Find persons by names in any order, birth date, INS or phone. One to three queries."""
    question = asking.understood(text)
    if question.empty:
        return []
    found = _ranked(question, _candidates(actor, question))
    return found[:limit]


def possible_duplicates(
    actor: Actor, asked: Traits, *, but: UUID | None = None, limit: int = 8
) -> list[Found]:
    """List those who may be the same person, likeliest first. One query; none is hidden from view
    that the actor may know, and nobody else shows."""
    alike = _alike(asked)
    if alike is None:
        return []
    if but is not None:
        alike &= ~Q(pk=but)
    found = []
    for person in _among(actor, alike):
        likeness = traits.likeness(asked, person.traits)
        if likeness.possible:
            found.append(Found(person, likeness.score, likeness.reasons))
    return sorted(found, key=lambda one: -one.score)[:limit]


def _alike(asked: Traits) -> Q | None:
    ways = []
    if asked.ins:
        ways.append(Q(ins=asked.ins))
    if asked.phones:
        ways.append(Q(phone__in=asked.phones) | Q(other_phone__in=asked.phones))
    named = traits.words(asked.birth_name, asked.used_name)
    given = traits.words(asked.first_names, asked.used_first_name)
    if named and (given or asked.birth_date):
        family = _any_word(named)
        other = _any_word(given) if given else Q(pk__in=[])
        if asked.birth_date:
            other |= Q(birth_date=asked.birth_date)
            ways.append(Q(birth_date=asked.birth_date) & (family | other))
        ways.append(family & other)
    if not ways:
        return None
    alike = ways[0]
    for way in ways[1:]:
        alike |= way
    return alike


def _among(actor: Actor, wanted: Q) -> list[Person]:
    """Find through the gates, where the index of names serves; read under the second lock."""
    found = keys_of(actor).filter(wanted).order_by("name_key", "pk")[:CANDIDATES]
    rows = Person.objects.filter(pk__in=found.values("pk"), merged_into=None)
    return list(rows.select_related("commune", "gp").order_by("name_key", "pk"))


def _candidates(actor: Actor, question: Question) -> list[Person]:
    if question.ins:
        return _among(actor, ~Q(ins="") & Q(ins__startswith=question.ins))
    sure = Q()
    if question.birth_date:
        sure &= Q(birth_date=question.birth_date)
    if question.phone:
        sure &= Q(phone=question.phone) | Q(other_phone=question.phone)
    words = [word for word in question.words if len(word) >= 2]
    every = _among(actor, sure & _every_word(words))
    if every or len(words) < 2:
        return every
    but_one = [words[:place] + words[place + 1 :] for place in range(len(words))]
    nearly = Q()
    for fewer in but_one:
        nearly |= _every_word(fewer)
    return _among(actor, sure & nearly)


def _word(word: str) -> Q:
    return Q(search_keys=WordQuery(word))


def _every_word(words: list[str]) -> Q:
    every = Q()
    for word in words:
        every &= _word(word)
    return every


def _any_word(words: list[str]) -> Q:
    some = Q()
    for word in words:
        some |= _word(word)
    return some


def _ranked(question: Question, candidates: list[Person]) -> list[Found]:
    found = []
    for person in candidates:
        names = traits.words(
            person.birth_name, person.used_name, person.first_names, person.used_first_name
        )
        score = traits.closeness(question.words, names) if question.words else 1.0
        if score >= CLOSE_ENOUGH:
            found.append(Found(person, round(100 * score)))
    return sorted(found, key=lambda one: (-one.score, one.person.name_key, str(one.person.pk)))
