"""The need of a request, edited."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cordee.access.policy import require
from cordee.intake import selectors, services
from cordee.intake.forms import EditForm
from cordee.kernel.http import page


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct what is asked; a search under way follows."""
    care = selectors.get_request(request.actor, pk)
    require(request.actor, "intake.edit", care)
    typed = request.POST if request.method == "POST" else None
    form = EditForm(typed, care=care, today=timezone.localdate(request.now))
    if request.method == "POST" and form.is_valid():
        to, seen = form.edited(), form.cleaned_data["seen"]
        services.edit(actor=request.actor, request=care, to=to, seen=seen, now=request.now)
        return redirect("intake:request", pk)
    context = {"care": care, "form": form, "now": request.now}
    return page(request, "intake/edit.jinja", context, status=422 if form.errors else 200)
