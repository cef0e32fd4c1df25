"""The national or regional sign-on: leaving for it, and what it confirms once back."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib import messages
from django.contrib.sessions.backends.base import UpdateError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from requests import RequestException

from cordee.access import trace
from cordee.access.actor import ANONYMOUS
from cordee.access.policy import require
from cordee.directory import selectors, services
from cordee.kernel.errors import DomainError
from cordee.kernel.http import comes_back, page
from cordee.web.sign_on import Spoken, rpps_given, sign_on_address, with_nonce

MOVED = (
    "Votre session vient de s’ouvrir ou de se fermer dans un autre onglet. Rien d’autre n’a été "
    "modifié. Revenez à l’accueil : vous y êtes peut-être déjà ; sinon, identifiez-vous de nouveau."
)


Step = Callable[[HttpRequest, str], HttpResponse]


def sign_on_step(step: Step) -> Step:
    """Say what happened when the provider is down, answers anything, or the session moved."""

    @wraps(step)
    def said(request: HttpRequest, provider_id: str) -> HttpResponse:
        try:
            return step(request, provider_id)
        except SocialApp.DoesNotExist as unknown:
            raise Http404 from unknown
        except (RequestException, OAuth2Error):
            trace.signed(ANONYMOUS, "web.sign_in_failed", reason="sign_on_down")
            return page(request, "web/sign_on_down.jinja", status=503)
        except UpdateError as moved:
            request.session.modified = False  # it is no more: there is nothing to keep
            raise DomainError("web.session_moved", MOVED) from moved

    return said


@require_http_methods(["GET", "POST"])
@sign_on_step
def leave(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Leave for the sign-on from a page of ours: no form of this house may end elsewhere."""
    answer = OAuth2LoginView.adapter_view(Spoken(request, provider_id))(request)
    if answer.status_code != 302:
        return answer
    return page(request, "web/leaving.jinja", {"where": with_nonce(answer.headers["Location"])})


@comes_back
@require_GET
@sign_on_step
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from the sign-on with what it says."""
    return OAuth2CallbackView.adapter_view(Spoken(request, provider_id))(request)


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
