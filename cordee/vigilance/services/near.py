"""A day on which one looks again: to come, and near."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cordee.kernel.errors import DomainError

PARIS = ZoneInfo("Europe/Paris")
LONGEST = timedelta(days=92)
"""A point, a next step, or what became of an alert, is looked for at least each quarter. Ours."""


def day_of(now: datetime) -> date:
    """Say what day it is, for who writes."""
    return now.astimezone(PARIS).date()


def require_near(day: date | None, now: datetime) -> None:
    """Refuse a day to look again that is past, or too far. Raises DomainError
    (vigilance.due_day)."""
    today = day_of(now)
    if day is None or not today <= day <= today + LONGEST:
        raise DomainError(
            "vigilance.due_day", "Choisissez un jour à venir, dans les trois mois au plus."
        )
