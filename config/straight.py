"""The straight way: one Patient read by a machine, answered before Django’s own handler. ADR 0050.

What is asked as usual is answered here, in the same thread and in one go. Anything else, a refusal
above all, goes the ordinary way, which stays the one truth: the headers of an answer are those that
it gives, asked once for each host.
"""

import logging
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from time import perf_counter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cordee.fhir import straight
from cordee.fhir.caller import ADMITTED
from cordee.fhir.frame import door, open_door
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
ADDRESS = re.compile(r"/fhir/Patient/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
DOOR = "fhir:instance"
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
"""Those that change nothing of what a read answers; any other goes the ordinary way."""
FOR_EACH = {"cordee.web.observed.Observed", "cordee.partners.journal.Calls"}
"""What each call owes and is done here; the rest of `MACHINES_CROSS` is the same for all."""


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
    address = _usual(environ)
    if address is None:
        return None
    environ[BEGAN] = perf_counter()
    try:
        return _answer(environ, UUID(address))
    except Exception:
        log.exception("a fault of the straight way")
        return None
    finally:
        close_old_connections()  # as Django does around a request


def _usual(environ: Environ) -> str | None:
    """The key of the Patient that a call asks for, when it asks as usual."""
    if environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING"):
        return None
    address = ADDRESS.fullmatch(environ["PATH_INFO"])
    if address is None or settings.CORDEE.otel_endpoint or not environ.get("HTTP_HOST"):
        return None
    named = {name for name in environ if name.startswith("HTTP_")}
    if not named <= HEARD | MEANINGLESS or not is_written(environ.get("HTTP_ACCEPT", "")):
        return None
    return address[1]


def _answer(environ: Environ, key: UUID) -> Answered | None:
    """The headers and the text of the answer; None: it is not for this way to answer."""
    forwarded = environ.get("HTTP_X_FORWARDED_PROTO", "")
    reached = environ["HTTP_HOST"], environ["wsgi.url_scheme"], forwarded
    if _headers(*reached) is None:
        return None
    now = environ.get("cordee.now") or timezone.now()
    found = _found(environ, key, now)
    if found is None:
        return None
    content = found.content
    smaller = is_packed(content, environ.get("HTTP_ACCEPT_ENCODING", ""))
    if smaller:
        content = packed(content)
    headers = _headers(*reached, is_packed=smaller) or {}
    return headers | found.headers | {"Content-Length": str(len(content))}, content


def _found(environ: Environ, key: UUID, now: datetime) -> straight.Read | None:
    """The Patient of that key, and what each call owes: a line of trace, of the journal, a count.
    What is not found is left to the ordinary way, with whom it was let in."""
    connection.ensure_connection()  # what a stencil writes the first time wants one
    with only_looking():
        caller = straight.admitted(environ.get("HTTP_AUTHORIZATION", ""), now)
        found = caller and straight.read(caller, key, now)
    if not caller or not found:
        environ |= {ADMITTED: caller} if caller else {}
        return None
    seconds = perf_counter() - environ[BEGAN]
    count(DOOR, "GET", 200, seconds)
    asked = "GET", environ["PATH_INFO"]
    if caller.client_id is not None:
        keep_call(caller.client_id, asked, status=200, milliseconds=round(seconds * 1_000), at=now)
    return found


@lru_cache(256)
def _headers(
    host: str, scheme: str, forwarded: str, *, is_packed: bool = False
) -> dict[str, str] | None:
    """What the ordinary way says around an answer, to who reached it so. None: it refuses them."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/fhir/Patient",
        "HTTP_HOST": host,
        "wsgi.url_scheme": scheme,
        "wsgi.input": BytesIO(),
    }
    if forwarded:
        environ["HTTP_X_FORWARDED_PROTO"] = forwarded
    way = _Unread([name for name in settings.MACHINES_CROSS if name not in FOR_EACH], is_packed)
    answer = way(WSGIRequest(environ))
    return dict(answer.items()) if answer.status_code == 200 else None


class _Unread(Way):
    """The ordinary way, to an answer of which nothing is read yet."""

    def __init__(self, names: list[str], is_packed: bool) -> None:
        told = {"ETag": "", "Last-Modified": ""}
        self.told = told | ({"Content-Encoding": "gzip"} if is_packed else {})
        super().__init__(names)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        return door("GET")(open_door(lambda request: answered(request, {}, 200, self.told)))(
            request
        )
