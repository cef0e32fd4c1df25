"""The frame of every address of the door: who calls, and an answer in FHIR whatever happens."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from cordee.access import trace
from cordee.access.sight import seen_by
from cordee.fhir.call import Call
from cordee.fhir.caller import Caller, caller_of
from cordee.fhir.outcome import Issue, Refusal, absent, forbidden, invalid, outcome, refused
from cordee.fhir.writing import answered, refuse_other_formats
from cordee.kernel.errors import DomainError, Forbidden

log = logging.getLogger("cordee.fhir")
View = Callable[..., HttpResponse]
NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
HEARD = (
    "Authorization, Content-Type, If-Match, If-None-Match, If-None-Exist, Prefer, Range, If-Range, "
    "Last-Event-ID"
)
TOLD = (
    "ETag, Location, Content-Location, Last-Modified, Retry-After, X-Progress, Expires, "
    "Content-Range, WWW-Authenticate"
)


def door(*methods: str) -> Callable[[View], View]:
    """Make a function of a call the view of an address, for some methods."""

    def decorate(function: View) -> View:
        @wraps(function)
        def run(request: HttpRequest, **named: str) -> HttpResponse:
            response = _whatever_happens(function, methods, request, named)
            for name, value in across(request.headers.get("Origin", "")).items():
                response.headers[name] = value
            return response

        view: View = csrf_exempt(run)
        return view

    return decorate


def open_door(function: View) -> View:
    """Let anybody ask: what is said there is about the door, and about nobody."""
    function.is_open = True  # type: ignore[attr-defined]
    return function


def writes(*formats: str) -> Callable[[View], View]:
    """Let an address answer in other formats than a resource: the files of an export."""

    def mark(function: View) -> View:
        function.formats = frozenset(formats)  # type: ignore[attr-defined]
        return function

    return mark


def _whatever_happens(
    function: View, methods: tuple[str, ...], request: HttpRequest, named: dict[str, str]
) -> HttpResponse:
    try:
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": ", ".join(methods)})
        return _called(function, methods, request, named)
    except Exception as error:
        if isinstance(error, OperationalError) and hasattr(request, "within"):
            raise  # a bundle holds the transaction, and tries again
        refusal = said(error)
        return answered(request, outcome(refusal.issues), refusal.status, refusal.headers)


def _called(
    function: View, methods: tuple[str, ...], request: HttpRequest, named: dict[str, str]
) -> HttpResponse:
    method = "GET" if request.method == "HEAD" else request.method
    if method not in methods:
        raise Refusal(405, [NO_METHOD], {"Allow": ", ".join(methods)})
    refuse_other_formats(request, getattr(function, "formats", frozenset()))
    if getattr(function, "is_open", False):
        return function(request, **named)
    with _let_in(request) as caller:
        call = Call(request, caller, request.now)  # type: ignore[attr-defined]
        return _traced(function, call, named)


@contextmanager
def _let_in(request: HttpRequest) -> Iterator[Caller]:
    """Show the session what who calls knows: of an entry of a bundle, whoever brought it. Until
    then it is nobody’s: the statement of a token says itself who reads it (`run_for`)."""
    within: Caller | None = getattr(request, "within", None)
    caller = within if within is not None else caller_of(request)
    with seen_by(caller.actor):
        yield caller


def _traced(function: View, call: Call, named: dict[str, str]) -> HttpResponse:
    try:
        return function(call, **named)
    except Forbidden as error:
        if not error.traced:
            trace.refused(call.actor, error.verb)
        raise


def said(error: Exception) -> Refusal:
    """What an error says to its caller; a fault of ours is logged, and says that it is one."""
    match error:
        case Refusal():
            return error
        case DomainError():
            return refused(error)
        case Forbidden():
            return forbidden(error.verb)
        case Http404():
            return absent()
        case RequestDataTooBig() | SuspiciousOperation() | UnreadablePostError():
            return UNREAD
    log.exception("a fault of the door")
    return Refusal(500, [FAULT])


def across(origin: str) -> dict[str, str]:
    """The headers that let the pages of another origin read an answer, when it was allowed; no
    answer is a page itself."""
    headers = {"Content-Security-Policy": NO_PAGE}
    if origin and origin in settings.CORDEE.fhir_origins:
        headers |= {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Headers": HEARD,
            "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
            "Access-Control-Expose-Headers": TOLD,
            "Access-Control-Max-Age": "600",
        }
    return headers


UNREAD = invalid(
    "reading.request", "Cette demande n’est pas lisible.", "The request cannot be read."
)
NO_METHOD = Issue(
    "not-supported",
    "router.method",
    "Cette adresse ne connaît pas cette méthode.",
    "The method is not supported at this address.",
)
FAULT = Issue(
    "exception",
    "router.fault",
    "Une erreur de notre part : rien n’a été modifié. Elle est notée et sera relue.",
    "A fault of the server. Nothing was changed; it was logged.",
)
