"""From a resource to the bytes of an answer: its format, its version, its headers."""

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from cordee.fhir.outcome import Issue, Json, Refusal

FHIR_JSON = "application/fhir+json"
ACCEPTED = frozenset(
    {"*/*", "application/*", FHIR_JSON, "application/json", "text/json", "text/*", "json"}
)
WORTH_PACKING = 2_000  # bytes under which gzip costs more than it spares


def refuse_other_formats(request: HttpRequest, also: frozenset[str] = frozenset()) -> None:
    """Refuse to answer in what this door does not write. Raises Refusal (406)."""
    wanted = _word(request, "_format") or request.headers.get("Accept", "")
    if not is_written(wanted, also):
        raise Refusal(406, [NOT_WRITTEN])


def is_written(wanted: str, also: frozenset[str] = frozenset()) -> bool:
    """Whether this door writes one of the formats that are wanted; whoever says none takes any."""
    asked = [one.split(";")[0].strip().lower() for one in wanted.split(",") if one.strip()]
    return not asked or bool((ACCEPTED | also) & {one.replace(" ", "+") for one in asked})


NOT_WRITTEN = Issue(
    "not-supported",
    "writing.format",
    "Cette porte n’écrit que du JSON : demandez « application/fhir+json ».",
    "Only JSON is written here: ask for application/fhir+json.",
)


def encoded(resource: Any, *, pretty: bool = False) -> bytes:
    """Write JSON; a decimal keeps the digits it came with."""
    option = orjson.OPT_INDENT_2 if pretty else 0
    return orjson.dumps(resource, default=_digits, option=option)


def _digits(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value).encode())
    raise TypeError(f"FHIR has no word for {type(value).__name__}")


def answered(
    request: HttpRequest,
    resource: Json | None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """An answer that carries a resource, or nothing."""
    content = b"" if resource is None else encoded(resource, pretty=_pretty(request))
    response = HttpResponse(content, status=status, content_type=f"{FHIR_JSON}; charset=utf-8")
    for name, value in (headers or {}).items():
        response.headers[name] = value
    if is_packed(content, request.headers.get("Accept-Encoding", "")):
        response.content = packed(content)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept, Accept-Encoding, Authorization, Origin"
    return response


def is_packed(content: bytes, encodings: str) -> bool:
    """Whether an answer leaves smaller than it is, to who takes these encodings."""
    return len(content) > WORTH_PACKING and "gzip" in encodings


def packed(content: bytes) -> bytes:
    """The same, smaller."""
    return gzip.compress(content, compresslevel=1, mtime=0)


def versioned(resource: Json) -> dict[str, str]:
    """The headers that say which version a resource is, and since when."""
    meta = resource["meta"]
    since = datetime.fromisoformat(meta["lastUpdated"])
    return {"ETag": etag(meta["versionId"]), "Last-Modified": http_date(since.timestamp())}


def etag(version: str) -> str:
    """The weak tag of a version, as FHIR writes it."""
    return f'W/"{version}"'


def version_in(header: str) -> str:
    """The version that `If-Match` or `If-None-Match` names."""
    return header.strip().removeprefix("W/").strip('"')


def instant(moment: datetime) -> str:
    """A moment as FHIR writes it, in universal time, to the millisecond."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"


def _pretty(request: HttpRequest) -> bool:
    return _word(request, "_pretty") == "true"


def _word(request: HttpRequest, name: str) -> str:
    """A word of the address; of one that cannot be read, none: its refusal is to be written."""
    try:
        return request.GET.get(name) or ""
    except SuspiciousOperation:  # more fields than the house reads
        return ""
