"""Finding a person: by any of their names, birth date, INS or phone, among those one may know."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac

from cordee.access.actor import Actor, Role
from cordee.access.fetched import Fetch
from cordee.access.policy import get_visible, sees_row
from cordee.access.stencil import Stencil, Word
from cordee.kernel.once import once
from cordee.people.models import Person
from cordee.people.policy import OfThisOne, keys_of, known_among, knows, persons_of
from cordee.people.rules import asking, matching, traits
from cordee.people.rules.asking import Question
from cordee.people.rules.sharing import CLINICAL, Category, LegalState
from cordee.people.rules.traits import Traits
from cordee.people.rules.writing import Identity
from cordee.people.selectors.finding import (
    NOBODY,
    SpeltQuery,
    any_word,
    compared,
    either,
    every_word,
    judged,
    rows_met,
    spelt,
)

CLOSE_ENOUGH = 0.62
SHOWN = 20  # persons that a search gives: past them, it says that there may be others
# What the least view leaves out, and what is care alone: neither shown nor corrected (ADR 9).
BEYOND_THE_LEAST = frozenset(
    ["other_phone", "email", "address", "home_access", "birth_place_code", "ins", "ins_oid"]
    + ["protection", "unable_since", "is_homonym", "is_doubtful", "is_fictitious"]
)
OF_CARE = frozenset(name for name, told_by in CLINICAL.items() if told_by == Category.CARE)
ALIKE = 60  # who may be the same, compared trait by trait


@dataclass(frozen=True)
class Found:
    """Somebody found, how sure from 0 to 1, and why."""

    person: Person
    score: float
    reasons: tuple[str, ...] = ()

    @property
    def probable(self) -> bool:
        """Whether the weights say that it is the same person."""
        return self.score >= matching.PROBABLE


def persons(actor: Actor, category: Category = Category.IDENTITY) -> QuerySet[Person]:
    """List those whom the actor may know, by name. One query."""
    known = persons_of(actor, category).filter(merged_into=None).select_related("commune", "gp")
    return known.order_by("name_key", "pk")


def records(actor: Actor) -> QuerySet[Person]:
    """List the records of those whom the actor may know, absorbed ones too. One query."""
    return Person.objects.visible_to(actor).select_related("commune")


@once
def get_person(actor: Actor, pk: UUID | str, category: Category = Category.IDENTITY) -> Person:
    """Fetch one person one may know; the number of an absorbed record leads to the surviving one.

    Raises Http404, traced, when there is none. Two queries, planned once per connection or by
    the key alone; four when there is nothing under it, five when another record absorbed it.
    """
    key = Person._meta.pk.to_python(pk)
    known = sees_row(actor, Person, key) and knows(actor, key, category)
    if known and (found := _alive(key)) is not None:
        return found
    return get_visible(actor, persons(actor, category), surviving(pk))


@once
def _alive(key: UUID) -> Person | None:
    found: Person | None = _living.one(key)
    return found


_living = Fetch(
    lambda: Person.objects.filter(merged_into=None).select_related("commune", "gp").order_by()
)


def withheld(actor: Actor, person: Person) -> frozenset[str]:
    """Say which columns of a person the actor may neither see nor change. Two queries at most."""
    if actor.role is Role.SYSTEM:
        return frozenset()
    if not knows(actor, person.pk, Category.COORDINATION):
        return BEYOND_THE_LEAST | OF_CARE
    return frozenset() if knows(actor, person.pk, Category.CARE) else OF_CARE


EDITED = frozenset(one.name for one in fields(Identity)) - {"commune_code"} | {"commune_id"}


def edition_of(actor: Actor, person: Person) -> str:
    """Name what a page shows of somebody, for who corrects it: another name once any of it changed.
    What is not shown leaves no shadow there. Two queries at most."""
    shown = sorted(EDITED - {"ins"} - withheld(actor, person))
    said = [person.shown_ins, *(str(getattr(person, name)) for name in shown)]
    return salted_hmac("cordee.people.edition", repr(said), algorithm="sha256").hexdigest()[:20]


def told_of(actor: Actor) -> dict[str, Any]:
    """What a query over records asks with them, so that `withheld_among` has nothing to ask."""
    return {
        "coordinated": _knowing(actor, Category.COORDINATION),
        "cared": _knowing(actor, Category.CARE),
    }


def _knowing(actor: Actor, category: Category) -> OfThisOne:
    key = Coalesce(OuterRef("merged_into"), OuterRef("pk"))
    return OfThisOne(keys_of(actor, category).filter(pk=key))


def withheld_among(actor: Actor, persons: Iterable[Person]) -> dict[UUID, frozenset[str]]:
    """Say the same of many persons at once, by their key. Two queries; none with `told_of`.

    Of an absorbed record, as of the one that absorbed it.
    """
    some: list[Any] = list(persons)
    if some and all(hasattr(one, "cared") for one in some):
        return {one.pk: _withheld(one.coordinated, one.cared) for one in some}
    persons = some
    keys = {one.pk: one.merged_into_id or one.pk for one in persons}
    if actor.role is Role.SYSTEM:
        return dict.fromkeys(keys, frozenset())
    told = [
        known_among(actor, keys.values(), category)
        for category in (Category.COORDINATION, Category.CARE)
    ]
    return {pk: _withheld(key in told[0], key in told[1]) for pk, key in keys.items()}


def _withheld(coordinated: bool, cared: bool) -> frozenset[str]:
    if not coordinated:
        return BEYOND_THE_LEAST | OF_CARE
    return frozenset() if cared else OF_CARE


def legal_state_told(actor: Actor, person: Person, today: date) -> LegalState:
    """Say who may speak for somebody, as far as the actor may know it. One query at most.

    Whoever may not read care is not told that the person is unable to speak.
    """
    legal = person.legal_state_on(today)
    if legal != LegalState.UNABLE or "unable_since" not in withheld(actor, person):
        return legal
    return LegalState.REPRESENTED if person.represented else LegalState.ADULT


def surviving(pk: UUID | str) -> UUID | str:
    """Say which record speaks for a record today: itself, or the one that absorbed it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_surviving(%s)", [pk])
        (survivor,) = cursor.fetchone() or (pk,)
    return survivor


def search(actor: Actor, text: str, limit: int = SHOWN) -> list[Found]:
    """Find persons by names in any order, birth date, INS or phone.

    Three queries; three more when nobody has every word.
    """
    question = asking.understood(text)
    if question.empty:
        return []
    for met in _met_by(actor, question):
        if found := _close_ones(actor, met, question.words, limit):
            return found
    return []


def possible_duplicates(
    actor: Actor,
    asked: Traits,
    *,
    but: UUID | None = None,
    limit: int = 8,
    by_told: bool = False,
    least: float = matching.ON_ENTRY,
) -> list[Found]:
    """List those who may be the same person, likeliest first, by the weights of a batch: all whom
    the actor may know, and nobody else shows. Three queries.

    `by_told`: only what the actor may read is weighed, or scores would tell the rest. Two more.
    `least`: how sure one must be; those whose birth alone says less are looked at no further.
    """
    names, said = _said(asked)
    if _alike(**said) is None:
        return []
    written = matching.known(asked)
    words = traits.words(asked.birth_name, asked.used_name, asked.first_names)
    found = []
    met = _met_alike.planned_anew(actor=actor, names=names, said=said, but=but or NOBODY)
    met = [one for one in met if matching.may_reach(written, _glimpse(*one[-4:]), least)]
    some = compared(actor, met, words, most=ALIKE)
    hidden = withheld_among(actor, some) if by_told else {}
    for person in some:
        told = _told_traits(person, hidden.get(person.pk, frozenset()))
        judgement = matching.judged_on_entry(written, told)
        found.append(Found(person, judgement.probability, judgement.reasons))
    found = [one for one in found if one.score >= least]
    return sorted(found, key=lambda one: -one.score)[:limit]


def _glimpse(born: date | None, ins: str, *phones: str) -> matching.Glimpse:
    return matching.Glimpse(born, ins, frozenset(phones) - {""})


def _told_traits(person: Person, hidden: frozenset[str]) -> Traits:
    told: Traits = person.traits
    if "ins" in hidden:
        told = replace(told, ins="", ins_qualified=False, ins_oid="")
    if "other_phone" in hidden:
        told = replace(told, phones=frozenset({person.phone} - {""}))
    return told


def _said(asked: Traits) -> tuple[Word | None, dict[str, Any]]:
    """The names of an identity and what it is looked for by, as values of the query: their words
    are spelt already. One query."""
    family = traits.words(asked.birth_name, asked.used_name)
    given = traits.words(asked.first_names, asked.used_first_name)
    queries = spelt([*family, *given])
    return any_word([*family, *traits.words(asked.first_names)], queries), {
        "ins": Word(asked.ins) if asked.ins else None,
        "phones": [Word(one) for one in sorted(asked.phones)],
        "family": any_word(family, queries),
        "given": any_word(given, queries),
        "born": asked.birth_date,
    }


@Stencil
def _met_alike(
    actor: Actor, said: dict[str, Any], names: str | None, but: UUID
) -> QuerySet[Any, Any]:
    """Whom the index meets of those who may be the same. One query, planned for these names."""
    alike = _alike(**said)
    wanted = (alike or Q(pk__in=[])) & ~Q(pk=but)
    ranked = SpeltQuery(names) if names else None
    return rows_met(actor, wanted, ranked, "birth_date", "ins", "phone", "other_phone")


def _alike(
    *,
    ins: str | None,
    phones: list[str],
    family: str | None,
    given: str | None,
    born: date | None,
) -> Q | None:
    ways = []
    if ins:
        ways.append(Q(ins=ins))
    if phones:
        ways.append(Q(phone__in=phones) | Q(other_phone__in=phones))
    if family and (given or born):
        named = Q(search_keys=SpeltQuery(family))
        other = Q(search_keys=SpeltQuery(given)) if given else Q(pk__in=[])
        if born:
            other |= Q(birth_date=born)
            ways.append(Q(birth_date=born) & (named | other))
        ways.append(named & other)
    if not ways:
        return None
    alike = ways[0]
    for way in ways[1:]:
        alike |= way
    return alike


def _met_by(actor: Actor, question: Question) -> Iterator[list[tuple[Any, ...]]]:
    """Whom the index meets; and when nobody has every word, who has all of them but one."""
    if question.ins:
        wanted = ~Q(ins="") & Q(ins__startswith=question.ins)
        yield list(rows_met(actor, wanted, either(question.words)))
        return
    said: dict[str, Any] = {
        "ranked": [Word(one) for one in question.words],
        "words": [Word(one) for one in question.words if len(one) >= 2],
        "born": question.birth_date,
        "phone": Word(question.phone) if question.phone else None,
    }
    yield _met.planned_anew(actor=actor, but_one=False, **said)
    if len(said["words"]) >= 2:
        yield _met.planned_anew(actor=actor, but_one=True, **said)


@Stencil
def _met(
    *,
    actor: Actor,
    ranked: list[str],
    words: list[str],
    born: date | None,
    phone: str | None,
    but_one: bool,
) -> QuerySet[Any, Any]:
    """Whom the index meets by every word, or all but one. One query, planned for these names."""
    sure, named = Q(), Q() if but_one else every_word(words)
    if born:
        sure &= Q(birth_date=born)
    if phone:
        sure &= Q(phone=phone) | Q(other_phone=phone)
    for place in range(len(words) if but_one else 0):
        named |= every_word(words[:place] + words[place + 1 :])
    return rows_met(actor, sure & named, either(ranked))


def _close_ones(
    actor: Actor, met: list[tuple[Any, ...]], words: Sequence[str], limit: int
) -> list[Found]:
    found = []
    for person in judged(actor, met, words, most=2 * limit):
        names = traits.words(
            person.birth_name, person.used_name, person.first_names, person.used_first_name
        )
        score = traits.closeness(words, names) if words else 1.0
        if score >= CLOSE_ENOUGH:
            found.append(Found(person, score))
    return sorted(found, key=lambda one: _place(one, words))[:limit]


def _place(found: Found, words: Sequence[str]) -> tuple[float, float, int, str]:
    """The closest first; of equals, as one reads them, and who bears the fewest other names."""
    key = found.person.name_key
    return -found.score, -_shown(found, words), len(key.split()), key


def _shown(found: Found, words: Sequence[str]) -> float:
    """Say how well what was asked is the name that one reads, before a birth or third name."""
    return traits.closeness(words, traits.words(found.person.short_name))
