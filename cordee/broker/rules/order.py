"""What is asked of the broker, in words that do not know who asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from cordee.directory.rules import MOMENT_HOURS, MomentHours, Window, window_from


class Urgency(StrEnum):
    """Délai d’organisation fixé par le tri : il n’est pas un diagnostic."""

    TONIGHT = "tonight"
    DAY = "24h"
    THREE_DAYS = "72h"
    PLANNED = "planned"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Urgency.TONIGHT: "ce soir",
    Urgency.DAY: "sous 24 h",
    Urgency.THREE_DAYS: "sous 72 h",
    Urgency.PLANNED: "programmé",
}
_RAISED = {
    Urgency.PLANNED: Urgency.THREE_DAYS,
    Urgency.THREE_DAYS: Urgency.DAY,
    Urgency.DAY: Urgency.TONIGHT,
    Urgency.TONIGHT: Urgency.TONIGHT,
}


def raised(urgency: Urgency) -> Urgency:
    """Give the next higher urgency: a search reopened after a withdrawal has lost time."""
    return _RAISED[urgency]


def day_wanted(begins: datetime, wanted_by: datetime) -> date:
    """Give the last day on which care was wanted: the one it was to begin, or the one by which
    somebody was to be found, if later. Moments know their zone: days are local ones."""
    return max(begins.date(), wanted_by.date())


def is_later_than_asked(visit: datetime, wanted_on: date) -> bool:
    """Say whether a first visit is an offer to decide on, which the desk does: after the last day
    that was asked, whenever it is sought. `visit` knows its zone."""
    return visit.date() > wanted_on


def hears_in_time(
    leaves_at: datetime, visit_at: datetime, now: datetime, sets_off: timedelta
) -> bool:
    """Say whether who comes reads, before setting off, a word that leaves then. A visit that is
    past was the first of others, and the next one may be at any hour.

    `sets_off`: how long before a visit they may be on the road already, at somebody else’s."""
    return leaves_at <= now or leaves_at + sets_off <= visit_at


_WITHIN = {
    Urgency.TONIGHT: None,
    Urgency.DAY: timedelta(hours=24),
    Urgency.THREE_DAYS: timedelta(hours=72),
    Urgency.PLANNED: timedelta(days=7),
}


def window_of(
    urgency: Urgency,
    begins_at: datetime,
    moments: Iterable[str],
    now: datetime,
    settings: tuple[MomentHours, ...] = MOMENT_HOURS,
) -> Window:
    """Give when the first visit of a search may be, from now on: whoever could come is asked.

    What is planned for a day to come is for that day; the rest, for as long as its delay leaves.
    """
    is_dated = urgency is Urgency.PLANNED and begins_at > now
    within = timedelta() if is_dated else _WITHIN[urgency]
    return window_from(begins_at, now, within=within, moments=moments, settings=settings)


@dataclass(frozen=True)
class SearchOrder:
    """One need to fill. `origin` is opaque ("room/kind/id"); Both notes are for the winner.

    `arrival_notes` say where and how to come, `visit_notes` which care: they are told apart, as the
    person may keep the second from some readers.
    """

    origin: str
    person_id: UUID
    organization_id: UUID
    kinds: tuple[str, ...]
    commune_code: str
    urgency: Urgency
    begins_at: datetime
    moments: tuple[str, ...] = ()  # of the day, when the visits are wanted; none: any hour
    deadline_at: datetime | None = None
    wanted_on: date | None = None  # the last day asked for a first visit, were it past
    profession: str = "60"
    usual_practitioner_id: UUID | None = None
    preferred: tuple[UUID, ...] = ()
    excluded: tuple[UUID, ...] = ()
    declined: tuple[UUID, ...] = ()  # said no already for this need: not asked, heard on the phone
    arrival_notes: str = ""
    visit_notes: str = ""
