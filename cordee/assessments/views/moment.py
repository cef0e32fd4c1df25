"""The day of a request, in France."""

from datetime import date

from django.http import HttpRequest

from cordee.directory.rules import PARIS


def today(request: HttpRequest) -> date:
    """Give the day on which the page is asked."""
    day: date = request.now.astimezone(PARIS).date()
    return day
