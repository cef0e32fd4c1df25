"""Days of a plan: what comes back, when a review is due. Civil days of Europe/Paris.

Source : HAS, PPS 2013, dates de révision fixées dans le plan ; PPCS 2019, suivi. Aucun texte connu
ne fixe de délai : celui de la révision est choisi, trois mois étant proposés (règle de Cordée).
"""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cordee.people.rules.labels import Coded

PARIS = ZoneInfo("Europe/Paris")


class Rhythm(Coded):
    """How often an action comes back."""

    ONCE = "once", "une fois"
    DAILY = "daily", "chaque jour"
    WEEKLY = "weekly", "chaque semaine"
    FORTNIGHTLY = "fortnightly", "toutes les deux semaines"
    MONTHLY = "monthly", "chaque mois"
    QUARTERLY = "quarterly", "tous les trois mois"
    YEARLY = "yearly", "chaque année"


DAYS = {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7, Rhythm.FORTNIGHTLY: 14}
MONTHS = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3, Rhythm.YEARLY: 12}
PROPOSED_REVIEW = 3  # months


def civil_day(moment: datetime) -> date:
    """Say which day it is in France at a moment. `moment` knows its zone."""
    return moment.astimezone(PARIS).date()


def end_of(day: date) -> datetime:
    """Say the last instant of a civil day: said on a list, it is still that day."""
    return datetime.combine(day, time.max, tzinfo=PARIS)


def months_later(day: date, months: int) -> date:
    """Say which day is some months later: the same day of the month, else the last of it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def next_on(rhythm: Rhythm, first: date, done_on: date) -> date | None:
    """Say when an action comes back, once done on a day: the first of its days after it.

    Its days are counted from the first one, so that a 31st that February cut short comes back on
    the 31st of March, and what was done late moves no other day. None for what is done once.
    """
    if rhythm == Rhythm.ONCE:
        return None
    if done_on < first:
        return first
    if step := DAYS.get(rhythm):
        return first + timedelta(days=((done_on - first).days // step + 1) * step)
    step = MONTHS[rhythm]
    gone = (done_on.year - first.year) * 12 + done_on.month - first.month
    count = gone // step
    while months_later(first, count * step) <= done_on:
        count += 1
    return months_later(first, count * step)


def review_on(agreed_on: date, months: int = PROPOSED_REVIEW) -> date:
    """Propose the day of the next review."""
    return months_later(agreed_on, months)
