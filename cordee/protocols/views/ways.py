"""The map of the ways that persons really take through a protocol."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_GET

from cordee.access import trace
from cordee.access.policy import require
from cordee.directory import selectors as directory
from cordee.directory.rules import PARIS
from cordee.kernel.days import DayError, read_day
from cordee.kernel.http import page
from cordee.people.rules.small_numbers import smallest_on
from cordee.protocols import selectors
from cordee.protocols.rules.ways import whole_months

OLDEST = date(1990, 1, 1)


@require_GET
def ways(request: HttpRequest) -> HttpResponse:
    """What follows what, how often and how long, for the persons of the structures of who reads."""
    require(request.actor, "protocols.read_ways")
    choices = _choices(request)
    chosen = choices["chosen"]
    today = request.now.astimezone(PARIS).date()
    period, wrong = _period(request.GET, today)
    smallest = smallest_on(today)
    mapped = selectors.ways_of(request.actor, chosen, period, smallest) if chosen else None
    trace.counted(request.actor, "protocols.ways")
    context = choices | {"mapped": mapped, "smallest": smallest, "wrong": wrong}
    return page(request, "protocols/ways.jinja", context, status=422 if wrong else 200)


def _choices(request: HttpRequest) -> dict[str, Any]:
    known = selectors.protocols_followed(request.actor)
    chosen = request.GET.get("parcours", "")
    return {
        "known": known,
        "chosen": chosen if chosen in dict(known) else next((name for name, _ in known), ""),
        "given": request.GET,
        "territories": directory.territories(request.actor),
    }


def _period(given: QueryDict, today: date) -> tuple[selectors.Within, dict[str, str]]:
    """Read the filters, by whole months; what is not a day is told, and not asked."""
    wrong: dict[str, str] = {}
    days = {}
    for name in ("du", "au"):
        if typed := given.get(name, "").strip():
            try:
                days[name] = max(OLDEST, min(read_day(typed, today), today))
            except DayError as error:
                wrong[name] = str(error)
    since, after = whole_months(days.get("du"), days.get("au"))
    territory = _uuid(given.get("territoire", ""))
    return selectors.Within(_midnight(since), _midnight(after), territory), wrong


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=PARIS) if day else None


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
