"""Persons by the thousand: found by a misspelt name, and compared with one another.

BENCH_PERSONS says how many (20,000 by default). Baselines: `icontains` on every name column, for
anybody; and pairs of the same birth date weighed in a plain loop, over a part of the dates when
there are many persons, scaled.
"""

import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from itertools import combinations
from random import Random

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from bench.house import peopled
from bench.registry import job
from cordee.access.action import gesture
from cordee.access.actor import SYSTEM, Actor, Role
from cordee.directory.models import Organization
from cordee.people import labelled, selectors, services
from cordee.people.models import Person
from cordee.people.rules import matching

SIZE = int(os.environ.get("BENCH_PERSONS", "20000"))
ASKED, PLANTED = 60, 100
LOOPED = 50_000  # persons that a plain loop gets through in a moment
NAMES = ("birth_name", "used_name", "first_names")


@cache
def region() -> list[Person]:
    """Make the region once, and draw the persons that will be asked for."""
    peopled(SIZE)
    return _drawn(7)


def _drawn(seed: int) -> list[Person]:
    drawn = Random(seed)  # noqa: S311
    keys = sorted(Person.objects.order_by("pk").values_list("pk", flat=True))
    return list(Person.objects.filter(pk__in=drawn.sample(keys, ASKED)).order_by("pk"))


def misspelt(name: str, drawn: Random) -> str:
    """Two letters of a name, the other way round."""
    place = drawn.randrange(max(1, len(name) - 1))
    return name[:place] + name[place : place + 2][::-1] + name[place + 2 :]


@job(
    "person search by misspelt name",
    unit="ms (p95)",
    goal="≤ 50 ms p95",
    is_reached=lambda ours, baseline: ours <= 50,
)
def search_by_misspelt_name() -> tuple[float, float]:
    """Search each of sixty persons by a misspelt family name and a given name, as a desk would, in
    a house where sixty others were searched a moment before: it lives, its pages are in memory."""
    drawn = Random(11)  # noqa: S311
    asked = [(person, misspelt(person.birth_name, drawn), person.first_name) for person in region()]
    missed = 0

    def ours(person: Person, family: str, given: str) -> None:
        nonlocal missed
        found = selectors.search(_desk(person), f"{family} {given}")
        missed += all(one.person.pk != person.pk for one in found)

    def plainly(person: Person, family: str, given: str) -> None:
        anywhere = Q()
        for name in NAMES:
            anywhere |= Q(**{f"{name}__icontains": family})
        list(Person.objects.filter(anywhere, first_names__icontains=given).order_by("pk")[:20])

    for person in _drawn(17):
        selectors.search(_desk(person), f"{person.birth_name} {person.first_name}")
    mine, theirs = ([timed(work, *one) for one in asked] for work in (ours, plainly))
    sys.stdout.write(
        f"search: {SIZE} persons, p50 {statistics.median(mine):.1f} ms, "
        f"{missed} of {ASKED} not among the first twenty\n"
    )
    return p95(mine), p95(theirs)


def _desk(person: Person) -> Actor:
    desk = Organization.objects.filter(territory=person.territory_id).order_by("pk").first()
    return Actor(
        role=Role.ORIENTEUSE,
        organization_id=desk.pk if desk else None,
        organizations=frozenset({desk.pk} if desk else ()),
        territories=frozenset({person.territory_id} if person.territory_id else ()),
    )


def timed(work: Callable[..., None], *asked: object) -> float:
    """Give how long one took, in milliseconds."""
    began = time.perf_counter()
    work(*asked)
    return (time.perf_counter() - began) * 1000


def p95(durations: list[float]) -> float:
    """Give the ninety-fifth percentile."""
    return statistics.quantiles(durations, n=20)[-1]


@job(
    "merging candidates",
    unit="s",
    goal="≤ 15 s for 1,000,000",
    is_reached=lambda ours, baseline: ours <= 15 * SIZE / 1_000_000 + 1,
)
def merging_candidates() -> tuple[float, float]:
    """Look for candidates among all persons, a hundred of whom were written twice."""
    people = region()
    planted = written_twice([people[number % len(people)] for number in range(PLANTED)])
    began = time.perf_counter()
    found = services.refresh_candidates(actor=SYSTEM, now=timezone.now())
    ours = time.perf_counter() - began
    sys.stdout.write(f"candidates: {found.pairs} pairs weighed, {found.kept} kept, ")
    sys.stdout.write(f"{_met(planted)} of {len(planted)} planted ones met\n")
    return ours, _plain_loop(one_of=max(1, SIZE // LOOPED))


def written_twice(persons: list[Person]) -> list[tuple[Person, Person]]:
    """Write each of these persons again, with an error that people make."""
    drawn = Random(13)  # noqa: S311
    twice = []
    for one in persons:
        spoilt = drawn.choice(labelled.ERRORS)(one.traits, drawn)
        first = (spoilt.first_names.split() or [""])[0]
        other = Person(
            **{name: getattr(spoilt, name) for name in (*NAMES, "used_first_name", "birth_date")},
            first_name=first,
            sex=spoilt.sex,
            phone=min(spoilt.phones, default=""),
            commune_id=one.commune_id,
            territory_id=one.territory_id,
        )
        twice.append((one, other))
    with gesture(actor=SYSTEM, verb="bench.plant", now=timezone.now()):
        Person.objects.bulk_create([other for _, other in twice])
    return twice


def _met(planted: list[tuple[Person, Person]]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT one_id, other_id FROM people_candidate WHERE state = 'to_judge'")
        pairs = {frozenset(row) for row in cursor.fetchall()}
    return sum(frozenset((one.pk, other.pk)) in pairs for one, other in planted)


def _plain_loop(one_of: int) -> float:
    """Seconds that it takes over everybody, from those born on one date out of so many."""
    dates = Person.objects.exclude(birth_date=None).order_by("birth_date")
    some = list(dates.values_list("birth_date", flat=True).distinct())[::one_of]
    began = time.perf_counter()
    by_birth = defaultdict(list)
    for person in Person.objects.filter(birth_date__in=some).order_by("pk").iterator():
        by_birth[person.birth_date].append(matching.known(person.traits))
    for born_together in by_birth.values():
        for one, other in combinations(born_together, 2):
            matching.judged(one, other)
    return (time.perf_counter() - began) * one_of
