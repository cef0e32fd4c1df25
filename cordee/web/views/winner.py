"""What the one who said yes may read by their link: the prescription, under their own rights."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cordee.broker.views.answer import winner_of
from cordee.intake import selectors as intake
from cordee.intake.views.requests import served
from cordee.kernel.http import page


@never_cache
@require_GET
def documents(request: HttpRequest, secret: str) -> HttpResponse:
    """List what was joined to the request."""
    invitation, actor = winner_of(request, secret)
    found = intake.documents_of_origin(actor, invitation.solicitation.origin)
    return page(request, "web/winner_documents.jinja", {"secret": secret, "documents": found})


@never_cache
@require_GET
def document(request: HttpRequest, secret: str, pk: UUID) -> HttpResponse:
    """Give one back, byte for byte."""
    _, actor = winner_of(request, secret)
    return served(actor, intake.get_document(actor, pk))
