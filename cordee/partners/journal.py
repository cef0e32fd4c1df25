"""Middleware: each call of a known partner is a line of its journal, which it can read."""

from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse

from cordee.partners.services.calls import keep_call


class Calls:
    """Keep what was asked under the door of machines: an interaction, a type, an answer, a time.

    The door says which partner it let in (`partner_id`); a call of nobody is in no journal.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        response = self.get_response(request)
        client_id = getattr(request, "partner_id", None)
        if client_id is not None:
            keep_call(
                client_id,
                (str(request.method), request.path_info),
                status=response.status_code,
                milliseconds=round((perf_counter() - began) * 1_000),
                at=request.now,  # type: ignore[attr-defined]
            )
        return response
