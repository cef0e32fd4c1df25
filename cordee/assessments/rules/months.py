"""Months of the calendar counted from one day; a month too short ends the count on its last day."""

from calendar import monthrange
from datetime import date

YEAR = 12


def months_after(day: date, months: int) -> date:
    """Give the same day of the month, some months later; 29 February gives 28 in a common year."""
    years, month = divmod(day.month - 1 + months, YEAR)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_between(first: date, last: date) -> int:
    """Count the whole months from a day to a later one; none when it is not later."""
    months = max(0, (last.year - first.year) * YEAR + last.month - first.month)
    while months and months_after(first, months) > last:
        months -= 1
    return months
