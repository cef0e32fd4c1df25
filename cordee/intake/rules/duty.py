"""The end of duty: nothing that is open may be left without a named person until morning.

Source : organisation des pôles d’orientation (9 h – 19 h 30, six jours sur sept).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
OPENS_AT = time(9, 0)
OPEN_DAYS = frozenset(range(6))  # lundi → samedi


class Keeping(StrEnum):
    """How a request is kept until morning."""

    ON_CALL = "on_call"
    COLLEAGUE = "colleague"
    CALLER_TOLD = "caller_told"

    @property
    def label(self) -> str:
        """Return the words shown on screen."""
        return {
            Keeping.ON_CALL: "la ligne d’astreinte la garde",
            Keeping.COLLEAGUE: "un ou une collègue la garde",
            Keeping.CALLER_TOLD: "le demandeur sait que l’on reprend au matin",
        }[self]


@dataclass(frozen=True)
class Kept:
    """One open request at the end of duty: who keeps it, how, until when."""

    request_id: UUID
    keeper_id: UUID | None
    how: Keeping | None
    until: datetime | None
    told_since: bool = False


@dataclass(frozen=True)
class Orphan:
    """A request nobody keeps, and the reason in words."""

    request_id: UUID
    why: str


def next_opening(now: datetime, closed_on: Sequence[object] = ()) -> datetime:
    """Return the next opening strictly after `now`, in local time: midnight and clock change hold.

    `closed_on` lists the days without duty (public holidays)."""
    day = now.astimezone(PARIS).date()
    for ahead in range(15):
        candidate = day + timedelta(days=ahead)
        opening = datetime.combine(candidate, OPENS_AT, PARIS)
        if opening > now and candidate.weekday() in OPEN_DAYS and candidate not in closed_on:
            return opening
    raise ValueError("no opening within two weeks")


def orphans(kept: Iterable[Kept], morning: datetime) -> tuple[Orphan, ...]:
    """Return the requests that would be alone before `morning`; the desk closes on an empty one."""
    found = ((item.request_id, _why(item, morning)) for item in kept)
    return tuple(Orphan(request_id, why) for request_id, why in found if why)


def _why(item: Kept, morning: datetime) -> str:
    if item.keeper_id is None or item.how is None or item.until is None:
        return "personne n’est nommé jusqu’au matin"
    if item.until < morning:
        return "la garde s’arrête avant l’ouverture"
    if item.how is Keeping.CALLER_TOLD and not item.told_since:
        return "l’appel au demandeur n’est pas noté"
    return ""
