"""Beaucoup de recherches à la fois : qui est libre pour chacune, et dans quel ordre.

Les filtres et l’ordre sont ceux d’une recherche seule (`filters.barriers`, `ranking.ranked`).
Ce qui ne dépend que du professionnel se juge une fois pour toutes, ce qui dépend des heures voulues
une fois pour elles ; et ceux que rien ne distingue pour le classement ne se classent qu’une fois.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from uuid import UUID

from cordee.broker.rules.filters import Barrier, Need, Standing, barriers, is_full
from cordee.broker.rules.ranking import (
    Candidate,
    Equals,
    Member,
    Ranked,
    Tier,
    asked_again,
    drawn_as,
    in_order,
    rate_of,
    scored,
)
from cordee.directory.rules import Declared, Window, obstacles, obstacles_when


@dataclass(frozen=True)
class Queue:
    """Candidates in their order, drawn only as far as somebody reads."""

    places: tuple[Equals, ...]
    seed: str

    def __iter__(self) -> Iterator[Ranked]:
        return in_order(self.places, seed=self.seed)

    def __bool__(self) -> bool:
        return bool(self.places)


class _Others(Collection[Member]):
    """Those of a group but some, who are few: read as far as somebody draws among them."""

    def __init__(self, members: Mapping[int, Member], aside: Collection[int]) -> None:
        self.members, self.aside = members, aside

    def __iter__(self) -> Iterator[Member]:
        return (member for one, member in self.members.items() if one not in self.aside)

    def __len__(self) -> int:
        return len(self.members) - sum(one in self.members for one in self.aside)

    def __contains__(self, member: object) -> bool:
        return any(member == one for one in self)


Profile = tuple[int, int, int, int, float, bool]


class Pool:
    """Those who are free for the same needs, by what the score looks at. Each is a number."""

    def __init__(self, members: Mapping[int, Member]) -> None:
        self.alike: defaultdict[Profile, dict[int, Member]] = defaultdict(dict)
        self.hours = {one: member[1].available_hours for one, member in members.items()}
        self.all_hours = math.fsum(self.hours.values())
        self.solicited = 0
        for one, member in members.items():
            self._add(one, member)

    def _add(self, one: int, member: Member) -> None:
        self.alike[_profile(member[1])][one] = member
        self.solicited += member[1].solicited

    def move(self, one: int, after: Member, was: Profile, becomes: Profile) -> None:
        """Put somebody to whom a question was put among those who are now like them."""
        del self.alike[was][one]
        self.alike[becomes][one] = after
        self.solicited += 1

    def places(
        self, without: Mapping[int, Candidate], placed: Mapping[int, Candidate]
    ) -> Iterator[Equals]:
        """Give the places of a search, some left out, some `placed` in a tier of their own."""
        rate = self._rate(without)
        aside = {**without, **placed}
        for members in self.alike.values():
            left: Collection[Member] = members.values()
            if not aside.keys().isdisjoint(members.keys()):  # by the fewer of them
                left = _Others(members, aside)
            if left:
                _, likeness = next(iter(left))
                yield Equals(scored(likeness, rate), left)
        for one in placed.values():
            yield Equals(scored(one, rate), [(drawn_as(one), one)])

    def _rate(self, without: Mapping[int, Candidate]) -> float:
        if not without:
            return rate_of(self.solicited, self.all_hours)
        solicited = self.solicited - sum(one.solicited for one in without.values())
        hours = math.fsum(hours for one, hours in self.hours.items() if one not in without)
        return rate_of(solicited, hours)


def _profile(candidate: Candidate) -> Profile:
    history = candidate.history
    return (
        history.yes,
        history.no,
        history.silent,
        candidate.solicited,
        candidate.available_hours,
        candidate.objects,
    )


Some = frozenset[int]
Sought = tuple[Some, Some, Some, Some]
"""Who goes there, works then, gives that care, and is asked though full: whoever is free for it
makes one pool. Equal sets are one object: they are neither read nor joined again."""


class Crowd:
    """Professionals, found by where they go, with what the ranking knows of each.

    What it knows moves with each question put: the next search sees it, as if it came later.
    """

    def __init__(self, everybody: Iterable[tuple[Standing, Candidate]]) -> None:
        pairs = list(everybody)
        self._standings = [standing for standing, _ in pairs]
        self._members = [(drawn_as(candidate), candidate) for _, candidate in pairs]
        self._number = {one.practitioner_id: rank for rank, one in enumerate(self._standings)}
        self._one: dict[Some, Some] = {}
        self._present: dict[Window, Some] = {}
        self._around: dict[tuple[str, frozenset[str]], Some] = {}
        self._giving: dict[frozenset[str], Some] = {}
        self._pools: dict[Sought, Pool] = {}
        self._same: dict[Some, Pool] = {}
        self._pools_of: defaultdict[int, list[Pool]] = defaultdict(list)
        self._willing = [rank for rank, one in enumerate(self._standings) if _is_willing(one)]
        self._weeks = self._sorted_by_week()
        self._zones = self._sorted_by_zone()
        self._offering: defaultdict[str, set[int]] = defaultdict(set)
        for rank in self._willing:
            for kind in self._standings[rank].declared.kinds:
                self._offering[kind].add(rank)

    def _sorted_by_week(self) -> list[tuple[Declared, list[int]]]:
        """Who declares each week. One that several declare, as one object, is judged once in each
        window; who is away at times is judged alone."""
        alike: dict[object, tuple[Declared, list[int]]] = {}
        for rank in self._willing:
            declared = self._standings[rank].declared
            week = declared if declared.absences else declared.hours
            alike.setdefault(id(week), (declared, []))[1].append(rank)
        return list(alike.values())

    def _sorted_by_zone(self) -> dict[tuple[str, str], Some]:
        """Who goes to each commune. Many declare one zone, and many communes are in the same zones:
        each zone is gone through once, and those who go to the same zones are one set."""
        alike = self._by_zone(self._willing)
        zones = list(alike.values())
        going: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for place, (profession, communes) in enumerate(alike):
            for commune in communes:
                going[profession, commune].append(place)
        joined = {
            places: self._as_one(rank for place in places for rank in zones[place])
            for places in set(map(tuple, going.values()))
        }
        return {key: joined[tuple(places)] for key, places in going.items()}

    def _by_zone(self, ranks: Iterable[int]) -> dict[tuple[str, frozenset[str]], list[int]]:
        alike: defaultdict[tuple[str, frozenset[str]], list[int]] = defaultdict(list)
        for rank in ranks:
            one = self._standings[rank]
            alike[one.profession, one.declared.communes].append(rank)
        return alike

    def _as_one(self, listed: Iterable[int]) -> Some:
        some = frozenset(listed)
        return self._one.setdefault(some, some)

    def order(self, need: Need, tiers: Mapping[UUID, Tier], *, seed: str) -> Queue:
        """Order whom nothing keeps from being asked; `tiers`: who is not of the zone alone."""
        pool = self._pool(need)
        without = {one: self._members[one][1] for one in self._away(need) if one in pool.hours}
        placed = {}
        for pk, tier in tiers.items():
            one = self._number.get(pk)
            if one in pool.hours and one not in without:
                placed[one] = replace(self._members[one][1], tier=tier)
        return Queue(tuple(pool.places(without, placed)), seed)

    def free(self, need: Need) -> list[Candidate]:
        """List whom nothing keeps from being asked: those for whom `barriers` finds none."""
        away = self._away(need)
        return [self._members[one][1] for one in self._pool(need).hours if one not in away]

    def barriers_met(
        self, need: Need, around: Iterable[str], chosen: Iterable[UUID]
    ) -> Iterator[Barrier]:
        """Give the reasons that stand alone among those around: lifting one opens somebody."""
        there = {one for commune in around for one in self._declared_for[commune]}
        there |= {self._number[one] for one in chosen if one in self._number}
        met = (barriers(need, self._standings[one]) for one in sorted(there))
        yield from (reasons[0] for reasons in met if len(reasons) == 1)

    @cached_property
    def _declared_for(self) -> defaultdict[str, list[int]]:
        """Whoever says that they go to a commune, willing or not."""
        going: defaultdict[str, list[int]] = defaultdict(list)
        for (_, communes), ranks in self._by_zone(range(len(self._standings))).items():
            for commune in communes:
                going[commune] += ranks
        return going

    def put_question(self, practitioner_id: UUID) -> None:
        """Count a question put just now: one more, and no silence yet."""
        one = self._number[practitioner_id]
        name, before = self._members[one]
        after = (name, asked_again(before))
        self._members[one] = after
        was, becomes = _profile(before), _profile(after[1])
        for pool in self._pools_of[one]:
            pool.move(one, after, was, becomes)

    def _away(self, need: Need) -> set[int]:
        return {self._number[pk] for pk in need.excluded | need.asked if pk in self._number}

    def _pool(self, need: Need) -> Pool:
        sought = (
            self._going(need.profession, need.communes),
            self._present_in(need.window),
            self._giving_all(need.kinds),
            self._though_full(need),
        )
        if sought not in self._pools:
            zone, present, giving, though_full = sought
            free = (zone & present & giving) | though_full
            if free not in self._same:
                pool = self._same[free] = Pool({one: self._members[one] for one in free})
                for one in free:
                    self._pools_of[one].append(pool)
            self._pools[sought] = self._same[free]
        return self._pools[sought]

    def _going(self, profession: str, communes: frozenset[str]) -> Some:
        there = (profession, communes)
        if there not in self._around:
            zones = [self._zones.get((profession, one), frozenset()) for one in communes]
            self._around[there] = self._as_one(frozenset().union(*zones))
        return self._around[there]

    def _giving_all(self, kinds: frozenset[str]) -> Some:
        if kinds not in self._giving:
            able = set(self._willing).intersection(*(self._offering[kind] for kind in kinds))
            self._giving[kinds] = self._as_one(able)
        return self._giving[kinds]

    def _though_full(self, need: Need) -> Some:
        """Give the usual professional whom their own cap alone would keep from their own person."""
        one = self._number.get(need.usual) if need.usual else None
        if one is None or not is_full(self._standings[one]):
            return frozenset()
        return frozenset() if barriers(need, self._standings[one]) else frozenset({one})

    def _present_in(self, window: Window) -> Some:
        if window not in self._present:
            come = [
                ranks
                for declared, ranks in self._weeks
                if not obstacles_when(declared.hours, declared.absences, window)
            ]
            self._present[window] = self._as_one(chain.from_iterable(come))
        return self._present[window]


def _is_willing(one: Standing) -> bool:
    """Whether nothing that lasts keeps somebody from being asked at all."""
    return not obstacles(one.declared) and not is_full(one)
