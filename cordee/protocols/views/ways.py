"""The map of the ways that persons really take through a protocol."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_GET

from cordee.access.policy import require
from cordee.directory import selectors as directory
from cordee.directory.rules import PARIS
from cordee.kernel.days import DayError, read_day
from cordee.kernel.http import page
from cordee.protocols import selectors
from cordee.protocols.rules.ways import smallest_on


@require_GET
def ways(request: HttpRequest) -> HttpResponse:
    """What follows what, how often and how long, for the persons of the structures of who reads."""
    require(request.actor, "protocols.read_ways")
    known = selectors.protocols_followed(request.actor)
    chosen = request.GET.get("parcours", "") or next((name for name, _ in known), "")
    today = request.now.astimezone(PARIS).date()
    period, wrong = _period(request.GET, today)
    smallest = smallest_on(today)
    mapped = selectors.ways_of(request.actor, chosen, period, smallest) if chosen else None
    context = {
        "known": known,
        "chosen": chosen,
        "given": request.GET,
        "territories": directory.territories(request.actor),
        "mapped": mapped,
        "smallest": smallest,
        "wrong": wrong,
    }
    return page(request, "protocols/ways.jinja", context, status=422 if wrong else 200)


def _period(given: QueryDict, today: date) -> tuple[selectors.Within, dict[str, str]]:
    """Read the filters; what is not a day is told, and not asked."""
    wrong: dict[str, str] = {}
    days = {}
    for name in ("du", "au"):
        if typed := given.get(name, "").strip():
            try:
                days[name] = read_day(typed, today)
            except DayError as error:
                wrong[name] = str(error)
    since, until = days.get("du"), days.get("au")
    territory = given.get("territoire", "")
    return (
        selectors.Within(
            datetime.combine(since, time(), tzinfo=PARIS) if since else None,
            datetime.combine(until + timedelta(days=1), time(), tzinfo=PARIS) if until else None,
            _uuid(territory),
        ),
        wrong,
    )


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
