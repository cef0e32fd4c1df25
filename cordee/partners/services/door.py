"""What the door answers to machines: each answer is one gesture, whatever was asked."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from cordee.access import trace
from cordee.access.action import action
from cordee.access.actor import Actor, Origin, Purpose, Role
from cordee.partners.oauth import endpoints, grants  # noqa: F401 — what the server offers
from cordee.partners.oauth.server import SERVER

DOOR = Actor(role=Role.PARTNER, name="porte", purpose=Purpose.TECHNICAL, origin=Origin.FHIR)


@action("partners.ask_token", on=None)
def give_token(*, actor: Actor, request: HttpRequest, now: datetime) -> HttpResponse:
    """Answer who asks for a token. What was proved or spent stays so, whatever is answered."""
    return _traced(actor, "partners.ask_token", SERVER.create_token_response(request))


@action("partners.give_back", on=None)
def give_back(*, actor: Actor, request: HttpRequest, now: datetime) -> HttpResponse:
    """Take back a token that an application gives back, and what it hangs from."""
    answer = SERVER.create_endpoint_response("revocation", request)
    return _traced(actor, "partners.give_back", answer)


@action("partners.introspect", on=None)
def introspect(*, actor: Actor, request: HttpRequest, now: datetime) -> HttpResponse:
    """Tell a client whether one of its own tokens is good for something."""
    answer = SERVER.create_endpoint_response("introspection", request)
    return _traced(actor, "partners.introspect", answer)


def _traced(actor: Actor, verb: str, answer: HttpResponse) -> HttpResponse:
    if answer.status_code >= 400:
        trace.refused(actor, verb)
    return answer
