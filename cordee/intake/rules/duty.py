"""The end of duty: nothing that is open may be left without a named person until morning.

Source : organisation des pôles d’orientation (9 h – 19 h 30, six jours sur sept).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from holidays import country_holidays

PARIS = ZoneInfo("Europe/Paris")
OPENS_AT = time(9, 0)
OPEN_DAYS = frozenset(range(6))  # lundi → samedi
CUT_SHORT = timedelta(minutes=30)  # notre choix : un appel où plus rien ne s’écrit
UNDER_WAY = timedelta(minutes=1)  # notre choix : un formulaire en cours, une horloge en retard
LAST_CALLS = timedelta(hours=1)  # notre choix : ce qui arrive quand l’équipe s’en va


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
    """How open requests are kept at the end of duty: by whom, how, until when; and how many are."""

    keeper_id: UUID | None
    how: Keeping | None
    until: datetime | None
    told_since: bool = False
    is_gone: bool = False  # whoever is named works here no more when morning comes
    requests: int = 1


@dataclass(frozen=True)
class Hours:
    """When a desk opens: an hour of the morning, days of the week (0 is Monday), days without."""

    opens: time = OPENS_AT
    weekdays: frozenset[int] = OPEN_DAYS
    closed_on: tuple[date, ...] = ()


def public_holidays(now: datetime) -> tuple[date, ...]:
    """Return the public holidays of this year and the next (code du travail, art. L.3133-1).

    Those of one département or territory alone are not among them: nobody is left waiting longer
    than the rest of the country."""
    year = now.astimezone(PARIS).year
    return tuple(sorted(country_holidays("FR", years=[year, year + 1])))


def next_opening(now: datetime, hours: Hours = Hours()) -> datetime:  # noqa: B008 — frozen
    """Return the next opening strictly after `now`, in local time: midnight and clock change hold.

    A desk that never opens again within two weeks is taken to open the next morning."""
    day = now.astimezone(PARIS).date()
    for ahead in range(15):
        candidate = day + timedelta(days=ahead)
        opening = datetime.combine(candidate, hours.opens, PARIS)
        is_held = candidate.weekday() in hours.weekdays and candidate not in hours.closed_on
        if opening > now and is_held:
            return opening
    return datetime.combine(day + timedelta(days=1), hours.opens, PARIS)


def closes_at(now: datetime, closes: time) -> datetime | None:
    """Return when a desk closes, of one whose duty ends now; None when it has already."""
    day = now.astimezone(PARIS).date()
    if closes == time(0):  # at midnight, as the day ends
        day += timedelta(days=1)
    closing = datetime.combine(day, closes, PARIS)
    return closing if closing > now else None


def why_alone(item: Kept, morning: datetime) -> str:
    """Say why what is kept so would be alone before `morning`, or nothing; the desk closes when
    there is no such thing."""
    if item.keeper_id is None or item.how is None or item.until is None:
        return "personne n’est nommé jusqu’au matin"
    if item.is_gone:
        return "la personne nommée ne travaillera plus dans le service au matin"
    if item.until < morning:
        return "la garde s’arrête avant l’ouverture"
    if item.how is Keeping.CALLER_TOLD and not item.told_since:
        return "l’appel au demandeur n’est pas noté"
    return ""
