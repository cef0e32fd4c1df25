"""The grid answered again, after the call."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cordee.access.pages import form_about
from cordee.access.policy import require
from cordee.intake import selectors, services
from cordee.intake.forms import RetriageForm


@require_http_methods(["GET", "POST"])
def retriage(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask the grid again: the former answers stay, the delay and the search follow the new ones."""
    care = selectors.get_request(request.actor, pk)
    require(request.actor, "intake.retriage", care)
    grid = selectors.grid_in_use(care.organization_id)
    today, typed = timezone.localdate(request.now), request.POST or None
    form = RetriageForm(typed, grid=grid, today=today, initial={"seen": care.version})
    if request.method == "POST" and form.is_valid():
        answers, seen = form.answers(), form.cleaned_data["seen"]
        services.retriage(
            actor=request.actor, request=care, answers=answers, seen=seen, now=request.now
        )
        return redirect("intake:request", pk)
    context = {"care": care, "form": form, "former": selectors.triages_of(care)}
    return form_about(request, care, "intake/retriage.jinja", context)
