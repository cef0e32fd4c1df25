"""What is said when something cannot be shown."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """What was sent cannot be read."""
    return render(request, "400.jinja", status=400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """A page that does not open for this person."""
    return render(request, "403.jinja", status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """What does not exist, or not for this person: the same words."""
    return render(request, "404.jinja", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours."""
    return render(request, "500.jinja", status=500)
