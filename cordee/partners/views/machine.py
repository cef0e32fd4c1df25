"""What machines ask: where the door is, how to come in, what a token is good for."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from cordee.kernel.http import network_of
from cordee.partners import flow, selectors
from cordee.partners.discovery import described, described_to_openid
from cordee.partners.oauth.keys import fetch_ahead
from cordee.partners.services import door

AT_THE_DOOR = 600
"""Requests a minute from one network: a whole hospital may be behind one address."""


@require_GET
def discovery(request: HttpRequest) -> HttpResponse:
    """Say how one comes in, before anybody is known."""
    return _open(JsonResponse(described()))


@require_GET
def openid(request: HttpRequest) -> HttpResponse:
    """Say the same where OpenID Connect looks for it."""
    return _open(JsonResponse(described_to_openid()))


@require_GET
def jwks(request: HttpRequest) -> HttpResponse:
    """Show the public keys of the house."""
    return _open(JsonResponse({"keys": selectors.published_keys(request.now)}))


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a proof, a code or a refresh token for a token."""
    return _slowed(request) or _told(door.give_token(**_asked(request)))


@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """Give a token back."""
    return _slowed(request) or _told(door.give_back(**_asked(request)))


@csrf_exempt
@require_POST
def introspect(request: HttpRequest) -> HttpResponse:
    """Say whether a token of one's own is good for something."""
    return _slowed(request) or _told(door.introspect(**_asked(request)))


def _asked(request: HttpRequest) -> dict[str, Any]:
    fetch_ahead(request.POST.get("client_assertion", ""), request.now)
    return {"actor": door.DOOR, "request": request, "now": request.now}


def _slowed(request: HttpRequest) -> HttpResponse | None:
    wait = flow.seconds_to_wait(("door", network_of(request)), AT_THE_DOOR, request.now)
    if not wait:
        return None
    answer = JsonResponse({"error": "slow_down"}, status=429)
    answer.headers["Retry-After"] = str(wait)
    return _told(answer)


def _told(answer: HttpResponse) -> HttpResponse:
    """An application in a browser may ask too: it has no cookie of ours to be robbed of."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _open(answer: HttpResponse) -> HttpResponse:
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
