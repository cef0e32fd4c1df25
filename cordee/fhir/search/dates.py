"""A date as a search says it: a prefix, and an interval as wide as what was written. Pure.

Source: FHIR R4, « Search », 3.1.1.5.3 (prefixes) and 3.1.1.5.6 (date).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
WRITTEN = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
WHOLE_DAY = 10  # characters of a date that says its day
LAST_YEAR = 9998  # an interval ends within what a clock can say


@dataclass(frozen=True)
class Interval:
    """From a moment to another, the last one left out."""

    start: datetime
    end: datetime


def split(text: str) -> tuple[str, str]:
    """Cut a value into its prefix ("eq" when there is none) and the rest."""
    if text[:2] in PREFIXES:
        return text[:2], text[2:]
    return "eq", text


def interval(text: str) -> Interval:
    """Understand a date of any precision; without a zone, that of France. Raises ValueError."""
    found = WRITTEN.fullmatch(text.replace(" ", "+"))
    if found is None or not 1 <= int(found[1]) <= LAST_YEAR:
        raise ValueError(text)
    year, month, day, hour, minute, second, part, zone = found.groups()
    start = datetime(
        int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
        int(second or 0), _microseconds(part), tzinfo=_zone(zone),
    )  # fmt: skip
    return Interval(start, _end(start, (month, day, hour, second, part)))


def day_said(text: str) -> str:
    """A date as it was written; of a moment, its day in France. Raises ValueError."""
    if len(text) <= WHOLE_DAY:
        return text
    try:
        return interval(text).start.astimezone(PARIS).date().isoformat()
    except OverflowError:  # the first hours of the year 1, elsewhere
        raise ValueError(text) from None


def _end(start: datetime, said: tuple[str | None, ...]) -> datetime:
    month, day, hour, second, part = said
    if month is None:
        return start.replace(year=start.year + 1)
    if day is None:
        ahead = start.replace(day=28) + timedelta(days=4)
        return ahead.replace(day=1)
    if hour is None:
        return start + timedelta(days=1)
    if second is None:
        return start + timedelta(minutes=1)
    if part is None:
        return start + timedelta(seconds=1)
    return start + timedelta(milliseconds=1)


def _microseconds(part: str | None) -> int:
    return int(part[1:4].ljust(3, "0")) * 1000 if part else 0


def _zone(said: str | None) -> tzinfo:
    if said is None:
        return PARIS
    if said == "Z":
        return UTC
    gap = timedelta(hours=int(said[1:3]), minutes=int(said[4:6]))
    return timezone(-gap if said[0] == "-" else gap)


def widened(wanted: Interval, now: datetime) -> Interval:
    """What « about » means: a tenth of the way to now on each side, a day at least."""
    gap = max(abs(now - wanted.start) / 10, timedelta(days=1))
    return Interval(wanted.start - gap, wanted.end + gap)
