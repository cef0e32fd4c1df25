"""Dans quel ordre solliciter, et pourquoi, en mots que le professionnel peut lire.

Trois choses seulement comptent : la chance estimée d’un oui, l’équité (sollicitations
récentes rapportées à la disponibilité déclarée) et la distance quand elle est connue.
Aucune donnée de santé ni caractéristique de la personne n’entre : `Candidate` ne peut
pas en porter. Information, correction et opposition : RGPD, art. 13 à 16 et 21.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256
from heapq import heapify, heappop
from typing import NamedTuple
from uuid import UUID

PRIOR_YES, PRIOR_ASKED = 1.0, 4.0
SILENCE = 0.5
LEAST_CHANCE = 0.15
CHANCE_POINTS, FAIRNESS_POINTS, DISTANCE_POINTS = 35, 55, 10
NEAR_KM = 15.0


class Tier(IntEnum):
    """Who comes before whom, whatever the score."""

    USUAL = 0
    PRACTICE = 1
    ZONE = 2

    @property
    def label(self) -> str:
        return ("habituelle ou choisie par la personne", "même cabinet", "zone")[self]


@dataclass(frozen=True)
class History:
    """Answers of the last 180 days to questions of the broker."""

    yes: int = 0
    no: int = 0
    silent: int = 0


@dataclass(frozen=True)
class Candidate:
    """Everything the ranking may look at. A field more is a decision to take and explain."""

    practitioner_id: UUID
    tier: Tier = Tier.ZONE
    history: History = History()
    solicited: int = 0
    available_hours: float = 150.0
    distance_km: float | None = None
    objects: bool = False
    urgent_at_night: bool = False


class Reason(NamedTuple):
    """Points of one component, with the sentence shown to the professional."""

    code: str
    points: float
    out_of: int
    text: str


class Ranked(NamedTuple):
    """A candidate with their place: estimated chance, score out of 100, and their fair share."""

    candidate: Candidate
    chance: float
    score: float
    expected: float = 0.0

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The points of the score, in sentences; written when somebody is to read them."""
        one = self.candidate
        return (
            _chance_reason(one.history, one.objects, self.chance),
            _fairness_reason(one.solicited, self.expected),
            _distance_reason(one.distance_km),
        )


def chance_of_yes(history: History, *, objects: bool = False) -> float:
    """Estimate the chance of a yes: a Beta prior (1 yes in 4) moved by the answers.

    Silence weighs half an answer. Who objected to being profiled keeps the neutral prior.
    """
    if objects:
        return PRIOR_YES / PRIOR_ASKED
    asked = history.yes + history.no + SILENCE * history.silent
    return (PRIOR_YES + history.yes) / (PRIOR_ASKED + asked)


Member = tuple[bytes, Candidate]
"""A candidate, with the name by which the draw knows them."""


class Equals(NamedTuple):
    """Candidates who have the same in all that the score looks at, and the place of each."""

    place: Ranked
    members: Collection[Member]


def ranked(candidates: Iterable[Candidate], *, seed: str) -> tuple[Ranked, ...]:
    """Order candidates: tier, then score, then a draw that changes with each search."""
    pool = tuple(candidates)
    hours = math.fsum(candidate.available_hours for candidate in pool)
    rate = rate_of(sum(candidate.solicited for candidate in pool), hours)
    places = [Equals(scored(one, rate), [(drawn_as(one), one)]) for one in pool]
    return tuple(in_order(places, seed=seed))


def rate_of(solicited: int, hours: float) -> float:
    """Give how often one is asked, all in all, for an hour declared."""
    return solicited / hours if hours else 0.0


def drawn_as(candidate: Candidate) -> bytes:
    """Name somebody for the draw."""
    return str(candidate.practitioner_id).encode()


def asked_again(candidate: Candidate) -> Candidate:
    """The same, asked once more. As `dataclasses.replace`, which reads and guards each field."""
    after = object.__new__(Candidate)
    vars(after).update(vars(candidate), solicited=candidate.solicited + 1)
    return after


def in_order(places: Iterable[Equals], *, seed: str) -> Iterator[Ranked]:
    """Give candidates by tier and score; among equals, a draw that is made when somebody asks."""
    groups: defaultdict[tuple[int, float], list[Equals]] = defaultdict(list)
    for one in places:
        groups[one.place.candidate.tier, -round(one.place.score, 6)].append(one)
    base = f"{seed}/".encode()
    for rank in sorted(groups):
        yield from _drawn(groups[rank], base)


def _drawn(group: Iterable[Equals], base: bytes) -> Iterator[Ranked]:
    """Draw among equals: by the digest of the seed and of each name, told apart by it alone."""
    begun = sha256(base)
    drawn: dict[bytes, tuple[Candidate, Ranked]] = {}
    for place, members in group:
        for name, candidate in members:
            one = begun.copy()  # cheaper than to begin again
            one.update(name)
            drawn[one.digest()] = candidate, place
    left = list(drawn)
    heapify(left)
    while left:
        candidate, place = drawn[heappop(left)]
        yield Ranked(candidate, place.chance, place.score, place.expected)


def scored(candidate: Candidate, rate: float) -> Ranked:
    """Give a candidate their place, where `rate` solicitations come with each hour declared."""
    chance = chance_of_yes(candidate.history, objects=candidate.objects)
    expected = rate * candidate.available_hours
    score = (
        _chance_points(chance)
        + _fairness_points(candidate.solicited, expected)
        + _distance_points(candidate.distance_km)
    )
    return Ranked(candidate, chance, score, expected)


def _chance_points(chance: float) -> float:
    return CHANCE_POINTS * max(chance, LEAST_CHANCE)


def _fairness_points(solicited: int, expected: float) -> float:
    return FAIRNESS_POINTS / (1 + ((solicited + 1) / (expected + 1)) ** 2)


def _distance_points(distance_km: float | None) -> float:
    if distance_km is None:
        return DISTANCE_POINTS / 2
    return DISTANCE_POINTS * math.exp(-max(distance_km, 0.0) / NEAR_KM)


@lru_cache(maxsize=1_000)
def _chance_reason(history: History, objects: bool, chance: float) -> Reason:
    if objects:
        text = "Vous vous êtes opposé au classement par vos réponses : valeur neutre."
    elif not (history.yes or history.no or history.silent):
        text = "Pas encore de réponse connue : valeur de départ."
    else:
        asked = history.yes + history.no + history.silent
        text = (
            f"{history.yes} oui sur {_counted(asked, 'sollicitation')} en six mois. "
            "Refuser ne fait jamais descendre sous le plancher."
        )
    return Reason("chance", _chance_points(chance), CHANCE_POINTS, text)


@lru_cache(maxsize=1_000)
def _fairness_reason(solicited: int, expected: float) -> Reason:
    text = (
        f"{_counted(solicited, 'sollicitation')} en 30 jours, pour "
        f"{expected:.1f} d’après la disponibilité déclarée dans cette zone."
    ).replace(".", ",", 1)
    points = _fairness_points(solicited, expected)
    return Reason("fairness", points, FAIRNESS_POINTS, text)


def _counted(count: int, word: str) -> str:
    return f"{count}\u00a0{word}{'s' if count > 1 else ''}"


@lru_cache(maxsize=1_000)
def _distance_reason(distance_km: float | None) -> Reason:
    text = "Distance inconnue : valeur neutre."
    if distance_km is not None:
        text = f"À environ {distance_km:.0f} km."
    return Reason("distance", _distance_points(distance_km), DISTANCE_POINTS, text)


def expected_solicitations(
    solicitations: Mapping[UUID, int], availability: Mapping[UUID, float]
) -> dict[UUID, float]:
    """Share the solicitations that were sent in proportion to declared availability."""
    everyone = set(solicitations) | set(availability)
    hours = math.fsum(availability.values())
    total = sum(solicitations.values())
    return {one: total * availability.get(one, 0.0) / hours if hours else 0.0 for one in everyone}


def within_tolerance(received: int, expected: float, tolerance: float) -> bool:
    """Say whether a number of solicitations is fair, to the nearest whole solicitation."""
    low = math.floor(expected * (1 - tolerance) + 1e-9)
    return low <= received <= math.ceil(expected * (1 + tolerance) - 1e-9)


def fairness_share(
    solicitations: Mapping[UUID, int], availability: Mapping[UUID, float], tolerance: float
) -> float | None:
    """Give the share of solicitations within ±tolerance of declared availability.

    Nothing sent means no number: None, never 100 %.
    """
    total = sum(solicitations.values())
    if not total:
        return None
    expected = expected_solicitations(solicitations, availability)
    fair = sum(
        count
        for one, count in solicitations.items()
        if within_tolerance(count, expected[one], tolerance)
    )
    return fair / total


def chance_of_one_yes(chances: Sequence[float]) -> float:
    """Give the chance of at least one yes among independent answers."""
    return 1 - math.prod(1 - chance for chance in chances)
