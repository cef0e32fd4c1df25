"""What the time of an answer gives away: persons who are hidden, beside persons who do not exist.

Somebody of another territory asks, at the size of a region, and is refused the same way. The figure
is the odds of telling the two apart from one answer: 50 % is chance. The statements are the same,
which tests prove; this measures what is left, on this very machine, with no network around it.
Baselines do what is usually done: fetch first, look at rights after.
"""

import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from logging import getLogger
from random import Random
from statistics import median
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q
from django.urls import reverse

from bench.house import peopled
from bench.registry import job
from cordee.access import trace
from cordee.access.actor import Actor
from cordee.access.sight import seen_by
from cordee.people import selectors
from cordee.people.models import CircleMember, Person
from cordee.people.rules.traits import Traits
from tests.factories.directory import OrganizationFactory
from tests.factories.intake import desk_of
from tests.support import Browser

PERSONS, TRIES = 20_000, 400
UNIT, GOAL = "% of right guesses", "≤ 60 (50 is chance)"


def _by_chance(ours: float, baseline: float) -> bool:
    return ours <= 60


@job("hidden or unknown, by identifier", unit=UNIT, goal=GOAL, is_reached=_by_chance)
def by_identifier() -> tuple[float, float]:
    """Open the page of somebody by a number that exists elsewhere, and of one that does not.

    Through the door: what it has not found is answered at a full step."""
    actor = _outsider()
    browser = Browser(HTTP_HOST="127.0.0.1").as_(actor)
    browser.now = None
    getLogger("django.request").setLevel("ERROR")  # eight hundred pages that are not there

    def ours(pk: UUID) -> None:
        browser.get(reverse("web:person", kwargs={"pk": pk}))

    def plainly(pk: UUID) -> None:
        person = Person.objects.filter(pk=pk).select_related("commune", "gp").first()
        if person is not None:
            circle = CircleMember.objects.current().filter(person=person)
            list(circle.filter(organization__in=actor.organizations).order_by("pk"))
        trace.refused(actor, "people.read")

    there = [person.pk for person in _hidden()]
    nowhere = [uuid4() for _ in there]
    return _told_apart(ours, there, nowhere), _told_apart(plainly, there, nowhere)


@job("hidden or unknown, by search", unit=UNIT, goal=GOAL, is_reached=_by_chance)
def by_search() -> tuple[float, float]:
    """Search a family name and a given name that somebody elsewhere bears, and that nobody does."""
    actor = _outsider()

    def ours(text: object) -> None:
        with seen_by(actor):
            selectors.search(actor, str(text))

    def plainly(text: object) -> None:
        family, given = str(text).split(" ", 1)
        rows = Person.objects.filter(
            Q(birth_name__icontains=family) | Q(used_name__icontains=family),
            first_names__icontains=given,
        )
        for person in rows.order_by("pk")[:20]:
            circle = CircleMember.objects.current().filter(person=person)
            list(circle.filter(organization__in=actor.organizations).order_by("pk"))

    there = [f"{one.birth_name.split()[0]} {one.first_name}" for one in _hidden()]
    nowhere = [f"{_invented(n)} {one.first_name}" for n, one in enumerate(_hidden())]
    return _told_apart(ours, there, nowhere), _told_apart(plainly, there, nowhere)


@job("hidden or unknown, by look-alikes", unit=UNIT, goal=GOAL, is_reached=_by_chance)
def by_look_alikes() -> tuple[float, float]:
    """Type the name and birth date of somebody elsewhere as if to create them."""
    actor = _outsider()

    def ours(asked: Traits) -> None:
        with seen_by(actor):
            selectors.possible_duplicates(actor, asked)

    def plainly(asked: Traits) -> None:
        birth = asked.birth_date
        for person in Person.objects.filter(birth_date=birth).order_by("pk")[:20]:
            circle = CircleMember.objects.current().filter(person=person)
            list(circle.filter(organization__in=actor.organizations).order_by("pk"))

    there = [_typed(one, one.birth_name) for one in _hidden()]
    nowhere = [_typed(one, _invented(n)) for n, one in enumerate(_hidden())]
    return _told_apart(ours, there, nowhere), _told_apart(plainly, there, nowhere)


def _typed(person: Person, name: str) -> Traits:
    return Traits(
        birth_name=name,
        first_names=person.first_names,
        birth_date=person.birth_date,
        sex=person.sex,
    )


def _invented(number: int) -> str:
    """A family name that the region does not hold, as long as those it holds."""
    drawn = Random(number)  # noqa: S311
    return "".join(drawn.choice("kwxz") + drawn.choice("ouy") for _ in range(4)).capitalize()


@cache
def _hidden() -> list[Person]:
    if Person.objects.count() < PERSONS:
        peopled(PERSONS)
    drawn = Random(17)  # noqa: S311
    keys = sorted(Person.objects.order_by("pk").values_list("pk", flat=True))
    return list(Person.objects.filter(pk__in=drawn.sample(keys, TRIES)).order_by("pk"))


@cache
def _outsider() -> Actor:
    """The desk of a territory where nobody lives."""
    return desk_of(OrganizationFactory())


def _told_apart(ask: Callable[[Any], None], there: Sequence[Any], nowhere: Sequence[Any]) -> float:
    """The odds, in percent, that the slower of one answer of each kind is always of one kind."""
    drawn = Random(19)  # noqa: S311
    asked = [(one, True) for one in there] + [(one, False) for one in nowhere]
    drawn.shuffle(asked)
    took: dict[bool, list[float]] = {True: [], False: []}
    for one, _ in asked[:50]:
        ask(one)
    for one, exists in asked:
        began = time.perf_counter()
        ask(one)
        took[exists].append((time.perf_counter() - began) * 1000)
    sys.stdout.write(
        f"hidden {median(took[True]):.3f} ms, unknown {median(took[False]):.3f} ms (medians)\n"
    )
    slower = sum((a > b) + 0.5 * (a == b) for a in took[True] for b in took[False])
    odds = slower / (len(took[True]) * len(took[False]))
    return 100 * max(odds, 1 - odds)
