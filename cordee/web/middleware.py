"""The frame that every page crosses once: who acts, when, what may not be kept, human errors."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from cordee.access import trace
from cordee.access.actor import ANONYMOUS, Actor
from cordee.access.sight import seen_by
from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.http import LooksAtViews, told
from cordee.kernel.once import asked_once
from cordee.people.hats import Hat
from cordee.web.given_back import came_from_here, filled, given_back, takes_no_proof
from cordee.web.hands import NOTE, SIGN_IN, is_of_another
from cordee.web.identity import actor_of, ask_of, meet
from cordee.web.selectors import signed_in
from cordee.web.sign_in import lacks_second_factor

Answer = Callable[[HttpRequest], HttpResponse]

# The first step of an address that a visitor may open; everything else asks to sign in first.
PUBLIC = {
    *("compte", "health", "ready", "metrics", "static", "favicon.ico"),
    *("demande", "suivi", "r", "invitation", "telephone", "protocole"),
    "visites",  # the phone of a home help: it opens without a network, and sends by its own secret
}
# What a professional may open before adding the second factor that production asks for.
BEFORE_SECOND_FACTOR = {"compte", "health", "ready", "metrics", "static"}


class Csrf(CsrfViewMiddleware):
    """Our pages say `no-referrer`, so a browser posts a form with the origin "null". It also says,
    in a header that no page can forge, that the form came from here."""

    def _origin_verified(self, request: HttpRequest) -> bool:
        if request.META["HTTP_ORIGIN"] == "null":
            return came_from_here(request)
        return bool(super()._origin_verified(request))  # type: ignore[misc]  # absent of the stub


BEGAN = "cordee.began"
"""Since when a call is looked for, where the straight way (ADR 0050) did not find it."""


class EvenNotFound:
    """Answer what is not there at the next full step since the request came.

    What hides and what does not exist are asked in the same statements, yet an index walks further
    for a row that is there: half a millisecond told them apart better than chance.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = request.META.get(BEGAN) or time.perf_counter()
        response = self.get_response(request)
        if response.status_code == 404 and settings.NOT_FOUND_STEP:
            time.sleep(-(time.perf_counter() - began) % settings.NOT_FOUND_STEP)
        return response


class SetActor:
    """Put the actor and the moment on the request; send visitors to the sign-in.

    Tests put theirs in the WSGI environment, where no header of a browser can reach.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._answer(request)
        # Of a visitor too: where a code was sent, what was typed for somebody, a link to a status.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        request.now = request.META.get("cordee.now") or timezone.now()
        request.actor, request.hats = _who(request)
        door = request.path_info.split("/")[1]
        if door not in PUBLIC and request.actor.account_id is None:
            return _ask_to_sign_in(request)
        if door not in BEFORE_SECOND_FACTOR and lacks_second_factor(request.actor):
            return HttpResponseRedirect(reverse("mfa_index"))
        with seen_by(request.actor):
            return self.get_response(request)


def _who(request: HttpRequest) -> tuple[Actor, list[Hat]]:
    if "cordee.actor" in request.META:
        return request.META["cordee.actor"], []
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ANONYMOUS, []
    key = request.session.session_key or ""
    with asked_once():
        ask_of(key, request.now)
        account = signed_in(request.session)
        if account is not None:
            request._cached_user = account  # where `request.user` looks first
            meet(key, account)
        return actor_of(account or request.user, request.session, request.now)


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send to the door, and back to the page where one was. A gesture is told that it was not done;
    where a script sent it, its page stays, with what was written there."""
    is_look = request.method in ("GET", "HEAD")
    page = request.get_full_path() if is_look else None
    if request.htmx:
        page = request.htmx.current_url_abs_path
    where = reverse("account_login") + (f"?{urlencode({'next': page})}" if page else "")
    if request.htmx:
        return _ask_beside_the_page(request, where, is_look)
    if not is_look and (form := filled(request)) and not form.is_bare:
        return given_back(request, form, GIVEN_BACK, status=401, sign_in=where)
    if not is_look:
        told(request, SIGNED_OUT, "warn")
    return HttpResponseRedirect(where)


def _ask_beside_the_page(request: HttpRequest, where: str, is_look: bool) -> HttpResponse:
    """Answer a script. A look has the page leave for the door; its scripts stay where something is
    being written, and then say these words."""
    if is_look:
        response = said(request, 401, STANDS_STILL, "web.signed_out", sign_in=where)
        response.headers["HX-Redirect"] = where
        return response
    words = WAITS if "X-Autosave" in request.headers else STILL_WRITTEN
    response = said(request, 401, words, "web.signed_out", sign_in=where)
    response.headers["HX-Reswap"] = "innerHTML"  # drafts are sent at each word: said once
    return response


SIGNED_OUT = (
    "Votre session a pris fin\u00a0: ce que vous veniez d’envoyer n’a pas été enregistré. "
    "Reconnectez-vous, puis refaites-le."
)
STILL_WRITTEN = (
    "Votre session a pris fin\u00a0: rien n’a été enregistré. Ce que vous avez écrit est encore "
    "sur cette page\u00a0: copiez-le, puis reconnectez-vous."
)
STANDS_STILL = (
    "Votre session a pris fin\u00a0: cette page ne se met plus à jour. Ce que vous y écrivez y est "
    "encore\u00a0: reconnectez-vous avant de l’envoyer."
)
GIVEN_BACK = (
    "Votre session a pris fin. Ce que vous veniez d’envoyer est gardé sur cette page, et nulle "
    "part ailleurs\u00a0: reconnectez-vous dans un autre onglet, revenez ici, puis envoyez-le de "
    "nouveau."
)
WAITS = (
    "Votre session a pris fin\u00a0: ce brouillon n’est plus enregistré, et reste sur cette page. "
    "Reconnectez-vous\u00a0: elle l’enregistrera ensuite d’elle-même."
)


class Moment:
    """What is left of `SetActor` for calls of machines: the moment, and nobody yet. The door says
    who calls, by a token; a session opens nothing there."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now, request.actor = request.META.get("cordee.now") or timezone.now(), ANONYMOUS
        with seen_by(ANONYMOUS):
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class SameHand(LooksAtViews):
    """A gesture is done for whom its page was written; views see no note of it."""

    def process_view(
        self, request: HttpRequest, view: Answer, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """After the proof (CSRF), which has read the form. Raises PermissionDenied for what may not
        come back."""
        if request.method in ("GET", "HEAD", "OPTIONS") or takes_no_proof(view):
            return None
        is_of_the_door = request.path_info.split("/")[1] == SIGN_IN
        if not is_of_the_door and is_of_another(request):
            return _say_in_whose_name(request)
        if NOTE in request.POST:
            typed = request.POST.copy()
            del typed[NOTE]
            request.POST = typed  # type: ignore[assignment]  # the stub knows one kind of two
        return None


def _say_in_whose_name(request: HttpRequest) -> HttpResponse:
    if request.htmx:
        return said(request, 409, OTHER_PAGE, "web.other_hand")
    if (form := filled(request)) is None:
        raise PermissionDenied
    return given_back(request, form, OTHER_HAND, status=409)


OTHER_HAND = (
    "Cette page attendait depuis une autre session, peut-être celle de quelqu’un d’autre, ou un "
    "autre de vos rôles\u00a0: rien n’a été fait. Relisez, voyez au nom de qui elle partirait, "
    "puis envoyez de nouveau si c’est bien à vous."
)
OTHER_PAGE = (
    "Cette page a été ouverte depuis une autre session, peut-être celle de quelqu’un d’autre, ou "
    "un autre de vos rôles\u00a0: rien n’a été fait. Gardez ce qui y est écrit, puis rouvrez-la."
)


class HumanErrors(LooksAtViews):
    """Say what happened, what is safe and what to do, with a code; never a bare failure."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        match error:
            case DomainError():
                return said(request, 409, error.message, error.code)
            case Forbidden():
                if not error.traced:
                    trace.refused(request.actor, error.verb)
                return said(request, 403, code=error.verb)
        return None


FORBIDDEN = "Cela ne fait pas partie de ce qui vous est confié. Rien n’a été modifié."


def said(
    request: HttpRequest,
    status: int,
    message: str | None = None,
    code: str | None = None,
    sign_in: str = "",
) -> HttpResponse:
    """Render an error as a page, or among the toasts when HTMX asked for a fragment. `sign_in`:
    where to, beside the page that stays."""
    context = {"message": message, "error_code": code or str(status), "sign_in": sign_in}
    if not request.htmx:
        return render(request, f"{status}.jinja", context, status=status)
    context["message"] = message or FORBIDDEN
    response = render(request, "_error.jinja", context, status=status)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#toasts", "beforeend"
    return response
