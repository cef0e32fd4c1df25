"""The legal bases: published to whoever works here, set in the name of the data controller."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from cordee.access.policy import is_allowed, require
from cordee.kernel.http import page
from cordee.people import selectors, services
from cordee.people.forms import choices as forms
from cordee.people.rules.processing import Basis, Purpose


@require_http_methods(["GET", "POST"])
def bases(request: HttpRequest) -> HttpResponse:
    """Why the law allows each use of the data; set another basis."""
    if request.method == "GET":
        return _page(request, forms.BasisForm())
    require(request.actor, "people.set_basis")
    form = forms.BasisForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    purpose, basis = Purpose(form.cleaned_data["purpose"]), Basis(form.cleaned_data["basis"])
    services.set_basis(actor=request.actor, purpose=purpose, basis=basis, now=request.now)
    return redirect("people:bases")


def _page(request: HttpRequest, form: forms.BasisForm) -> HttpResponse:
    context = {
        "form": form,
        "bases": selectors.legal_bases(request.actor),
        "choices": Basis.choices(),
        "readings": selectors.unverified_readings(),
        "may_set": is_allowed(request.actor, "people.set_basis"),
    }
    return page(request, "people/bases.jinja", context, status=422 if form.errors else 200)
