"""The triage versions of a service: read, proposed, signed, retired."""

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access.policy import is_allowed
from cordee.directory import selectors as directory
from cordee.intake import rules, selectors, services
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page

LONGEST = 200_000


@require_GET
def grids(request: HttpRequest) -> HttpResponse:
    """List the versions, with their whole text: one signs what one has read."""
    found = selectors.versions(request.actor)
    shown = [
        (one, rules.read_grid(one.content), is_allowed(request.actor, "intake.sign_grid", one))
        for one in found
    ]
    organization = directory.get_organization(request.actor, request.actor.organization_id)
    may_propose = is_allowed(request.actor, "intake.propose_grid", organization)
    context = {"grids": shown, "may_propose": may_propose}
    return page(request, "intake/grids.jinja", context)


@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Keep a grid from its file, unsigned."""
    given = request.FILES.get("grille")
    try:
        content = json.loads(given.read(LONGEST) if given else b"")
        if not isinstance(content, dict):
            raise ValueError("not an object")
    except (ValueError, RecursionError) as wrong:
        raise DomainError(
            "intake.grid_file",
            "Ce fichier n’est pas une grille lisible (JSON). Rien n’a changé ; vérifiez-le.",
        ) from wrong
    organization = directory.get_organization(request.actor, request.actor.organization_id)
    services.propose_grid(
        actor=request.actor, organization=organization, content=content, now=request.now
    )
    return redirect("intake:grids")


@require_POST
def sign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Sign a version in one's own name."""
    version = selectors.get_version(request.actor, pk)
    services.sign_grid(actor=request.actor, version=version, now=request.now)
    return redirect("intake:grids")


@require_POST
def retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a version out of use."""
    version = selectors.get_version(request.actor, pk)
    services.retire_grid(actor=request.actor, version=version, now=request.now)
    return redirect("intake:grids")
