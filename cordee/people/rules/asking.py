"""What somebody typed in the search of a person: names, a birth date, a number, a phone."""

import re
from dataclasses import dataclass
from datetime import date

from cordee.people.rules import identity, traits

MONTHS = [
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
]
NUMERIC = re.compile(r"\b(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})\b")
PACKED = re.compile(r"\b(\d{2})(\d{2})(\d{4})\b")
WRITTEN = re.compile(rf"\b(\d{{1,2}})(?:er)? ({'|'.join(MONTHS)}) (\d{{4}})\b")
LONGEST = 200
MOST_WORDS = 6


@dataclass(frozen=True)
class Question:
    """A search, understood."""

    words: tuple[str, ...] = ()
    birth_date: date | None = None
    ins: str = ""
    phone: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for: one letter is not a question."""
        named = any(len(word) >= 2 for word in self.words)
        return not (named or self.birth_date or self.ins or self.phone)


def understood(text: str) -> Question:
    """Read a line typed by somebody in a hurry, in any order."""
    text = text[:LONGEST]
    ins, text = _ins(text)
    birth_date, text = _birth_date(text)
    phone, text = _phone(text)
    return Question(tuple(traits.words(text)[:MOST_WORDS]), birth_date, ins, phone)


def _ins(text: str) -> tuple[str, str]:
    for found in re.finditer(r"[0-9][0-9AaBb\s.\u00a0\u202f]{11,28}[0-9]", text):
        number = identity.normalised(found[0])
        if identity.is_ins(number) or identity.is_number(number):
            return number, text[: found.start()] + " " + text[found.end() :]
    return "", text


def _birth_date(text: str) -> tuple[date | None, str]:
    plain = traits.folded(text)
    if len(plain) != len(text):  # a ligature moved the places: search in the plain text
        text = plain
    for pattern in (NUMERIC, WRITTEN, PACKED):
        found = pattern.search(plain)
        if found is None:
            continue
        day, month, year = found.groups()
        number = MONTHS.index(month) + 1 if month in MONTHS else int(month)
        try:
            return date(int(year), number, int(day)), text[: found.start()] + text[found.end() :]
        except ValueError:
            continue
    return None, text


def _phone(text: str) -> tuple[str, str]:
    found = re.search(r"(?:\+|\b0)[\d\s.\-\u00a0\u202f()]{8,20}\d", text)
    number = traits.phone_number(found[0]) if found else None
    if found is None or number is None:
        return "", text
    return number, text[: found.start()] + " " + text[found.end() :]
