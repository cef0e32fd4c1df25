"""A page of what is written about somebody: that it was shown is said before it leaves."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from cordee.access import trace
from cordee.kernel.http import page


def page_about(
    request: HttpRequest,
    record: Model,
    template: str,
    context: dict[str, Any],
    *,
    part: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render what shows a record, a panel above all, and say in the trace that it was shown.

    A panel refreshes, a form comes back to be corrected: what the same session has just opened
    adds no line, nor does a panel of a page that has already told of the person.
    """
    trace.read(request.actor, record, refresh=True)  # type: ignore[attr-defined]
    return page(request, template, context, part=part, status=status)


def form_about(
    request: HttpRequest, record: Model, template: str, context: dict[str, Any]
) -> HttpResponse:
    """The same for the form of a gesture on it: empty, or come back to be corrected."""
    status = 422 if context["form"].errors else 200
    return page_about(request, record, template, context, status=status)
