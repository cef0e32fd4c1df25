"""What is said when something cannot be shown."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """What was sent cannot be read."""
    return render(request, "400.jinja", status=400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """A page that does not open for this person."""
    return render(request, "403.jinja", status=403)


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
