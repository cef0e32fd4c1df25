"""What is answered of an import: accepted, how far it is, what became of each file, taken back.

Shaped as the servers that do it most have it, after the Asynchronous Request Pattern of FHIR.
"""

from collections.abc import Iterable, Iterator
from typing import cast
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import http_date

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
from cordee.fhir.call import Call
from cordee.fhir.imports import selectors, services
from cordee.fhir.imports.asked import LINES, Input, inputs_of, lines_of
from cordee.fhir.models import Import, ImportFile
from cordee.fhir.outcome import Issue, Json, absent
from cordee.fhir.writing import answered, instant


def begun(call: Call) -> HttpResponse:
    """Accept an import (202), of a list of files or of lines. Raises Refusal (400, 403, 413, 429).

    Lines that come with the request weigh no more than any request: they are kept at once.
    """
    refuse_others_than_systems(call, "fhir.import")
    refuse_at_once(call)
    if (call.request.content_type or "").lower() in LINES:
        inputs, body = [Input()], lines_of(call.request)
    else:
        inputs, body = inputs_of(call), b""
    said = {"client_id": call.caller.client_id, "scopes": str(call.caller.scopes)}
    said["base"] = call.base
    work = services.begin(actor=call.actor, said=said, inputs=inputs, body=body, now=call.now)
    return accepted(call, ACCEPTED, {"Content-Location": f"{call.base}$import/{work.pk}"})


def stands(call: Call, pk: UUID) -> HttpResponse:
    """Say how far an import is: 202 while it runs, then what became of each file.

    Raises Refusal: another’s or none (404), its time is past (410), it was stopped (403, 500).
    """
    work = own(call, Import, pk)
    if work.is_running:
        progress = f"{work.lines} lignes, dont {work.refused} non enregistrées"
        return accepted(call, UNDER_WAY, {"X-Progress": progress, "Retry-After": str(RETRY)})
    refuse_unless_done(work, ENDED)
    headers = {"Expires": http_date(over_at(work).timestamp())}
    told = answered(call.request, _manifest(call, work), 200, headers)
    told.headers["Content-Type"] = "application/json"  # as of an export: it is no resource
    return told


def taken_back(call: Call, pk: UUID) -> HttpResponse:
    """Cancel an import, or let what is said of it go before its time (202). Raises Refusal (404).

    What was written stays written.
    """
    work = own(call, Import, pk)
    if work.state not in (Import.State.RUNNING, Import.State.DONE):
        raise absent()
    services.cancel(actor=call.actor, work=work, now=call.now)
    return accepted(call, TAKEN_BACK)


def refusals(call: Call, pk: UUID, number: int) -> HttpResponse:
    """Give what was refused of one file: an OperationOutcome by line. Raises Refusal (404, 410)."""
    work = own(call, Import, pk)
    if not work.is_running:
        refuse_unless_done(work, ENDED)
    file = selectors.file_of(work, number)
    found = selectors.refused_in(file) if file else []
    if not found:
        raise absent()
    sent = StreamingHttpResponse(_lines(found), content_type=NDJSON)
    return cast("HttpResponse", sent)  # the door only adds headers to it


def _lines(parts: Iterable[UUID]) -> Iterator[bytes]:
    """Each part is read as it is given: what was refused of a file is never whole in memory."""
    for one in parts:
        for line in selectors.refusals_of(one):
            yield line + b"\n"


def _manifest(call: Call, work: Import) -> Json:
    files, kept = selectors.files_of(work), selectors.kept_of(work)
    where = f"{call.base}$import/{work.pk}"
    return {
        "transactionTime": instant(work.asked_at),
        "request": f"{call.base}$import",
        "requiresAccessToken": True,
        "output": [
            _named(one)
            | {
                "count": one.written,
                "extension": {"unchanged": one.known, "waited": one.waited},
            }
            for one in files
        ],
        "error": [_refused(one, kept.get(one.pk, 0), where) for one in files if one.refused],
    }


def _refused(file: ImportFile, kept: int, where: str) -> Json:
    """What is said of the refusals of a file: how many there were, those that can be read."""
    said = _named(file) | {"type": "OperationOutcome", "count": kept}
    said["extension"] = {"counted": file.refused}
    return said | ({"url": f"{where}/{file.number}.ndjson"} if kept else {})


def _named(file: ImportFile) -> Json:
    address = selectors.address_of(file)
    return {"type": file.kind or "Resource"} | ({"inputUrl": address} if address else {})


ACCEPTED = (
    "import.accepted",
    "L’import est commencé : Content-Location dit où il en est.",
    "The import has begun: see Content-Location.",
)
UNDER_WAY = (
    "import.under_way",
    "L’import est en cours : revenez dans le nombre de secondes dit par Retry-After.",
    "The import is running: come back after Retry-After seconds.",
)
TAKEN_BACK = (
    "import.taken_back",
    "L’import est arrêté. Ce qui était déjà enregistré le reste.",
    "The import is stopped. What was stored already stays.",
)
STOPPED = Issue(
    "forbidden",
    "import.stopped",
    "L’import s’est arrêté : l’autorisation de ce système a changé pendant qu’il avançait. Ce qui "
    "était déjà enregistré le reste.",
    "The import stopped: the rights of this client changed meanwhile. What was stored stays.",
)
BROKEN = Issue(
    "exception",
    "import.broken",
    "L’import s’est interrompu par une erreur de notre part. Ce qui était déjà enregistré le "
    "reste : renvoyez les mêmes fichiers, rien de ce qui porte un identifiant ne sera doublé.",
    "The import broke on a fault of the server. What was stored stays: send the same files again.",
)
OVER = Issue(
    "deleted",
    "import.over",
    "Ce qui était dit de cet import a été retiré.",
    "What was said of this import is gone.",
)
ENDED: dict[str, tuple[int, Issue]] = {
    Import.State.STOPPED.value: (403, STOPPED),
    Import.State.FAILED.value: (500, BROKEN),
    Import.State.OVER.value: (410, OVER),
}
