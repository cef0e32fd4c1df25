"""Middleware: each answer is counted and timed, and traced when the house was told where to."""

from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse

from cordee.kernel import metrics
from cordee.kernel.spans import span

KNOWN = {"GET", "HEAD", "POST"}


class Observed:
    """Say which door answered what, how fast; never for whom nor about whom."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        method = request.method if request.method in KNOWN else "other"
        began = perf_counter()
        with span("request", {"http.request.method": str(method)}) as mark:
            response = self.get_response(request)
            door = _door(request)
            mark(door, {"http.route": door, "http.response.status_code": response.status_code})
        metrics.requests.labels(door, method, f"{response.status_code // 100}xx").inc()
        metrics.request_seconds.labels(method).observe(perf_counter() - began)
        return response


def _door(request: HttpRequest) -> str:
    """The name of the address, which holds no identifier."""
    match = request.resolver_match
    return (match.view_name if match else "") or "none"
