"""One entry asked of the door itself, as if it came alone: same rights, same trace, same words."""

import base64
import binascii
import io
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.urls import resolve

from cordee.fhir.bundles.entries import Entry
from cordee.fhir.call import PREFIX, Call
from cordee.fhir.instances import SEVERAL
from cordee.fhir.outcome import Refusal, invalid
from cordee.fhir.reading import PATCH_TYPES
from cordee.fhir.registry import mapping_of
from cordee.fhir.search.answering import matching
from cordee.fhir.writing import FHIR_JSON, encoded

# What an entry keeps of the request that brought it; its conditions are its own.
KEPT = ("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "HTTP_HOST", "REMOTE_ADDR", "SCRIPT_NAME")


def asked(call: Call, entry: Entry, resource: Any) -> HttpResponse:
    """Ask one entry of the door, with its resource as its links became.

    Raises Refusal: a patch that cannot be read; OperationalError: the database refused.
    """
    kind, body = _body(entry, resource)
    outer = call.request
    environ = {name: outer.META[name] for name in KEPT if name in outer.META}
    environ |= {
        **entry.headers,
        "REQUEST_METHOD": entry.method,
        "PATH_INFO": PREFIX + entry.path,
        "QUERY_STRING": quote(entry.query, safe="%=&?/:;,|$@!*'()+~"),
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_ACCEPT": FHIR_JSON,
        "HTTP_PREFER": outer.headers.get("Prefer", "return=minimal"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": outer.scheme,
    }
    request: Any = WSGIRequest(environ)
    request.now, request.actor, request.within = call.now, outer.actor, call.caller  # type: ignore[attr-defined]
    address = resolve(request.path_info)
    answer: HttpResponse = address.func(request, *address.args, **address.kwargs)
    return answer


class Done(NamedTuple):
    """What an entry written in a set is answered: as a response says it, without being one."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes = b""


Answer = HttpResponse | Done


def made(call: Call, answer: Answer) -> str:
    """Return the address `Type/id` of what an entry made or found."""
    location = answer.headers.get("Location", "").removeprefix(call.base)
    return location.partition("/_history/")[0]


def met(call: Call, type_name: str, query: str) -> str:
    """Return the address of the one resource that a condition names, or nothing.

    Raises Refusal: several (412), or what a search raises.
    """
    call.require(type_name, "s")
    found = matching(call, mapping_of(type_name), query)
    if len(found) > 1:
        raise Refusal(412, [SEVERAL])
    return f"{type_name}/{found[0].pk}" if found else ""


def _body(entry: Entry, resource: Any) -> tuple[str, bytes]:
    if entry.method == "PATCH":
        return sorted(PATCH_TYPES)[0], _patch(entry)
    return FHIR_JSON, b"" if resource is None else encoded(resource)


def _patch(entry: Entry) -> bytes:
    """Return the JSON Patch that a Binary carries (FHIR R4, http.html, patch in a transaction)."""
    carried = entry.resource if isinstance(entry.resource, dict) else {}
    try:
        if carried.get("contentType") in PATCH_TYPES:
            return base64.b64decode(carried.get("data", ""))
    except binascii.Error:
        pass
    raise invalid(
        "bundle.patch",
        "Une modification (PATCH) s’envoie dans une ressource Binary, en JSON Patch.",
        "A PATCH is carried by a Binary resource, as a JSON Patch.",
        f"Bundle.entry[{entry.rank}].resource",
    )
