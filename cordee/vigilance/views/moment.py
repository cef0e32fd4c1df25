"""The day on which somebody looks."""

from datetime import date

from django.http import HttpRequest

from cordee.directory.rules import PARIS


def today(request: HttpRequest) -> date:
    """Today in Paris, by the moment of the request."""
    day: date = request.now.astimezone(PARIS).date()
    return day
