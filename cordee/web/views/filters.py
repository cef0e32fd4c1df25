"""Filters of the worklist kept under a name, shared, and opened under each reader's own rights."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.kernel.http import done, page
from cordee.web import selectors, services
from cordee.web.forms import FilterForm


@require_http_methods(["GET", "POST"])
def filters(request: HttpRequest) -> HttpResponse:
    """Show the filters one may open, and keep the list one comes from."""
    form = FilterForm(
        request.POST if request.method == "POST" else None,
        initial={"query": request.GET.urlencode()},
    )
    if request.method == "POST" and form.is_valid():
        kept = form.cleaned_data | {"path": reverse("pathways:worklist")}
        services.save_filter(actor=request.actor, now=request.now, **kept)
        return done(request, "Le filtre est gardé.", to=reverse("web:filters"))
    context = {"form": form, "filters": selectors.saved_filters(request.actor)}
    status = 422 if form.is_bound else 200
    return page(request, "web/filters.jinja", context, status=status)


@require_GET
def open_filter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open the list as it was kept: what it holds depends on who reads."""
    kept = selectors.get_saved_filter(request.actor, pk)
    return HttpResponseRedirect(f"{kept.path}?{kept.query}")


@require_POST
def forget_filter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Forget one of one's own filters."""
    kept = selectors.get_saved_filter(request.actor, pk)
    services.forget_filter(actor=request.actor, saved=kept, now=request.now)
    return done(request, "Le filtre est oublié.", to=reverse("web:filters"))
