"""The register of ruptures, and how one ends."""

from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from cordee.access import trace
from cordee.access.pages import form_about
from cordee.access.policy import is_allowed, require
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page
from cordee.protocols import forms, selectors, services
from cordee.protocols.drawing import role_said
from cordee.protocols.models import Rupture
from cordee.protocols.rules.outcomes import Cause
from cordee.protocols.rules.watching import basis_said
from cordee.protocols.views.pathways import typed

ON_A_PAGE = 50


@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """The ruptures of the structures of who reads: those that wait, or those that ended."""
    require(request.actor, "protocols.read_register")
    asked = _asked(request.GET)
    rows = Paginator(selectors.register_of(request.actor, asked), ON_A_PAGE)
    shown = rows.get_page(request.GET.get("page"))
    trace.listed(request.actor, "protocols.rupture", [one.pathway.person_id for one in shown])
    context = {
        "asked": asked,
        "rows": shown,
        "causes": Cause.choices(),
        "protocols": selectors.protocols_of_register(request.actor),
        "role_said": role_said,
        "query": _query(asked),
    }
    return page(request, "protocols/register.jinja", context)


def _asked(given: QueryDict) -> selectors.Asked:
    """What an address asks for; what is not understood is as if it were not asked."""
    return selectors.Asked(
        settled=given.get("etat") == "reglees",
        cause=given.get("cause", "") if given.get("cause") in set(Cause) else "",
        protocol=given.get("parcours", "")[:80],
    )


def _query(asked: selectors.Asked) -> str:
    """What an address carries of the filters, before its page."""
    kept = {"etat": "reglees" if asked.settled else "", "cause": asked.cause}
    kept["parcours"] = asked.protocol
    said = urlencode({name: value for name, value in kept.items() if value})
    return f"{said}&" if said else ""


@require_http_methods(["GET", "POST"])
def rupture(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One rupture: what was expected, since when, who may act; and how it ends."""
    found = selectors.get_rupture(request.actor, pk)
    if request.method == "POST":
        require(request.actor, "protocols.settle_rupture", found)
    form = forms.SettleForm(typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            said = form.said
            services.settle(actor=request.actor, rupture=found, said=said, now=request.now)
            return redirect("protocols:pathway", found.pathway_id)
        except DomainError as refused:
            form.add_error(None, refused.message)
    return _page(request, found, form)


def _page(request: HttpRequest, found: Rupture, form: forms.SettleForm) -> HttpResponse:
    context = {
        "person": found.pathway.person,
        "pathway": found.pathway,
        "rupture": found,
        "form": form,
        "who": role_said(found.role),
        "basis": basis_said(found.basis, found.gaps),
        "may_settle": found.is_open
        and is_allowed(request.actor, "protocols.settle_rupture", found),
    }
    return form_about(request, found, "protocols/rupture.jinja", context)
