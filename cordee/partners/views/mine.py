"""One's own applications: what was allowed, and taken back; and those one answers for."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.policy import require
from cordee.kernel.http import page, told
from cordee.partners import selectors, services

SHOWN = 200


@require_GET
def applications(request: HttpRequest) -> HttpResponse:
    """What one allowed, and the partners one is the technical contact of."""
    require(request.actor, "partners.look_at_own")
    grants = list(selectors.own_grants(request.actor, request.now))
    trace.listed(request.actor, "partners.grant", [one.person.pk for one in grants if one.person])
    context = {"grants": grants, "clients": list(selectors.own_clients(request.actor))}
    return page(request, "partners/mine.jinja", context)


@require_POST
def take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop an application at once."""
    grant = selectors.get_grant(request.actor, pk)
    services.take_back(actor=request.actor, grant=grant, now=request.now)
    told(request, "L’autorisation est retirée\u00a0: cette application n’a plus accès à rien.")
    return redirect("partners:mine")


@require_GET
def calls(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a partner asked, and what went wrong: for its technical contact, and administration."""
    client = selectors.get_client(request.actor, pk)
    require(request.actor, "partners.look_at_calls", client)
    errors = "erreurs" in request.GET
    context = {"client": client, "errors": errors}
    context["figures"] = selectors.figures_of(request.actor, client, request.now)
    context["calls"] = selectors.calls_of(request.actor, client, errors=errors)[:SHOWN]
    return page(request, "partners/calls.jinja", context)
