"""What every page shares: whole or in part, and nothing written by a look."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.multipartparser import MultiPartParser
from django.shortcuts import render

from cordee.kernel.errors import DomainError
from cordee.kernel.patterns import Words, write_page


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    part: str | None = None,
    status: int = 200,
    words: Words | None = None,
) -> HttpResponse:
    """Render the whole page, or only its part when HTMX asks for it.

    `words`: the rest of what it is told, where the page is written once for what is in `context`.
    """
    htmx = getattr(request, "htmx", None)
    wanted = part if part and htmx and not htmx.boosted else template
    if words and wanted == template and not messages.get_messages(request):
        return HttpResponse(write_page(request, template, context or {}, words), status=status)
    return render(request, wanted, (context or {}) | dict(words or {}), status=status)


def toast(
    response: HttpResponse, text: str, *, tone: str = "good", undo: str | None = None
) -> HttpResponse:
    """Have the page say a short sentence once it is in place; `undo` is a URL to post to."""
    said = {"text": text, "tone": tone, "undo": undo}
    response.headers["HX-Trigger"] = json.dumps({"toast": said})
    return response


def told(request: HttpRequest, text: str, tone: str = "good") -> None:
    """Keep a short sentence for the next page: what a gesture became, for who has no scripts."""
    level = messages.SUCCESS if tone == "good" else messages.WARNING
    messages.add_message(request, level, text)


def done(request: HttpRequest, text: str, *, to: str, undo: str | None = None) -> HttpResponse:
    """Answer a gesture: a toast for HTMX, which refreshes; else a message and the page `to`.

    `undo` is a URL to post to; a message carries it in its tags."""
    if getattr(request, "htmx", None):
        return toast(HttpResponse(status=204), text, undo=undo)
    messages.success(request, text, extra_tags=undo or "")
    return HttpResponseRedirect(to, status=303)


def reads(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a POST that only looks (a search by person: no name may stand in a URL)."""
    view.only_reads = True  # type: ignore[attr-defined]
    return view


def comes_back(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a GET that writes because a protocol says so: the return of a sign-on, the beginning of
    an export in bulk (Bulk Data Access), no other."""
    view.comes_back = True  # type: ignore[attr-defined]
    return view


def follows(*rooms: str) -> Callable[..., Callable[..., HttpResponse]]:
    """Mark a list of which the lines about one person (`PERSON`) leave with the events of these
    rooms, to the pages that show it (ADR 49)."""

    def mark(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        view.follows = frozenset(rooms)  # type: ignore[attr-defined]
        return view

    return mark


PERSON = "personne"  # of whom alone a list is asked, in its address


def only_of(request: HttpRequest) -> UUID | None:
    """Give of whom alone a list is asked; nothing when it is asked whole, or not understood."""
    try:
        return UUID(request.GET.get(PERSON, ""))
    except ValueError:
        return None


def opens_nothing(request: HttpRequest) -> Http404:
    """Say that a secret address opens nothing: the door counts it. Give the error to raise."""
    request.opened_nothing = True  # type: ignore[attr-defined]
    return Http404()


class WroteWhileReading(Exception):
    """A look tried to change something. Always a fault of ours."""


_READING = re.compile(
    r"[\s(]*(SELECT|WITH|SAVEPOINT|RELEASE|ROLLBACK|SET|SHOW|DECLARE|FETCH)\b", re.I
)
_WRITING = re.compile(r"\b(kernel_append|FOR UPDATE|INSERT INTO|UPDATE \"|DELETE FROM)\b", re.I)
_tracing: ContextVar[bool] = ContextVar("tracing", default=False)


@contextmanager
def tracing():  # type: ignore[no-untyped-def]
    """Allow what follows to write although a look is under way: the trace, and only it."""
    token = _tracing.set(True)
    try:
        yield
    finally:
        _tracing.reset(token)


def _refuse_writes(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
    if not _tracing.get() and _writes(str(sql)):
        raise WroteWhileReading(str(sql)[:60])
    return execute(sql, params, many, context)


@lru_cache(maxsize=1_000)
def _writes(text: str) -> bool:
    return not _READING.match(text) or bool(_WRITING.search(text))


def only_looking() -> AbstractContextManager[None]:
    """Refuse that anything but the trace be written meanwhile. Raises WroteWhileReading."""
    return connection.execute_wrapper(_refuse_writes)


class LooksAtViews:
    """A middleware that lets every request go on, and looks at the view, or at what it raises."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class LooksDoNotWrite:
    """Middleware: a GET of ours, or a POST marked `reads`, may write nothing but its trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            if _refuse_writes in connection.execute_wrappers:
                connection.execute_wrappers.remove(_refuse_writes)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> None:
        looks = request.method in ("GET", "HEAD", "OPTIONS") or getattr(view, "only_reads", False)
        looks = looks and not getattr(view, "comes_back", False)
        if looks and view.__module__.startswith("cordee."):
            connection.execute_wrappers.append(_refuse_writes)


NAMELESS = "document"  # what a file is called when its own name says nothing


class NamedFiles(MultiPartParser):
    """Reads a form, and drops no file for its name (« . », « .. », signs that do not show)."""

    def sanitize_file_name(self, file_name: str) -> str:
        return super().sanitize_file_name(file_name) or NAMELESS


class EveryFileIsKept:
    """Middleware: forms are read by `NamedFiles`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def read(headers: Any, content: Any) -> Any:
            return NamedFiles(headers, content, request.upload_handlers, request.encoding).parse()

        if request.content_type == "multipart/form-data":
            request.parse_file_upload = read  # type: ignore[assignment,method-assign]
        return self.get_response(request)


def file_given(request: HttpRequest, name: str) -> Any:
    """Give the file of a field, or nothing. Raises DomainError: without a name, it is not one."""
    if request.POST.get(name):
        raise DomainError("kernel.file_without_name", WITHOUT_NAME)
    return request.FILES.get(name)


WITHOUT_NAME = (
    "Ce fichier n’a pas de nom, et n’a pas pu être lu. Il n’a pas été gardé\u00a0: donnez-lui un "
    "nom sur votre appareil, puis choisissez-le de nouveau."
)


def network_of(request: HttpRequest) -> str:
    """Name the network that asks: an address of IPv4, the /64 of one house in IPv6."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    try:
        bits = 64 if ip_address(address).version == 6 else 32
        return str(ip_network(f"{address}/{bits}", strict=False))
    except ValueError:
        return address
