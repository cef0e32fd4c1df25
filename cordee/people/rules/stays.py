"""Which stay in hospital an entry or a leaving tells of: they are told late, twice, or one alone.

FHIR tells a stay as one thing, with its beginning and its end (R4, Encounter.period); people tell
two facts, each alone. How they are brought together is ours: no text says it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from cordee.people.rules.traits import Destination

PARIS = ZoneInfo("Europe/Paris")
SAID_AGAIN = timedelta(days=3)
"""A leaving told again this soon, without an entry in between, is the same one, better dated."""


@dataclass(frozen=True)
class Stay:
    """What is known of one: no entry where the leaving alone was told, no leaving while it lasts.

    `said_again_at`: the last entry told of it after the first. `row`: where it is kept.
    """

    entered_at: datetime | None = None
    said_again_at: datetime | None = None
    left_at: datetime | None = None
    place: UUID | None = None
    destination: str = ""
    row: UUID | None = None

    @property
    def first(self) -> datetime:
        """The first moment that is known of it; there is one."""
        known = [one for one in (self.entered_at, self.left_at) if one]
        return min(known)


def entered(stays: Iterable[Stay], at: datetime, place: UUID | None) -> list[Stay]:
    """Say what an entry changes among the stays of one person.

    Two entries in a row are of one stay, since the first: nobody told that she left in between. An
    entry that is told after its leaving is the beginning that the stay lacked.
    """
    for one in in_order(stays):
        if one.left_at is None or at < one.left_at:
            return [_entries(replace(one, place=place or one.place), at)]
    return [Stay(entered_at=at, place=place)]


def left(stays: Iterable[Stay], at: datetime, destination: str, place: UUID | None) -> list[Stay]:
    """Say what a leaving changes among the stays of one person; what ended comes first.

    It ends the last stay that began by then, or corrects the end that was told of it: within it, or
    soon after. What was said again of an entry on a later day is then another stay. Where nothing
    began, a stay is known by its end alone. A leaving is dated by its day: of the day of an entry,
    it comes after it. The very same told twice changes nothing.
    """
    known = in_order(stays)
    for one in known:
        if (one.left_at, one.destination) == (at, destination):
            return [replace(one, place=one.place or place)]
    found = _left(known, at)
    if found is None:
        return [Stay(left_at=at, destination=destination, place=place)]
    ended = replace(found, destination=destination, place=found.place or place)
    again = found.said_again_at
    if again and _day(again) > _day(at):
        later = replace(found, row=None, entered_at=again, said_again_at=None)
        return [replace(ended, said_again_at=None, left_at=_no_earlier(ended, at)), later]
    return [replace(ended, left_at=_no_earlier(ended, at))]


def brought_together(kept: Stay, other: Stay) -> Stay:
    """Make one of two stays that go on, of two records of one person."""
    told = [one for one in (other.entered_at, other.said_again_at) if one]
    for at in told:
        kept = _entries(kept, at)
    return replace(kept, place=kept.place or other.place)


def away_since(stays: Iterable[Stay]) -> datetime | None:
    """Say since when somebody is not at home, as far as it was told; None for who is.

    Whoever left hospital for another house is not back yet: away since they entered."""
    known = in_order(stays)
    if not known or known[-1].destination == Destination.HOME.value:
        return None
    return known[-1].first


def _entries(stay: Stay, at: datetime) -> Stay:
    told = [one for one in (stay.entered_at, stay.said_again_at, at) if one]
    first, last = min(told), max(told)
    return replace(stay, entered_at=first, said_again_at=last if last > first else None)


def _left(stays: list[Stay], at: datetime) -> Stay | None:
    begun = [one for one in stays if _day(one.first) <= _day(at)]
    if begun and (begun[-1].left_at is None or at <= begun[-1].left_at + SAID_AGAIN):
        return begun[-1]
    alone = (one for one in stays if one.entered_at is None and one.left_at)
    return next((one for one in alone if one.first - SAID_AGAIN <= at <= one.first), None)


def _no_earlier(stay: Stay, at: datetime) -> datetime:
    same_day = [
        one for one in (stay.entered_at, stay.said_again_at) if one and _day(one) <= _day(at)
    ]
    return max([at, *same_day])


def in_order(stays: Iterable[Stay]) -> list[Stay]:
    """Sort the stays of one person. Of those that are known from the same moment: the one that
    ended by then first, an end alone before all, and last the one that goes on."""
    return sorted(stays, key=_turn)


def _turn(one: Stay) -> tuple[datetime, bool, datetime, bool]:
    return one.first, one.left_at is None, one.left_at or one.first, one.entered_at is not None


def _day(at: datetime) -> date:
    return at.astimezone(PARIS).date()
