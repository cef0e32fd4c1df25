"""What the winner may read, by link or signed in: the prescription, under their own rights."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cordee.access import trace
from cordee.access.actor import Actor
from cordee.access.sight import seen_by
from cordee.broker.models import Invitation
from cordee.broker.views.answer import winner_of
from cordee.broker.views.mine import own_place
from cordee.intake import selectors as intake
from cordee.intake.views.requests import served
from cordee.kernel.http import page


@never_cache
@require_GET
def documents(request: HttpRequest, secret: str) -> HttpResponse:
    """List what was joined to the request, for the holder of the link."""
    invitation, actor = winner_of(request, secret)
    with seen_by(actor):
        found = list(_documents(actor, invitation))
    _shown(actor, invitation)
    listed = [(one, reverse("web:winner_document", args=[secret, one.pk])) for one in found]
    context = {"documents": listed, "back": reverse("broker:answer", args=[secret])}
    return page(request, "web/winner_documents.jinja", context)


@never_cache
@require_GET
def document(request: HttpRequest, secret: str, pk: UUID) -> HttpResponse:
    """Give one back, byte for byte."""
    invitation, actor = winner_of(request, secret)
    with seen_by(actor):
        return _served(actor, invitation, pk)


@never_cache
@require_GET
def own_documents(request: HttpRequest, pk: UUID) -> HttpResponse:
    """List them for the winner in her own account."""
    invitation = own_place(request, pk)
    found = _documents(request.actor, invitation)
    _shown(request.actor, invitation)
    listed = [(one, reverse("web:own_document", args=[pk, one.pk])) for one in found]
    context = {"documents": listed, "back": reverse("broker:won", args=[pk])}
    return page(request, "web/own_documents.jinja", context)


@never_cache
@require_GET
def own_document(request: HttpRequest, pk: UUID, document: UUID) -> HttpResponse:
    """Give one back to her, byte for byte."""
    return _served(request.actor, own_place(request, pk), document)


def _documents(actor: Actor, invitation: Invitation):  # type: ignore[no-untyped-def]
    return intake.documents_of_origin(actor, invitation.solicitation.origin)


def _shown(actor: Actor, invitation: Invitation) -> None:
    """Say that the list was shown: not the place, whose page alone says the date of the visit."""
    trace.listed(actor, "intake.document", [invitation.solicitation.person_id], refresh=True)


def _served(actor: Actor, invitation: Invitation, pk: UUID) -> HttpResponse:
    """Serve a document of the very request that this place is for."""
    if not _documents(actor, invitation).filter(pk=pk).exists():
        raise Http404
    return served(actor, intake.get_document(actor, pk))
