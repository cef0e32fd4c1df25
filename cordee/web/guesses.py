"""Secret addresses that open nothing: counted by where they come from, and slowed, never locked.

A secret of ours is 192 random bits: no rate of guessing finds one. The limit is there so that a
flood is seen, costs its author and not the house. Behind one address there may be a whole hospital:
past the limit every link from there still opens, after a wait of a minute at most that each browser
spends once for its own link. Who is signed in is counted by account and waits for nobody else.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from cordee.access import trace
from cordee.kernel.http import network_of, page

# The first step of a secret address, and what a wrong one is called in the trace.
VERBS = {"r": "broker.open_link", "suivi": "intake.open_link", "invitation": "web.open_link"}
PHONES, PHONE = "visites", "vigilance.open_phone"
WINDOW = timedelta(minutes=10)
FREE = 20  # mistakes of a whole network within the window that cost nobody anything
LONGEST = 60
COOKIE, SALT, KEPT = "cordee_attente", "web.guesses", 15 * 60


def wait_after(mistakes: int) -> int:
    """Give the seconds to wait: none for the first twenty, then 5, 10, 20, 40 and 60."""
    if mistakes < FREE:
        return 0
    return min(LONGEST, 5 * 2 ** min((mistakes - FREE) // 5, 4))


class SlowGuesses:
    """Middleware: make a source that guesses wait, and keep each of its mistakes in the trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        step = request.path_info.split("/")[1]
        if step == PHONES:
            return self._of_a_phone(request)
        verb = VERBS.get(step)
        if verb is None:
            return self.get_response(request)
        source = _source(request)
        wait = wait_after(trace.refusals_from(source, set(VERBS.values()), WINDOW))
        if (left := _seconds_left(request, wait)) > 0:
            return _slowed(request, left)
        response = self.get_response(request)
        if getattr(request, "opened_nothing", False):
            trace.refused(replace(request.actor, session_key=source), verb)
        return response

    def _of_a_phone(self, request: HttpRequest) -> HttpResponse:
        """Trace a secret of a phone that opens nothing, as many as are free; make nobody wait.

        Behind the address of a carrier are all the phones of a town: they send visits that wait.
        """
        response = self.get_response(request)
        if getattr(request, "opened_nothing", False):
            source = _source(request)
            if not wait_after(trace.refusals_from(source, {PHONE}, WINDOW)):
                trace.refused(replace(request.actor, session_key=source), PHONE)
        return response


def _source(request: HttpRequest) -> str:
    """Name an account, or a network without its address: a /64 is one house in IPv6."""
    who = f"account:{request.actor.account_id}"
    if request.actor.account_id is None:
        who = network_of(request)
    return salted_hmac(SALT, who, algorithm="sha256").hexdigest()


def _link(request: HttpRequest) -> str:
    """Give the link itself, whatever page of it is asked for."""
    return "/".join(request.path_info.split("/")[:3])


def _seconds_left(request: HttpRequest, wait: int) -> int:
    """Say how long this browser still has to wait for this very link."""
    if not wait:
        return 0
    since = _waiting_since(request)
    passed = request.now.timestamp() - since if since is not None else 0
    return max(0, math.ceil(wait - passed))


def _waiting_since(request: HttpRequest) -> float | None:
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT)
        link, since = kept["link"], float(kept["since"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None
    return since if link == _fingerprint(request) else None


def _fingerprint(request: HttpRequest) -> str:
    return sha256(_link(request).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _slowed(request: HttpRequest, seconds: int) -> HttpResponse:
    context = {"seconds": seconds, "link": _link(request)}
    response = page(request, "web/slowed.jinja", context, status=429)
    response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "no-store"
    if _waiting_since(request) is None:
        kept = {"link": _fingerprint(request), "since": request.now.timestamp()}
        response.set_cookie(
            COOKIE,
            signing.dumps(kept, salt=SALT),
            max_age=KEPT,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response
