"""The need of a request, edited."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cordee.access.pages import form_about
from cordee.access.policy import require
from cordee.intake import selectors, services
from cordee.intake.forms import EditForm
from cordee.kernel.errors import DomainError


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct what is asked; a search under way follows."""
    care = selectors.get_request(request.actor, pk)
    require(request.actor, "intake.edit", care)
    typed = request.POST if request.method == "POST" else None
    form = EditForm(
        typed,
        care=care,
        chosen=selectors.chosen_for(request.actor, care),
        today=timezone.localdate(request.now),
    )
    if request.method == "POST" and form.is_valid() and _edited(request, care, form):
        return redirect("intake:request", pk)
    context = {"care": care, "form": form, "now": request.now}
    return form_about(request, care, "intake/edit.jinja", context)


BESIDE = {"intake.already_live": "kind", "intake.live_elsewhere": "kind"}
BESIDE |= {"intake.comes_already": "exclude"}


def _edited(request: HttpRequest, care: Any, form: EditForm) -> bool:
    """Write what was typed; a need that another request follows is said beside it, and kept."""
    wishes, doubts = selectors.wishes_of(request.actor, form.cleaned_data, form.chosen.known)
    to, seen = form.edited(wishes), form.cleaned_data["seen"]
    for name, sentence in doubts.items():
        form.add_error(name, sentence)
    try:
        if not doubts:
            services.edit(actor=request.actor, request=care, to=to, seen=seen, now=request.now)
    except DomainError as refused:
        if refused.code not in BESIDE:
            raise
        if refused.code == "intake.live_elsewhere":
            _meet(request, care, to)
        form.add_error(BESIDE[refused.code], refused.message)
    return not form.errors


def _meet(request: HttpRequest, care: Any, to: services.Edited) -> None:
    kinds = to.need.kinds
    services.meet(actor=request.actor, person=care.person, kinds=kinds, now=request.now)
