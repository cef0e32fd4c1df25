"""The frame of every page: who acts, when, and what a refusal looks like."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cordee.access.actor import ANONYMOUS


class SetActor:
    """Put the actor and the moment on the request.

    Tests put theirs in the WSGI environment, where no header of a browser can reach.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = timezone.now()
        request.actor = request.META.get("cordee.actor", ANONYMOUS)
        return self.get_response(request)
