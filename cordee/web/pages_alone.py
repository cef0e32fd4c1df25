"""What pages cross and the machine's door does not: a session, a policy of scripts, toasts.

The door opens to a token alone (`cordee.fhir.caller`), sends no page, and is asked all day long.
"""

from typing import Any

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest

MACHINES = "/fhir"


def is_for_machines(request: HttpRequest) -> bool:
    """Whether a call is one of the machine's door."""
    path = request.path_info
    return path == MACHINES or path.startswith(MACHINES + "/")


class PagesAlone:
    """Let calls of machines through as they are."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if is_for_machines(request):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class Policy(PagesAlone, CSPMiddleware):
    """What a browser may load."""


class Session(PagesAlone, SessionMiddleware):
    """Who signed in."""


class Account(PagesAlone, AuthenticationMiddleware):
    """The account of a session."""


class Messages(PagesAlone, MessageMiddleware):
    """What is said on the next page."""
