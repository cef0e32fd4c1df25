"""The need of a request, edited."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cordee.access.policy import require
from cordee.intake import selectors, services
from cordee.intake.forms import EditForm
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct what is asked; a search under way follows."""
    care = selectors.get_request(request.actor, pk)
    require(request.actor, "intake.edit", care)
    typed = request.POST if request.method == "POST" else None
    form = EditForm(typed, care=care, today=timezone.localdate(request.now))
    if request.method == "POST" and form.is_valid() and _edited(request, care, form):
        return redirect("intake:request", pk)
    context = {"care": care, "form": form, "now": request.now}
    return page(request, "intake/edit.jinja", context, status=422 if form.errors else 200)


def _edited(request: HttpRequest, care: Any, form: EditForm) -> bool:
    """Write what was typed; a need that another request follows is said beside it, and kept."""
    to, seen = form.edited(), form.cleaned_data["seen"]
    try:
        services.edit(actor=request.actor, request=care, to=to, seen=seen, now=request.now)
    except DomainError as refused:
        if refused.code not in ("intake.already_live", "intake.live_elsewhere"):
            raise
        if refused.code == "intake.live_elsewhere":
            services.meet(
                actor=request.actor, person=care.person, kinds=to.need.kinds, now=request.now
            )
        form.add_error("kind", refused.message)
    return not form.errors
