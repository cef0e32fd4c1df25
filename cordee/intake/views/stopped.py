"""A request that its desk may follow no more: the requester is still told, the person not named."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cordee.intake import selectors, services
from cordee.kernel.http import done, page


@require_http_methods(["GET", "POST"])
def stopped(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show whom to call back; write down that they were told."""
    care = selectors.stopped_request(request.actor, pk)
    if request.method == "GET":
        caller = selectors.caller_to_tell(care)
        return page(request, "intake/stopped.jinja", {"care": care, "caller": caller})
    services.tell_stopped(actor=request.actor, request=care, now=request.now)
    return done(request, "C’est noté\u00a0: le demandeur est prévenu.", to=reverse("intake:queue"))
