"""Ages, phones and names of a person, and what one compares of an identity."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import phonenumbers
from rapidfuzz.distance import DamerauLevenshtein

from cordee.people.rules.labels import Coded

MAJORITY = 18  # « La majorité est fixée à dix-huit ans accomplis » (Code civil, art. 414)
OLDEST = 130
FRANCE = 33
SPACED = r"[ .-]"
USUAL_PHONE = re.compile(rf"(?:0|\+{FRANCE} ?)([1-9](?:{SPACED}?\d){{8}})", re.ASCII)
BORN = {"F": "née", "M": "né"}


class Destination(Coded):
    """Where somebody goes when they leave hospital."""

    HOME = "home", "domicile"
    REHABILITATION = "rehabilitation", "soins médicaux et de réadaptation"
    NURSING_HOME = "nursing_home", "EHPAD ou autre établissement d’hébergement"
    OTHER = "other", "autre service ou établissement"


class WhyAlive(Coded):
    """Why a death that was written down is taken back."""

    OTHER_PERSON = "other_person", "elle a été prise pour une autre personne"
    WRONG_NEWS = "wrong_news", "la nouvelle était fausse"
    SLIP = "slip", "erreur de saisie"


LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})


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
    if usual := USUAL_PHONE.fullmatch(text):  # as nearly all are written: the library has no doubt
        return f"+{FRANCE}{re.sub(SPACED, '', usual[1])}"
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
    """Lower a name and take its accents, then its ligatures away: an « æ » may bear an accent."""
    apart = unicodedata.normalize("NFD", text.lower())
    plain = "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f")
    return plain.translate(LIGATURES)


def said_name(given: str, birth_name: str, used_name: str, sex: str) -> str:
    """Say a name as one does: « Berthe MARTIN née LEFÈVRE »."""
    born = said_born(birth_name, used_name, sex)
    return f"{given} {(used_name or birth_name).upper()} {born}".strip()


def full_name(
    used_first_name: str,
    first_name: str,
    first_names: str,
    birth_name: str,
    used_name: str,
    sex: str,
) -> str:
    """Say the name of somebody by all that is written of it: the first name in use comes first."""
    return said_name(used_first_name or first_name or first_names, birth_name, used_name, sex)


def said_born(birth_name: str, used_name: str, sex: str) -> str:
    """Say the birth name beside another that is used: « née LEFÈVRE »; nothing without another."""
    if not used_name or _same(used_name, birth_name):
        return ""
    return f"{BORN.get(sex, 'né·e')} {birth_name.upper()}"


def _same(one: str, other: str) -> bool:
    """Whether two names are the same words: most are told apart without cutting them."""
    if one.lower() == other.lower():
        return True
    plain = all(name.isascii() and name.isalpha() for name in (one, other))
    return not plain and words(one) == words(other)


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
    ins_oid: str = ""
    phones: frozenset[str] = frozenset()
    commune_code: str = ""


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
