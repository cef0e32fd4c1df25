"""What is said when something cannot be shown."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from cordee.web.given_back import came_from_here, filled, given_back
from cordee.web.middleware import said


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """What was sent cannot be read."""
    return render(request, "400.jinja", status=400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """A page that does not open for this person."""
    return render(request, "403.jinja", status=403)


def unproven(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A gesture whose proof (CSRF) is missing or of before: not done, and given back to be sent
    again by hand, if a page of ours sent it."""
    get_token(request)  # the next one is proved, where scripts read the cookie
    if request.htmx:
        return said(request, 403, UNPROVEN, "web.unproven")
    if form := filled(request):
        return given_back(request, form, SEND_AGAIN, status=403)
    again = request.get_full_path() if came_from_here(request) else ""
    context = {"message": UNPROVEN, "again": again}
    return render(request, "web/unproven.jinja", context, status=403)


SEND_AGAIN = (
    "Cette page datait d’avant votre dernière connexion, ou votre navigateur n’a pas gardé son "
    "cookie : par prudence, rien n’a été fait. Relisez, puis envoyez de nouveau."
)
UNPROVEN = (
    "Cette page datait d’avant votre dernière connexion, ou ne venait pas de Cordée : par "
    "prudence, rien n’a été fait. Rouvrez la page, puis recommencez."
)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """What does not exist, or not for this person: the same words."""
    return render(request, "404.jinja", status=404)


@require_http_methods(["GET", "POST"])
def shut(request: HttpRequest) -> HttpResponse:
    """A door that the sign-in library brings, and that this house does not want."""
    return not_found(request)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours."""
    return render(request, "500.jinja", status=500)
