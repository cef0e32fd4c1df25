"""The board of a service: its visits over a period, beside the period before."""

import csv

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from cordee.access import trace
from cordee.access.policy import require
from cordee.kernel.http import page
from cordee.people.rules.small_numbers import smallest_on
from cordee.vigilance import selectors
from cordee.vigilance.rules.marks import LEVELS, MARKS
from cordee.vigilance.views.moment import today

PERIODS = (7, 30, 90)


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The visits of a service over a period, beside the period before."""
    require(request.actor, "vigilance.see_board", None)
    found = selectors.board(request.actor, _days(request), request.now)
    trace.listed(request.actor, "vigilance.board", selectors.persons_shown(found))
    context = {
        "board": found,
        "names": list(MARKS.values()),
        "levels": LEVELS,
        "periods": [
            {"text": f"{days} jours", "href": f"?jours={days}", "current": days == found.days}
            for days in PERIODS
        ],
    }
    return page(request, "vigilance/board.jinja", context)


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The same in a file, small numbers masked."""
    require(request.actor, "vigilance.see_board", None)
    found = selectors.board(request.actor, _days(request), request.now)
    trace.listed(request.actor, "vigilance.board", [])
    least = smallest_on(today(request)).persons
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="visites.csv"'
    answer.write("\ufeff")
    csv.writer(answer, delimiter=";").writerows(selectors.exported(found, least))
    return answer


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("jours", "")
    return int(asked) if asked in {str(one) for one in PERIODS} else PERIODS[1]
