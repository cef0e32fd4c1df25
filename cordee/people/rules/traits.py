"""Ages, phones and names of a person, and how alike two identities are."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import phonenumbers
from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein

MAJORITY = 18  # « La majorité est fixée à dix-huit ans accomplis » (Code civil, art. 414)
OLDEST = 130
FRANCE = 33
BORN = {"F": "née", "M": "né"}
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})
PROBABLE, POSSIBLE = 80, 55


def age_on(birth_date: date, day: date) -> int:
    """Count the years lived on that day; someone born on 29 February ages on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def is_minor(birth_date: date | None, day: date) -> bool:
    """Say whether the person is under eighteen; an unknown birth date is no child’s."""
    return birth_date is not None and age_on(birth_date, day) < MAJORITY


def birth_date_fault(birth_date: date, day: date) -> str:
    """Say what is impossible in a birth date, or nothing."""
    if birth_date > day:
        return "Cette date est dans l’avenir\u00a0: vérifiez l’année."
    if age_on(birth_date, day) > OLDEST:
        return f"Cette date donne plus de {OLDEST}\u00a0ans\u00a0: vérifiez l’année."
    return ""


def phone_number(text: str) -> str | None:
    """Write a phone number the international way, or nothing when it cannot be one."""
    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        return None
    # Numbers kept for fiction (Arcep: 06 39 98…) are well formed but unknown to the library.
    french = number.country_code == FRANCE and len(str(number.national_number)) == 9
    if not french and not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def folded(text: str) -> str:
    """Lower a name and take its accents and ligatures away, as `people_fold` does in SQL."""
    plain = unicodedata.normalize("NFD", text.lower().translate(LIGATURES))
    return "".join(letter for letter in plain if not "\u0300" <= letter <= "\u036f")


def said_name(given: str, birth_name: str, used_name: str, sex: str) -> str:
    """Say a name as one does: « Berthe MARTIN née LEFÈVRE »."""
    born = ""
    if used_name and used_name != birth_name and words(used_name) != words(birth_name):
        born = f" {BORN.get(sex, 'né·e')} {birth_name.upper()}"
    return f"{given} {(used_name or birth_name).upper()}{born}".strip()


def words(*names: str) -> list[str]:
    """Cut names into folded words: hyphens, apostrophes and spaces all separate."""
    return [word for name in names for word in re.split(r"[\W_]+", folded(name)) if word]


@dataclass(frozen=True)
class Traits:
    """What one knows of a person when asking whether they are already here."""

    birth_name: str = ""
    used_name: str = ""
    first_names: str = ""
    used_first_name: str = ""
    birth_date: date | None = None
    sex: str = ""
    ins: str = ""
    ins_qualified: bool = False
    phones: frozenset[str] = frozenset()
    commune_code: str = ""


@dataclass(frozen=True)
class Likeness:
    """How alike two identities are, from 0 to 100, and why."""

    score: int
    reasons: tuple[str, ...] = field(default=())

    @property
    def probable(self) -> bool:
        return self.score >= PROBABLE

    @property
    def possible(self) -> bool:
        return self.score >= POSSIBLE


def likeness(one: Traits, other: Traits) -> Likeness:
    """Compare two identities. The INS decides; without it, names and birth date weigh together."""
    if one.ins and one.ins == other.ins:
        return Likeness(100, ("même matricule INS",))
    parts = [
        _names(one, other),
        _first_names(one, other),
        _birth(one.birth_date, other.birth_date),
        _contacts(one, other),
        _contradictions(one, other),
    ]
    score = sum(points for points, _ in parts)
    reasons = tuple(reason for _, reason in parts if reason)
    return Likeness(max(0, min(99, score)), reasons)


def closeness(asked: Iterable[str], known: Iterable[str]) -> float:
    """Say from 0 to 1 how well every word asked is found among the known ones, in any order."""
    asked, known = list(asked), list(known)
    if not asked or not known:
        return 0.0
    return sum(max(_word(word, other) for other in known) for word in asked) / len(asked)


def _word(asked: str, known: str) -> float:
    if known.startswith(asked):
        return 1.0 if known == asked else 0.95
    return float(DamerauLevenshtein.normalized_similarity(asked, known))


def _same(one: Iterable[str], other: Iterable[str]) -> float:
    left, right = " ".join(sorted(one)), " ".join(sorted(other))
    return (
        max(fuzz.ratio(left, right), fuzz.token_set_ratio(left, right)) if left and right else 0.0
    )


def _names(one: Traits, other: Traits) -> tuple[int, str]:
    ours, theirs = (
        [words(name) for name in (traits.birth_name, traits.used_name) if name]
        for traits in (one, other)
    )
    best = max((_same(left, right) for left in ours for right in theirs), default=0.0)
    if best == 100:
        return 35, "même nom"
    return (25, "nom proche") if best >= 80 else (0, "")


def _first_names(one: Traits, other: Traits) -> tuple[int, str]:
    best = _same(
        words(one.first_names, one.used_first_name), words(other.first_names, other.used_first_name)
    )
    if best == 100:
        return 25, "même prénom"
    return (15, "prénom proche") if best >= 80 else (0, "")


def _birth(one: date | None, other: date | None) -> tuple[int, str]:
    if one is None or other is None:
        return 0, ""
    if one == other:
        return 35, "même date de naissance"
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return 25, "jour et mois de naissance inversés"
    if DamerauLevenshtein.distance(one.isoformat(), other.isoformat()) == 1:
        return 20, "date de naissance proche"
    return -20, ""


def _contacts(one: Traits, other: Traits) -> tuple[int, str]:
    if one.phones & other.phones:
        return 15, "même téléphone"
    if one.commune_code and one.commune_code == other.commune_code:
        return 5, "même commune"
    return 0, ""


def _contradictions(one: Traits, other: Traits) -> tuple[int, str]:
    if one.ins_qualified and other.ins_qualified:
        return -60, "matricules INS différents\u00a0: homonymes\u00a0?"
    if one.sex and other.sex and one.sex != other.sex:
        return -15, ""
    return 0, ""
