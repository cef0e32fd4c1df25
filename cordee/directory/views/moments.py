"""The hours of the moments of the day: what was chosen here, and another setting."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cordee.access.policy import require
from cordee.directory import forms, selectors, services
from cordee.directory.rules import PARIS
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page


@require_http_methods(["GET", "POST"])
def moments(request: HttpRequest) -> HttpResponse:
    """Show every setting, and take another one from a day to come."""
    require(request.actor, "directory.set_moments")
    now = selectors.moments_in_force(request.now)
    tomorrow = request.now.astimezone(PARIS).date() + timedelta(days=1)
    form = forms.MomentsForm.on(now.setting, tomorrow, request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_set(request, form):
        messages.success(request, "Ces heures sont enregistrées, à leur date.")
        return HttpResponseRedirect(reverse("directory:moments"), status=303)
    chosen = selectors.chosen_moments(request.actor, request.now)
    context = {"form": form, "in_force": now, "chosen": chosen}
    return page(request, "directory/moments.jinja", context, status=422 if form.errors else 200)


@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back hours that have not begun."""
    found = selectors.get_moments(request.actor, pk)
    services.withdraw_moments(actor=request.actor, setting=found, now=request.now)
    messages.success(request, "Ces heures sont retirées : elles ne commenceront pas.")
    return HttpResponseRedirect(reverse("directory:moments"), status=303)


def _is_set(request: HttpRequest, form: forms.MomentsForm) -> bool:
    try:
        services.set_moments(actor=request.actor, traits=form.traits(), now=request.now)
    except DomainError as refusal:
        form.add_error(None, refusal.message)
    return not form.errors
