"""What is answered of an export: accepted, how far it is, its files, taken back.

Source: HL7, Bulk Data Access 2.0.0, « Bulk Data Export Operation Request Flow ».
"""

import re
import zlib
from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import http_date

from cordee.access import trace
from cordee.fhir.bulk import selectors, services
from cordee.fhir.bulk.asked import wanted_by
from cordee.fhir.bulk.calling import (
    NDJSON,
    RETRY,
    accepted,
    over_at,
    own,
    refuse_at_once,
    refuse_others_than_systems,
    refuse_unless_done,
)
from cordee.fhir.bulk.making import OVERLAP, refuse_unreadable_filters
from cordee.fhir.call import Call
from cordee.fhir.instances import fetched
from cordee.fhir.models import Export, ExportPart
from cordee.fhir.operations.everything import path_to_person
from cordee.fhir.outcome import Issue, Json, Refusal, absent
from cordee.fhir.registry import mapping_of, mappings
from cordee.fhir.writing import answered, instant
from cordee.partners.rules.scopes import read

PIECE = 256 * 1024  # bytes of a file that are unpacked at once
ONE_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


def begun(call: Call, level: str, group: str = "") -> HttpResponse:
    """Accept an export (202), of a group when one is named. Raises Refusal (400 to 405, 429)."""
    if call.request.method == "HEAD":
        raise Refusal(405, [NO_METHOD], {"Allow": "GET, POST"})
    refuse_others_than_systems(call, "fhir.export")
    refuse_at_once(call)
    possible = [
        name
        for name, one in mappings().items()
        if level == Export.Level.SYSTEM or path_to_person(one) is not None
    ]
    wanted = wanted_by(call, possible)
    refuse_unreadable_filters(call, wanted)
    query = call.request.META.get("QUERY_STRING", "")
    said: dict[str, Any] = {"client_id": call.caller.client_id, "level": level}
    said |= {"asked": wanted.told(), "scopes": str(call.caller.scopes), "base": call.base}
    if group:
        call.require("Group", "r")
        said["group_id"] = fetched(call, mapping_of("Group"), group).pk
    said["address"] = call.base + call.request.path_info.partition("/fhir/")[2]
    said["address"] += f"?{query}" if query else ""
    export = services.begin(actor=call.actor, said=said, now=call.now)
    return accepted(call, ACCEPTED, {"Content-Location": f"{call.base}$export/{export.pk}"})


def stands(call: Call, pk: UUID) -> HttpResponse:
    """Say how far an export is: 202 while it runs, then the list of its files.

    Raises Refusal: another’s or none (404), its files are gone (410), it was stopped (403, 500).
    """
    export = own(call, Export, pk)
    if export.is_running:
        progress = (
            f"{export.stage.partition('/')[0] or 'en attente'}, {export.resources} ressources"
        )
        return accepted(call, UNDER_WAY, {"X-Progress": progress, "Retry-After": str(RETRY)})
    if export.state == Export.State.OVER:
        raise _gone(export)
    refuse_unless_done(export, ENDED)
    headers = {"Expires": http_date(over_at(export).timestamp())}
    told = answered(call.request, _manifest(call, export), 200, headers)
    told.headers["Content-Type"] = "application/json"  # Bulk Data: it is no resource
    return told


def taken_back(call: Call, pk: UUID) -> HttpResponse:
    """Cancel an export, or let its files go before their time (202). Raises Refusal (404)."""
    export = own(call, Export, pk)
    if export.state not in (Export.State.RUNNING, Export.State.DONE):
        raise absent()
    services.cancel(actor=call.actor, export=export, now=call.now)
    return accepted(call, TAKEN_BACK)


def file(call: Call, pk: UUID, number: int) -> HttpResponse:
    """Give one file, or what is left of it (`Range`). Raises Refusal (403, 404, 410, 416).

    Who took it is traced first. What tells of somebody who may no longer be known, or who has shut
    something since, is not given.
    """
    export = own(call, Export, pk)
    if hasattr(call.request, "within"):
        raise absent()  # a bundle holds resources, not files
    if export.state == Export.State.OVER or call.now > over_at(export):
        raise _gone(export)
    part = selectors.part_of(export, number) if export.state == Export.State.DONE else None
    if part is None:
        raise absent()
    call.require(part.kind, "r")
    if not _is_whole(call, export, part.kind):
        raise call.out_of_scope(part.kind)
    if not (export.is_of(call.actor) and _is_still_open(call, export, part)):
        trace.refused(call.actor, "fhir.export.read", subject_id=part.pk)
        raise Refusal(410, [CHANGED])
    trace.read(call.actor, part)
    return _sent(call, part)


def _gone(export: Export) -> Refusal:
    """Why files are there no more: a later export took their place, or their time is past."""
    was_done = export.state == Export.State.OVER
    is_replaced = was_done and selectors.was_replaced(export, over_at(export))
    return Refusal(410, [REPLACED if is_replaced else OVER])


def _is_whole(call: Call, export: Export, kind: str) -> bool:
    """Whether the token that asks for a file lets through every part of it."""
    mine, its = call.caller.scopes.parts(kind, "r"), read(export.scopes).parts(kind, "r")
    return not mine or (bool(its) and set(its) <= set(mine))


def _is_still_open(call: Call, export: Export, part: ExportPart) -> bool:
    """Whether all that a file tells may still be told. What was chosen just before it was asked for
    may have been written just after a line was read."""
    known = selectors.are_still_known(call.actor, part)
    return known and not selectors.have_shut_something(call.actor, part, export.asked_at - OVERLAP)


def _sent(call: Call, part: ExportPart) -> HttpResponse:
    content, name = selectors.packed(part), str(part.pk)
    headers = {"Accept-Ranges": "bytes", "Vary": "Accept-Encoding, Authorization, Origin"}
    if "gzip" in call.request.headers.get("Accept-Encoding", ""):
        headers |= {"ETag": f'"{name}-gzip"', "Content-Encoding": "gzip"}
        size = len(content)
    else:
        headers["ETag"] = f'"{name}"'
        size = int.from_bytes(content[-4:], "little")  # RFC 1952, 2.3.1, ISIZE
    begin, end = _range(call, size, headers)
    headers["Content-Length"] = str(end - begin)
    status = 206 if "Content-Range" in headers else 200
    if "Content-Encoding" in headers:
        piece = content[begin:end]
        return HttpResponse(piece, status=status, content_type=NDJSON, headers=headers)
    lines = _cut(_unpacked(content), begin, end)
    sent = StreamingHttpResponse(lines, status=status, content_type=NDJSON, headers=headers)
    return cast("HttpResponse", sent)  # the door only adds headers to it


def _range(call: Call, size: int, headers: dict[str, str]) -> tuple[int, int]:
    """The whole, or from where a client stopped. Raises Refusal (416).

    Source: RFC 9110, 14.2 (one range alone; one that ends before it begins is ignored).
    """
    asked = ONE_RANGE.fullmatch(call.request.headers.get("Range", ""))
    condition = call.request.headers.get("If-Range", headers["ETag"])
    if not asked or condition != headers["ETag"]:
        return 0, size
    begin, last = int(asked[1]), int(asked[2] or size)
    if last < begin and asked[2]:
        return 0, size
    if begin >= size:
        raise Refusal(416, [BEYOND], {"Content-Range": f"bytes */{size}"})
    end = min(last + 1, size)
    headers["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
    return begin, end


def _unpacked(content: bytes) -> Iterator[bytes]:
    """What is packed, piece by piece: never the whole at once."""
    unpacker = zlib.decompressobj(31)
    left = content
    while left and not unpacker.eof:
        yield unpacker.decompress(left, PIECE)
        left = unpacker.unconsumed_tail
    yield unpacker.flush()


def _cut(pieces: Iterator[bytes], begin: int, end: int) -> Iterator[bytes]:
    at = 0
    for piece in pieces:
        if some := piece[max(begin - at, 0) : max(end - at, 0)]:
            yield some
        at += len(piece)
        if at >= end:
            return


def _manifest(call: Call, export: Export) -> Json:
    parts = selectors.parts_of(export)
    return {
        "transactionTime": instant(export.asked_at),
        "request": export.address,
        "requiresAccessToken": True,
        "output": _told(call, export, parts, ExportPart.What.OUTPUT),
        "deleted": _told(call, export, parts, ExportPart.What.DELETED),
        "error": [],
    }


def _told(call: Call, export: Export, parts: list[ExportPart], what: str) -> list[Json]:
    where = f"{call.base}$export/{export.pk}"
    return [
        {
            "type": one.kind if what == ExportPart.What.OUTPUT else "Bundle",
            "url": f"{where}/{one.number}.ndjson",
            "count": one.lines,
        }
        for one in parts
        if one.what == what
    ]


ACCEPTED = (
    "bulk.accepted",
    "L’export est commencé : Content-Location dit où il en est.",
    "The export has begun: see Content-Location.",
)
UNDER_WAY = (
    "bulk.under_way",
    "L’export est en cours : revenez dans le nombre de secondes dit par Retry-After.",
    "The export is running: come back after Retry-After seconds.",
)
TAKEN_BACK = (
    "bulk.taken_back",
    "L’export est arrêté, et ses fichiers sont retirés.",
    "The export is stopped, and its files are removed.",
)
STOPPED = Issue(
    "forbidden",
    "bulk.stopped",
    "L’export s’est arrêté : l’autorisation de ce système a changé pendant qu’il avançait. Aucun "
    "fichier n’est gardé.",
    "The export stopped: the rights of this client changed meanwhile. No file is kept.",
)
BROKEN = Issue(
    "exception",
    "bulk.broken",
    "L’export s’est interrompu par une erreur de notre part. Aucun fichier n’est gardé : "
    "redemandez-le.",
    "The export broke on a fault of the server. No file is kept: ask for it again.",
)
OVER = Issue(
    "deleted",
    "bulk.over",
    "Les fichiers de cet export ont été retirés : leur temps est passé. Redemandez-le.",
    "The files of this export are gone. Ask for it again.",
)
ENDED: dict[str, tuple[int, Issue]] = {
    Export.State.STOPPED.value: (403, STOPPED),
    Export.State.FAILED.value: (500, BROKEN),
}
REPLACED = Issue(
    "deleted",
    "bulk.replaced",
    "Les fichiers de cet export ont été retirés : un export plus récent les a remplacés.",
    "The files of this export are gone: a later export of this client replaced them.",
)
CHANGED = Issue(
    "deleted",
    "bulk.changed",
    "Ce que ce système peut savoir a changé depuis cet export : redemandez-le.",
    "What this client may know has changed since this export: ask for it again.",
)
BEYOND = Issue(
    "invalid",
    "bulk.range",
    "Ce fichier est plus court que ce qui en est demandé.",
    "The file is shorter than the range that is asked for.",
)
NO_METHOD = Issue(
    "not-supported",
    "router.method",
    "Un export se commence par GET ou POST.",
    "An export begins by GET or POST.",
)
