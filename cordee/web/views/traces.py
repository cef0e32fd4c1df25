"""The trace of the house, for who audits it: who did what, about how many persons, never which."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from cordee.access import trace
from cordee.access.models import Trace
from cordee.access.policy import require
from cordee.access.seals import last_sealed_at
from cordee.kernel.http import page
from cordee.people import selectors as people

LINES = 50


@require_GET
def traces(request: HttpRequest) -> HttpResponse:
    """Show the latest lines, by nature, and when they were last sealed."""
    require(request.actor, "web.audit")
    kind, before = _asked(request)
    lines = people.trace_lines(request.actor, kind, before)
    trace.signed(request.actor, "web.audit")
    context = {
        "lines": lines,
        "kind": kind,
        "kinds": Trace.Kind.choices,
        "older": lines[-1].id if len(lines) == LINES else None,
        "sealed_at": last_sealed_at(),
    }
    return page(request, "web/traces.jinja", context)


def _asked(request: HttpRequest) -> tuple[str, int | None]:
    """The nature and the line to go back from; what makes no sense is as if it were not asked."""
    kind, before = request.GET.get("nature", ""), request.GET.get("avant", "")
    known = kind if kind in Trace.Kind.values else ""
    return known, int(before) if before.isdecimal() and len(before) < 18 else None
