"""Dates, numbers and punctuation as French people say and print them. Pure: `now` is given."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

NBSP = "\u00a0"
NARROW = "\u202f"

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
SHORT_MONTHS = [
    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
]
NEAR_DAYS = {-1: "hier", 0: "aujourd’hui", 1: "demain"}

# A complement stays as it is: « demandes en attente », « personnes à rappeler ».
STOPS = frozenset(
    ["à", "au", "aux", "d", "de", "des", "du", "en", "par", "pour", "sans", "sous", "sur", "avec"]
)


def said_day(day: date, today: date, *, brief: bool = False) -> str:
    """Say a day: « hier », « mercredi 18 novembre », « 3 mars 2024 »; briefly « mer. 18 nov. »."""
    distance = (day - today).days
    if distance in NEAR_DAYS:
        return NEAR_DAYS[distance]
    words = f"{_ordinal(day.day)}{NBSP}{(SHORT_MONTHS if brief else MONTHS)[day.month - 1]}"
    if abs(distance) <= 7:
        name = DAYS[day.weekday()]
        return f"{name[:3]}. {words}" if brief else f"{name} {words}"
    return words if day.year == today.year else f"{words} {day.year}"


def said_on(day: date, today: date) -> str:
    """Say a day in a sentence: « hier », « mercredi 18 novembre », « le 3 mars 2024 »."""
    said = said_day(day, today)
    return f"le {said}" if abs((day - today).days) > 7 else said


def dated(day: date) -> str:
    """Say a day after an article, which « hier » does not bear: « (le) 3 mars 2024 »."""
    return f"{_ordinal(day.day)}{NBSP}{MONTHS[day.month - 1]} {day.year}"


def said_hour(moment: datetime) -> str:
    """Say an hour: « 9:05 », « 14:05 »."""
    return f"{moment.hour}:{moment.minute:02}"


class FarAway(NamedTuple):
    """How far a moment is, an hour away or more: the day on which one says it, and whole days."""

    today: date
    days: int


Distance = int | FarAway  # minutes, within the hour


def distance(moment: datetime, now: datetime) -> Distance:
    """Say how far a moment is, as far as its words depend on it: all that they owe to `now`, which
    is local. Minutes are less than zero where it is to come."""
    gap = now - moment
    minutes = int(gap / timedelta(minutes=1))
    return minutes if abs(minutes) < 60 else FarAway(now.date(), gap.days)


def said_moment(moment: datetime, now: datetime, *, brief: bool = False) -> str:
    """Say a moment, both in local time: « il y a 12 min », « hier 14:05 », « 3 mars 2024 »."""
    return said_from_afar(moment, distance(moment, now), brief=brief)


def said_from_afar(moment: datetime, far: Distance, *, brief: bool = False) -> str:
    """Say a local moment from a distance. Briefly, what is of today is said by its hour alone."""
    if not isinstance(far, FarAway):
        if far == 0:
            return "à l’instant"
        return f"il y a {far}{NBSP}min" if far > 0 else f"dans {-far}{NBSP}min"
    if brief and moment.date() == far.today:
        return f"à {said_hour(moment)}"
    day = said_day(moment.date(), far.today, brief=brief)
    is_of_another_year = moment.year != far.today.year and abs(far.days) > 7
    return day if is_of_another_year else f"{day} {said_hour(moment)}"


def said_from(moment: datetime, now: datetime) -> str:
    """Say since when something is possible: « à partir de 6:00 », « à partir du 3 mars 8:00 »."""
    distance = (moment.date() - now.date()).days
    if distance == 0:
        return f"à partir de {said_hour(moment)}"
    link = "de" if distance in NEAR_DAYS else "du"
    day = f"à partir {link} {said_day(moment.date(), now.date())}"
    return day if is_whole_day(moment) else f"{day} à {said_hour(moment)}"


def is_whole_day(moment: datetime) -> bool:
    """Tell whether a local moment stands for a day of which no hour was said: its midnight."""
    return moment.time() == time(0)


def sentence(text: str) -> str:
    """Begin with a capital, and leave the rest as it is written."""
    return text[:1].upper() + text[1:]


def full_moment(moment: datetime) -> str:
    """Say a moment without any doubt: « dimanche 22 novembre 2026 à 14:05 »."""
    return f"{full_day(moment.date())} à {said_hour(moment)}"


@lru_cache(maxsize=1_000)
def full_day(day: date) -> str:
    """Say a day without any doubt: « dimanche 22 novembre 2026 »."""
    return f"{DAYS[day.weekday()]} {dated(day)}"


def said_span(gap: timedelta) -> str:
    """Say a length of time: « 12 min », « 1 h 05 », « 3 jours »."""
    minutes = int(abs(gap) / timedelta(minutes=1))
    if minutes < 60:
        return f"{minutes}{NBSP}min"
    if minutes < 24 * 60:
        return f"{minutes // 60}{NBSP}h{NBSP}{minutes % 60:02}"
    return plural(minutes // (24 * 60), "jour")


def plural(count: int, singular: str, several: str | None = None) -> str:
    """Count in French, where 0 and 1 are singular: « 1 demande », « 3 demandes ouvertes »."""
    word = singular if abs(count) < 2 else several or _several(singular)
    return f"{grouped(count)}{NBSP}{word}"


def said_number(number: Decimal | int) -> str:
    """Write a number as people do, without idle zeros: « 12,5 », « −3 », « 1 200 »."""
    written = f"{Decimal(number):,f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return written.replace(",", NARROW).replace(".", ",").replace("-", "\u2212")


def grouped(number: int) -> str:
    """Write a number by groups of three: « 34 969 »."""
    return f"{number:,}".replace(",", NARROW)


def typo(text: str) -> str:
    """Put the non-breaking spaces and the curved apostrophes where French wants them."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r"[ \u00a0\u202f]+(?=[;!?])", NARROW, text)
    text = re.sub(r"[ \u00a0\u202f]+(?=[:»])", NBSP, text)
    return re.sub(r"«[ \u00a0\u202f]*", f"«{NBSP}", text)


def said_phone(number: str) -> str:
    """Write a French phone number by pairs; leave any other as it was given."""
    digits = re.sub(r"[\s.\-()]", "", number)
    digits = re.sub(r"^(?:\+33|0033)0?(?=[1-9]\d{8}$)", "0", digits)
    if not re.fullmatch(r"0\d{9}", digits):
        return number
    return NBSP.join(re.findall("..", digits))


def _ordinal(day: int) -> str:
    return "1er" if day == 1 else str(day)


def _several(singular: str) -> str:
    words = re.split(r"( )", singular)
    stop = next((at for at, word in enumerate(words) if word in STOPS or "’" in word), len(words))
    return "".join(
        word if at >= stop or word == " " or word.endswith(("s", "x", "z")) else f"{word}s"
        for at, word in enumerate(words)
    )
