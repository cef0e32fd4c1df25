"""What somebody typed in the search of a person: names, a birth date, a number, a phone."""

import re
from dataclasses import dataclass
from datetime import date

from cordee.kernel.days import find_day
from cordee.people.rules import identity, traits

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
    birth_date, text = find_day(text)
    phone, text = _phone(text)
    return Question(tuple(traits.words(text)[:MOST_WORDS]), birth_date, ins, phone)


def _ins(text: str) -> tuple[str, str]:
    for found in re.finditer(r"[0-9][0-9AaBb\s.\u00a0\u202f]{11,28}[0-9]", text):
        number = identity.normalised(found[0])
        if identity.is_ins(number) or identity.is_number(number):
            return number, text[: found.start()] + " " + text[found.end() :]
    return "", text


def _phone(text: str) -> tuple[str, str]:
    found = re.search(r"(?:\+|\b0)[\d\s.\-\u00a0\u202f()]{8,20}\d", text)
    number = traits.phone_number(found[0]) if found else None
    if found is None or number is None:
        return "", text
    return number, text[: found.start()] + " " + text[found.end() :]
