"""A call begun from the page of another room: under an identifier that the page chose, by address.

What is known there comes in the body, never in the address; the page shows what became of it by
asking for `begun` under the same identifier. No room reads the other.
"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.policy import require
from cordee.directory import selectors as directory
from cordee.intake import selectors, services
from cordee.kernel.http import page

TAKEN = ("person_id", "need", "weight", "caller_kind", "caller_structure")
"""What another page may have typed already; the desk reads it again before anything is made."""


@require_POST
def begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open a call with what is known already; one that was begun is gone on with as it stands."""
    organization = directory.get_organization(request.actor, request.actor.organization_id)
    require(request.actor, "intake.save_draft", organization)
    kept = selectors.draft_or_none(request.actor, pk)
    if kept is None:
        services.save_draft(
            actor=request.actor,
            organization=organization,
            draft_id=pk,
            content={name: request.POST.getlist(name) for name in TAKEN if name in request.POST},
            now=request.now,
        )
    elif kept.ended_at and kept.request_id is None:
        services.restore_draft(actor=request.actor, draft=kept, now=request.now)
    return redirect("intake:draft", pk)


@require_GET
def begun(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say where a call begun under an identifier stands, for the page that began it."""
    kept = selectors.draft_or_none(request.actor, pk)
    if kept is None or (kept.ended_at and kept.request_id is None):
        raise Http404
    if kept.request:
        trace.read(request.actor, kept.request, refresh=True)
    return page(request, "intake/_begun.jinja", {"kept": kept, "care": kept.request})
