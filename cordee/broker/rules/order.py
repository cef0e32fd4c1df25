"""What is asked of the broker, in words that do not know who asks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


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


def is_later_than_asked(visit: datetime, begins: datetime, wanted_by: datetime) -> bool:
    """Say whether a first visit is an offer to decide on: after the day on which care was wanted.

    That day is the one it was to begin, or the one by which somebody was to be found, if later.
    Moments know their zone: days are local ones.
    """
    return visit.date() > max(begins.date(), wanted_by.date())


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
    deadline_at: datetime | None = None
    profession: str = "60"
    usual_practitioner_id: UUID | None = None
    preferred: tuple[UUID, ...] = ()
    excluded: tuple[UUID, ...] = ()
    declined: tuple[UUID, ...] = ()  # said no already for this need: not asked, heard on the phone
    arrival_notes: str = ""
    visit_notes: str = ""
