"""Whether two records speak of one person: weights of evidence, added up (Fellegi–Sunter, 1969).

Each comparison falls into one level; a level weighs log2(m / u), where m is how often it is seen
between two records of one person and u between two persons taken at random. `PRIOR` is the odds
before looking. Names that say the same thing twice (twins, a father and his son) are not
independent: they have levels of their own.

Source : poids de jugement, du 22 novembre 2026, mesurés sur des paires fabriquées seulement
(docs/doublons.md) ; à remesurer sur des paires réelles étiquetées, `verified=False`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from hashlib import sha256
from math import log2
from typing import NamedTuple

from rapidfuzz.distance import DamerauLevenshtein

from cordee.people.rules.identity import same_kind
from cordee.people.rules.readings import Reading
from cordee.people.rules.traits import Traits, words

VALID_FROM = date(2026, 11, 22)
READING = Reading(
    said="Les poids qui disent que deux fiches sont une personne",
    source="Poids de jugement, mesurés sur des paires fabriquées seulement (docs/doublons.md)",
    verified=False,
)
PRIOR = -20.0  # one pair in a million, among persons of one territory
KEPT, PROBABLE = 0.5, 0.95
ON_ENTRY = 0.01  # while one writes, a look costs seconds and a record written twice a circle
NEAR = 0.84  # letters in common, of 1, for two words that may be one
AT_HAND = 1 << 16  # comparisons that are remembered
Words = tuple[str, ...]
GENERATION = 12  # years: further apart, two namesakes are parent and child


@dataclass(frozen=True)
class Level:
    """One outcome of a comparison: how often it is seen, and what is said of it."""

    m: float
    u: float
    reason: str = ""

    @cached_property
    def weight(self) -> float:
        return log2(self.m / self.u)


UNKNOWN = Level(1, 1)
FAMILY = {
    "same": Level(0.80, 0.004, "même nom"),
    "crossed": Level(0.08, 0.004, "nom de naissance de l’un, nom utilisé de l’autre"),
    "near": Level(0.08, 0.006, "nom proche"),
    "other": Level(0.04, 0.986),
}
GIVEN = {
    "same": Level(0.84, 0.015, "même prénom"),
    "near": Level(0.08, 0.010, "prénom proche"),
    "among": Level(0.04, 0.020, "prénom parmi ceux de l’autre"),
    "other": Level(0.04, 0.955, "prénoms différents"),
}
SWAPPED = Level(0.01, 0.00002, "nom et prénom inversés")
TWINS = {  # they share the day, the name, the roof and the phone
    "other": Level(0.00005, 0.9, "même naissance, prénoms différents\u00a0: jumeaux\u00a0?"),
    "among": Level(0.05, 0.4, "même naissance, premiers prénoms différents\u00a0: jumeaux\u00a0?"),
}
BIRTH = {
    "same": Level(0.93, 0.00004, "même date de naissance"),
    "inverted": Level(0.015, 0.0001, "jour et mois de naissance inversés"),
    "near": Level(0.044, 0.002, "date de naissance à un chiffre près"),
    "other": Level(0.010, 0.240, "dates de naissance différentes"),
    "far": Level(0.001, 0.758, "une génération d’écart"),
}
SEX = {"same": Level(0.995, 0.5), "other": Level(0.005, 0.5, "sexes différents")}
INS = {
    "same": Level(0.97, 1e-7, "même matricule INS"),
    "near": Level(0.02, 1e-5, "matricule INS à un chiffre près"),
    "other": Level(0.03, 0.99, "matricules INS différents"),
    "qualified": Level(
        1e-14, 0.99, "deux matricules INS qualifiés différents\u00a0: deux personnes"
    ),
}
PHONE = {"same": Level(0.60, 0.0008, "même téléphone"), "other": Level(0.40, 0.9992)}
COMMUNE = {"same": Level(0.85, 0.02, "même commune"), "other": Level(0.15, 0.98)}


def weights() -> str:
    """Name the weights in force: a precision measured with others says nothing of these."""
    tables = (FAMILY, GIVEN, SWAPPED, TWINS, BIRTH, SEX, INS, PHONE, COMMUNE)
    said = repr((VALID_FROM, PRIOR, NEAR, GENERATION, tables))
    return sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Judgement:
    """How much speaks for one person, and the comparisons that say so."""

    weight: float
    levels: tuple[Level, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The comparisons as one reads them."""
        return tuple(level.reason for level in self.levels if level.reason)

    @property
    def probability(self) -> float:
        return float(1 / (1 + 2 ** -max(-60.0, min(60.0, self.weight))))

    @property
    def probable(self) -> bool:
        return self.probability >= PROBABLE


class Known(NamedTuple):
    """An identity, its names already cut into words: compared many times, folded once."""

    birth: Words
    used: Words
    given: Words
    used_given: Words
    born: date | None
    sex: str
    ins: str
    ins_qualified: bool
    ins_oid: str
    phones: frozenset[str]
    commune: str


@lru_cache(AT_HAND)
def cut(name: str) -> Words:
    """Cut a name into its words, folded."""
    return tuple(words(name))


def known(traits: Traits) -> Known:
    """Fold the names of an identity."""
    return Known(
        cut(traits.birth_name),
        cut(traits.used_name),
        cut(traits.first_names),
        cut(traits.used_first_name),
        traits.birth_date,
        traits.sex,
        traits.ins,
        traits.ins_qualified,
        traits.ins_oid,
        traits.phones,
        traits.commune_code,
    )


def judged(one: Known, other: Known) -> Judgement:
    """Weigh two identities; the order of the two does not matter."""
    levels = (
        *_names(one, other),
        _birth(one.born, other.born),
        _exact(SEX, one.sex, other.sex),
        _number(one, other),
        _shared(PHONE, one.phones, other.phones),
        _exact(COMMUNE, one.commune, other.commune),
    )
    return Judgement(PRIOR + sum([level.weight for level in levels]), levels)


def judged_on_entry(asked: Known, met: Traits) -> Judgement:
    """Weigh what somebody writes against a record that they may know by its least view.

    A number that is not the one written says nothing: it would tell the number that is known.
    """
    told = asked.ins == met.ins or _are_both_proofs(asked, met)
    return judged(asked, known(met if told else replace(met, ins="")))


class Glimpse(NamedTuple):
    """The little of a record that an index meets with its names."""

    born: date | None
    ins: str
    phones: frozenset[str]


def may_reach(asked: Known, met: Glimpse, least: float) -> bool:
    """Say whether `judged_on_entry` may be that sure of a record, whatever else it holds: of most
    namesakes their birth alone says that it will not, and nobody looks at them.
    """
    weights = (
        *(MOST_OF_NAMES, _birth(asked.born, met.born).weight, _most(SEX), _most(COMMUNE)),
        INS["same"].weight if asked.ins and asked.ins == met.ins else 0.0,
        0.0 if asked.phones.isdisjoint(met.phones) else PHONE["same"].weight,
    )
    return Judgement(PRIOR + sum(weights) + ROUNDED, ()).probability >= least


def _most(*tables: dict[str, Level]) -> float:
    """The most that comparisons weigh together; what is not known weighs nothing."""
    return sum(max(0.0, *(level.weight for level in levels.values())) for levels in tables)


MOST_OF_NAMES = max(_most(FAMILY, GIVEN, TWINS), SWAPPED.weight)
ROUNDED = 1e-9  # the same weights, added up in another order


def forget() -> None:
    """Let go of the names that were compared."""
    for remembered in (cut, _family, _given, _birth):
        remembered.cache_clear()


def _names(one: Known, other: Known) -> tuple[Level, ...]:
    family = _family(one.birth, one.used, other.birth, other.used)
    given = _given(one.given, one.used_given, other.given, other.used_given)
    if family is FAMILY["other"] and given is not GIVEN["same"] and _is_swapped(one, other):
        return (SWAPPED,)
    if family is FAMILY["same"] and one.born is not None and one.born == other.born:
        twins = (level for name, level in TWINS.items() if given is GIVEN[name])
        return (family, given, *twins)
    return (family, given)


# Names come back from one pair to the next: what was compared lately is not compared again.
@lru_cache(AT_HAND)
def _family(birth: Words, used: Words, other_birth: Words, other_used: Words) -> Level:
    if _alike(birth, other_birth) == 1 or (used and used == other_used):
        return FAMILY["same"]
    if (used and used == other_birth) or (other_used and other_used == birth):
        return FAMILY["crossed"]
    names = [(a, b) for a in (birth, used) for b in (other_birth, other_used) if a and b]
    if not names:
        return UNKNOWN
    return FAMILY["near" if max(_alike(a, b) for a, b in names) >= NEAR else "other"]


@lru_cache(AT_HAND)
def _given(given: Words, used: Words, other_given: Words, other_used: Words) -> Level:
    left, right = given + used, other_given + other_used
    if not left or not right:
        return UNKNOWN
    firsts = [(a, b) for a in _firsts(given, used) for b in _firsts(other_given, other_used)]
    if any(a == b for a, b in firsts):
        return GIVEN["same"]
    if any(_alike((a,), (b,)) >= NEAR for a, b in firsts):
        return GIVEN["near"]
    return GIVEN["among" if set(left) & set(right) else "other"]


def _firsts(given: Words, used: Words) -> set[str]:
    return {*given[:1], *used[:1]}


def _is_swapped(one: Known, other: Known) -> bool:
    return any(
        _alike(a.birth, b.given[:1]) >= NEAR and _alike(a.given[:1], b.birth) >= NEAR
        for a, b in ((one, other), (other, one))
    )


def _alike(left: Words, right: Words) -> float:
    if not left or not right:
        return 0.0
    if left == right or sorted(left) == sorted(right):
        return 1.0
    whole = DamerauLevenshtein.normalized_similarity("".join(left), "".join(right))
    if len(left) != len(right) and (set(left) <= set(right) or set(right) <= set(left)):
        return max(whole, NEAR)  # « Martin » and « Martin-Lacroix »
    return float(whole)


@lru_cache(AT_HAND)
def _birth(one: date | None, other: date | None) -> Level:
    if one is None or other is None:
        return UNKNOWN
    if one == other:
        return BIRTH["same"]
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return BIRTH["inverted"]
    if DamerauLevenshtein.distance(one.isoformat(), other.isoformat()) == 1:
        return BIRTH["near"]
    return BIRTH["far" if abs(one.year - other.year) >= GENERATION else "other"]


def _number(one: Known, other: Known) -> Level:
    if not one.ins or not other.ins:
        return UNKNOWN
    if one.ins == other.ins:
        return INS["same"]
    if _are_both_proofs(one, other):
        return INS["qualified"]
    if not same_kind(one.ins_oid, other.ins_oid):
        return INS["other"]
    distance = DamerauLevenshtein.distance(one.ins[:13], other.ins[:13])
    return INS["near" if distance == 1 else "other"]


def _are_both_proofs(one: Known, other: Known | Traits) -> bool:
    """Two qualified numbers, of one kind: if they differ, they are two persons."""
    return one.ins_qualified and other.ins_qualified and same_kind(one.ins_oid, other.ins_oid)


def _exact(levels: dict[str, Level], one: str, other: str) -> Level:
    if not one or not other:
        return UNKNOWN
    return levels["same" if one == other else "other"]


def _shared(levels: dict[str, Level], one: frozenset[str], other: frozenset[str]) -> Level:
    if not one or not other:
        return UNKNOWN
    return levels["other" if one.isdisjoint(other) else "same"]


@dataclass(frozen=True)
class Measure:
    """How often a threshold was right, on pairs whose truth is known."""

    threshold: float
    found: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def measured(
    scored: Iterable[tuple[float, bool]],
    thresholds: Iterable[float] = (0.5, 0.9, 0.95, 0.99, 0.999),
) -> list[Measure]:
    """Count, for each threshold, the pairs found, wrongly found and missed."""
    pairs = list(scored)
    return [
        Measure(
            threshold,
            found=sum(same for score, same in pairs if score >= threshold),
            wrong=sum(not same for score, same in pairs if score >= threshold),
            missed=sum(same for score, same in pairs if score < threshold),
        )
        for threshold in thresholds
    ]
