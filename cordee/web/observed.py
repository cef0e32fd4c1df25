"""Middleware: each answer is counted and timed, and traced when the house was told where to."""

from collections.abc import Callable
from functools import cache
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

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
        count(door, str(method), response.status_code, perf_counter() - began)
        return response


def count(door: str, method: str, status: int, seconds: float) -> None:
    """Count one answer, and how long it took."""
    answers, durations = _counters(door, method, f"{status // 100}xx")
    answers.inc()
    durations.observe(seconds)


@cache
def _counters(door: str, method: str, statuses: str) -> tuple[Counter, Histogram]:
    """Those of one kind of answers: names of ours, hence few. Looked up once, it costs less."""
    return metrics.requests.labels(door, method, statuses), metrics.request_seconds.labels(method)


def _door(request: HttpRequest) -> str:
    """The name of the address, which holds no identifier."""
    match = request.resolver_match
    return (match.view_name if match else "") or "none"
