"""Who sends, by the secret of their phone: a wrong one opens nothing, is counted and slowed."""

from collections.abc import Callable
from functools import wraps
from math import ceil
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse

from cordee.vigilance import selectors, services
from cordee.vigilance.models import Device
from cordee.vigilance.rules.silence import wait_until
from cordee.vigilance.selectors import Sender

SCHEME = "Telephone "
Answer = Callable[[HttpRequest, Sender], HttpResponse]


def by_its_secret(view: Answer) -> Callable[[HttpRequest], HttpResponse]:
    """Give a view who sends. After several wrong secrets, a phone is not listened to for a while:
    the true one keeps what it holds and sends it a minute later."""

    @wraps(view)
    def run(request: HttpRequest) -> HttpResponse:
        name, secret = _said(request)
        device = selectors.phone_named(name) if name else None
        if device and (left := _seconds_left(request, device)) > 0:
            answer = JsonResponse({"state": "later"}, status=429)
            answer.headers["Retry-After"] = str(left)
            return answer
        if device is None or not selectors.opens(device, secret):
            return _opened_nothing(request, device)
        return view(request, selectors.sender(device, request.now))

    return run


def _opened_nothing(request: HttpRequest, device: Device | None) -> HttpResponse:
    request.opened_nothing = True
    if device is not None:
        services.count_wrong_secret(actor=request.actor, device=device, now=request.now)
    return JsonResponse({"state": "unknown"}, status=401)


def _seconds_left(request: HttpRequest, device: Device) -> int:
    until = wait_until(device.wrong_secrets, device.wrong_at)
    return ceil((until - request.now).total_seconds()) if until else 0


def _said(request: HttpRequest) -> tuple[UUID | None, str]:
    said = request.headers.get("Authorization", "")
    name, _, secret = said.removeprefix(SCHEME).partition(":")
    try:
        return (UUID(name) if said.startswith(SCHEME) else None), secret
    except ValueError:
        return None, secret
