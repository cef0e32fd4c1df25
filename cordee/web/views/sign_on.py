"""The national or regional sign-on: leaving for it, and what it confirms once back."""

from uuid import UUID

from allauth.socialaccount.providers.openid_connect.views import login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from requests import RequestException

from cordee.access import trace
from cordee.access.actor import ANONYMOUS
from cordee.access.policy import require
from cordee.directory import selectors, services
from cordee.kernel.http import page
from cordee.web.sign_on import rpps_given, sign_on_address, with_nonce


@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Leave for the sign-on from a page of ours: no form of this house may end elsewhere."""
    try:
        answer = login(request, provider_id)
    except RequestException:
        return _down(request)
    if answer.status_code != 302:
        return answer
    return page(request, "web/leaving.jinja", {"where": with_nonce(answer.headers["Location"])})


def _down(request: HttpRequest) -> HttpResponse:
    trace.signed(ANONYMOUS, "web.sign_in_failed", reason="sign_on_down")
    return page(request, "web/sign_on_down.jinja", status=503)


@require_POST
def tie_by_sign_on(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Confirm one's own mobile by the RPPS number that the sign-on gave; first go and get it."""
    practice = selectors.get_practice(request.actor, pk)
    require(request.actor, "directory.confirm_tie", practice)
    back = reverse("directory:my_practice")
    rpps = rpps_given(request)
    if not rpps:
        return HttpResponseRedirect(sign_on_address(back), status=303)
    services.confirm_tie(
        actor=request.actor, practice=practice, how="sign_on", rpps_given=rpps, now=request.now
    )
    messages.success(request, "C’est confirmé : ce mobile est celui de votre numéro RPPS.")
    return HttpResponseRedirect(back, status=303)
