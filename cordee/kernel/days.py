"""A day as it is typed in a hurry: « 3/2/1938 », « 03021938 », « demain », « +3 », « lundi ».

Alone in its field (`read_day`), or somewhere in a line of other words (`find_day`). Pure.
"""

import re
from datetime import date, timedelta
from unicodedata import normalize

_WORDS = {"a": 0, "auj": 0, "aujourd'hui": 0, "aujourdhui": 0, "d": 1, "demain": 1}
_WEEK = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = [
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
_FOLD = str.maketrans("éèêûôàç’", "eeeuoac'")
_NUMBERS = r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})"  # no space: it would eat a telephone
_WRITTEN = rf"(\d{{1,2}})(?:er)? ({'|'.join(_MONTHS)}) (\d{{4}})"
_PACKED = r"(\d{2})(\d{2})(\d{4})"
_WHOLE = [re.compile(rf"\b{shape}\b") for shape in (_NUMBERS, _WRITTEN, _PACKED)]
_CENTURY = 100
_SHORT_YEAR = 2


class DayError(ValueError):
    """What was typed is not a day; the message is a sentence for who typed it."""


def read_day(text: str, today: date, *, past: bool = False) -> date:
    """Read a day; a year of two figures is the nearest past or coming one.

    Raises DayError with a sentence when it is not a day that exists."""
    said = " ".join(_folded(text).split())
    if said in _WORDS:
        return today + timedelta(days=_WORDS[said])
    if match := re.fullmatch(r"\+(\d{1,3})", said):
        return today + timedelta(days=int(match[1]))
    if said in _WEEK:
        return today + timedelta(days=(_WEEK.index(said) - today.weekday() - 1) % 7 + 1)
    day, month, year = _parts(said, today)
    try:
        found = date(_year(year, today, past=past), month, day)
    except ValueError:
        raise _not_a_day(text) from None
    if not year and not past and found < today:
        return _next_year(found, text)
    return found


def find_day(text: str) -> tuple[date | None, str]:
    """Find the first whole day in a line, in any place; give it with the line that is left."""
    said = _folded(text)
    if len(said) != len(text):  # a letter that grows when lowered moved the places
        text = said
    for shape in _WHOLE:
        found = shape.search(said)
        if found is None:
            continue
        try:
            day = date(int(found[3]), _month(found[2]), int(found[1]))
        except ValueError:
            continue
        return day, text[: found.start()] + text[found.end() :]
    return None, text


def _folded(text: str) -> str:
    return normalize("NFC", text).lower().translate(_FOLD)


def _month(said: str) -> int:
    return _MONTHS.index(said) + 1 if said in _MONTHS else int(said)


def _parts(said: str, today: date) -> tuple[int, int, str]:
    if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", said):
        return int(match[3]), int(match[2]), match[1]
    if match := re.fullmatch(r"(\d{2})(\d{2})(\d{4}|\d{2})?", said):
        return int(match[1]), int(match[2]), match[3] or ""
    if match := re.fullmatch(r"(\d{1,2})[ /.\-](\d{1,2})(?:[ /.\-](\d{4}|\d{2}))?", said):
        return int(match[1]), int(match[2]), match[3] or ""
    match = re.fullmatch(r"(\d{1,2})(?:er)? ([a-z]+)(?: (\d{4}))?", said)
    if match and match[2] in _MONTHS:
        return int(match[1]), _month(match[2]), match[3] or ""
    raise _not_a_day(said)


def _year(text: str, today: date, *, past: bool) -> int:
    if not text:
        return today.year
    year = int(text)
    if len(text) > _SHORT_YEAR:
        return year
    year += today.year - today.year % _CENTURY
    return year - _CENTURY if past and year > today.year else year


def _next_year(found: date, text: str) -> date:
    try:
        return found.replace(year=found.year + 1)
    except ValueError:
        raise _not_a_day(text) from None


def _not_a_day(text: str) -> DayError:
    return DayError(
        f"« {text[:30]} » n’est pas une date qui existe. Écrivez par exemple 3/2/1938 ou demain.",
    )
