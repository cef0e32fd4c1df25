"""The straight way: one Patient read by a machine, or a page of them searched, answered before
Django’s own handler. ADR 0050 and 0052.

What is asked as usual is answered here, in the same thread and in one go. Anything else, a refusal
above all, goes the ordinary way, which stays the one truth: the headers of an answer are those that
it gives, asked once for each host.
"""

import logging
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache, partial
from io import BytesIO
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from uuid import UUID

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cordee.fhir import straight
from cordee.fhir.call import base_of
from cordee.fhir.caller import ADMITTED
from cordee.fhir.frame import door, open_door
from cordee.fhir.reading import FORM_TYPES
from cordee.fhir.straight import Answer, Reached
from cordee.fhir.writing import answered, is_packed, is_written, packed
from cordee.kernel.http import only_looking
from cordee.partners.services.calls import keep_call
from cordee.web.machines import Way
from cordee.web.middleware import BEGAN
from cordee.web.observed import count

log = logging.getLogger("cordee.web")
Environ = dict[str, Any]
Start = Callable[..., Any]
Pages = Callable[..., Any]  # a WSGI application
Answered = tuple[dict[str, str], bytes]
ADDRESS = re.compile(r"/fhir/Patient(?:/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|_search))?")
LONGEST = 2_000  # octets of the words of a search
HEARD = frozenset({"HTTP_HOST", "HTTP_AUTHORIZATION", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING"})
"""The headers that the straight way obeys, with those that say whether the way here was safe."""
MEANINGLESS = frozenset(
    f"HTTP_{name}"
    for name in (
        *("USER_AGENT", "CONNECTION", "KEEP_ALIVE", "ACCEPT_LANGUAGE", "ACCEPT_CHARSET", "PRAGMA"),
        *("CACHE_CONTROL", "VIA", "FORWARDED", "X_FORWARDED_FOR", "X_FORWARDED_PROTO"),
        *("X_FORWARDED_HOST", "X_FORWARDED_PORT", "X_REAL_IP", "X_REQUEST_ID", "TRACEPARENT"),
    )
)
"""Those that change nothing of what a look answers; any other goes the ordinary way."""
OF_THE_ANSWER = frozenset({"_format", "_pretty"})
"""Words of an address that say how the answer is written."""
FOR_EACH = {"cordee.web.observed.Observed", "cordee.partners.journal.Calls"}
"""What each call owes and is done here; the rest of `MACHINES_CROSS` is the same for all."""


class Usual(NamedTuple):
    """What is asked as usual: at which door, to do what, and what answers it."""

    door: str
    interaction: str
    answer: Callable[[Reached], Answer | None]


class Straight:
    """The pages over WSGI, but for what may go straight."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer a call of WSGI."""
        answer = _tried(environ)
        if answer is None:
            return self.pages(environ, start)
        headers, content = answer
        start("200 OK", list(headers.items()))
        return [content]


def _tried(environ: Environ) -> Answered | None:
    """The answer to a usual call, even when something fails here: then the ordinary way tries."""
    address = ADDRESS.fullmatch(environ["PATH_INFO"])
    if address is None or not _is_plain(environ):
        return None
    environ[BEGAN] = perf_counter()
    try:
        usual = _usual(environ, address[1])
        return _answer(environ, usual) if usual else None
    except Exception:
        log.exception("a fault of the straight way")
        return None
    finally:
        close_old_connections()  # as Django does around a request


def _is_plain(environ: Environ) -> bool:
    """Whether nothing that is said beside the address changes the answer."""
    if settings.CORDEE.otel_endpoint or not environ.get("HTTP_HOST"):
        return False
    named = {name for name in environ if name.startswith("HTTP_")}
    return named <= HEARD | MEANINGLESS and is_written(environ.get("HTTP_ACCEPT", ""))


def _usual(environ: Environ, named: str | None) -> Usual | None:
    """What an address asks by its last step: a page, a search, or one by its key."""
    match environ["REQUEST_METHOD"], named:
        case "GET", None:
            words = environ.get("QUERY_STRING", "")
            door = "fhir:kind"
        case "POST", "_search":
            words = "" if environ.get("QUERY_STRING") else _form(environ)
            door = "fhir:search"
        case "GET", str() if named != "_search" and not environ.get("QUERY_STRING"):
            return Usual("fhir:instance", "r", partial(straight.read, key=UUID(named)))
        case _:
            return None
    pairs = parse_qsl(words, keep_blank_values=True) if len(words) <= LONGEST else []
    if not pairs or any(name in OF_THE_ANSWER for name, _ in pairs):
        return None
    return Usual(door, "s", partial(straight.search, pairs=pairs))


def _form(environ: Environ) -> str:
    """The words of a search, which are left for the ordinary way too; nothing when they are many or
    not a form."""
    length = environ.get("CONTENT_LENGTH", "")
    if environ.get("CONTENT_TYPE") not in FORM_TYPES or not length.isdecimal():
        return ""
    if int(length) > LONGEST:
        return ""
    said = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(said)
    return str(said.decode("utf-8", "replace"))


def _answer(environ: Environ, usual: Usual) -> Answered | None:
    """The headers and the text of the answer; None: it is not for this way to answer."""
    forwarded = environ.get("HTTP_X_FORWARDED_PROTO", "")
    reached = environ["HTTP_HOST"], environ["wsgi.url_scheme"], forwarded
    base = _base(*reached)
    found = base and _found(environ, usual, base, environ.get("cordee.now") or timezone.now())
    if not found:
        return None
    content, told = found.content, dict(found.headers)
    if is_packed(content, environ.get("HTTP_ACCEPT_ENCODING", "")):
        content, told["Content-Encoding"] = packed(content), "gzip"
    headers = _headers(*reached, tuple(told)) or {}
    return headers | told | {"Content-Length": str(len(content))}, content


def _found(environ: Environ, usual: Usual, base: str, now: datetime) -> Answer | None:
    """What is asked, and what each call owes: a line of trace, of the journal, a count. What is not
    found is left to the ordinary way, with whom it was let in."""
    connection.ensure_connection()  # what a stencil writes the first time wants one
    with only_looking():
        said = environ.get("HTTP_AUTHORIZATION", "")
        caller = straight.admitted(said, usual.interaction, now)
        found = caller and usual.answer(Reached(base, caller, now))
    if not caller or not found:
        environ |= {ADMITTED: caller} if caller else {}
        return None
    seconds, method = perf_counter() - environ[BEGAN], environ["REQUEST_METHOD"]
    count(usual.door, method, 200, seconds)
    asked = method, environ["PATH_INFO"]
    if caller.client_id is not None:
        keep_call(caller.client_id, asked, status=200, milliseconds=round(seconds * 1_000), at=now)
    return found


@lru_cache(256)
def _base(host: str, scheme: str, forwarded: str) -> str | None:
    """The address of the door, to who reached it so. None: the ordinary way refuses them."""
    is_let_in = _headers(host, scheme, forwarded, ()) is not None
    return base_of(_request(host, scheme, forwarded)) if is_let_in else None


@lru_cache(256)
def _headers(
    host: str, scheme: str, forwarded: str, told: tuple[str, ...]
) -> dict[str, str] | None:
    """What the ordinary way says around an answer that tells these headers itself, to who reached
    it so. None: it refuses them."""
    way = _Unread([name for name in settings.MACHINES_CROSS if name not in FOR_EACH], told)
    answer = way(_request(host, scheme, forwarded))
    return dict(answer.items()) if answer.status_code == 200 else None


def _request(host: str, scheme: str, forwarded: str) -> WSGIRequest:
    """A call that reached the door so."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/fhir/Patient",
        "HTTP_HOST": host,
        "wsgi.url_scheme": scheme,
        "wsgi.input": BytesIO(),
    }
    if forwarded:
        environ["HTTP_X_FORWARDED_PROTO"] = forwarded
    return WSGIRequest(environ)


class _Unread(Way):
    """The ordinary way, to an answer of which nothing is read yet."""

    def __init__(self, names: list[str], told: tuple[str, ...]) -> None:
        self.told = dict.fromkeys(told, "")
        super().__init__(names)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        return door("GET")(open_door(lambda request: answered(request, {}, 200, self.told)))(
            request
        )
