"""A bundle is received: each request by itself (batch), or all of them or none (transaction)."""

from http import HTTPStatus
from typing import Any

import orjson
from django.db import OperationalError
from django.http import HttpResponse

from cordee.fhir.bundles.documents import kept
from cordee.fhir.bundles.entries import MOST_BYTES, Entry, entries_of
from cordee.fhir.bundles.inside import Answer, asked
from cordee.fhir.bundles.transaction import Undone, done_together
from cordee.fhir.call import Call
from cordee.fhir.caller import refuse_too_fast
from cordee.fhir.frame import said
from cordee.fhir.misshapen import refuse_misshapen
from cordee.fhir.outcome import Issue, Json, Refusal, outcome
from cordee.fhir.reading import JSON_TYPES, body_of, parsed, typed
from cordee.fhir.writing import answered


def received(call: Call, *, to_be_done: bool = True) -> HttpResponse:
    """Receive a bundle: `to_be_done` at the base alone, kept there or at Bundle. Raises Refusal:
    unreadable, misshapen, or of a kind that is not received there."""
    raw = body_of(call.request, JSON_TYPES)
    bundle = typed(parsed(raw), "Bundle")
    match bundle.get("type"):
        case "document" | "message":
            return kept(call, bundle, raw)
        case "batch" if to_be_done:
            refuse_misshapen(_without_resources(bundle))
            return answered(call.request, _answer("batch-response", _batch(call, bundle)))
        case "transaction" if to_be_done:
            refuse_misshapen(bundle)
            return _together(call, bundle)
    refuse_misshapen(bundle)
    raise Refusal(422, [NOT_HELD])


def _without_resources(bundle: Json) -> Json:
    """Return the frame of a batch: one resource that is wrong refuses its own entry alone."""
    entries = bundle.get("entry")
    if not isinstance(entries, list):
        return bundle
    bare = [
        {name: value for name, value in one.items() if name != "resource"}
        if isinstance(one, dict)
        else one
        for one in entries
    ]
    return bundle | {"entry": bare}


def _batch(call: Call, bundle: Json) -> list[Json]:
    """Answer each entry; once the answers are too long, what is left is not done, and is told."""
    answers: list[HttpResponse] = []
    size = 0
    for entry in entries_of(bundle, call.base):
        answer = _alone(call, entry) if size <= MOST_BYTES else _left_undone(call)
        size += len(answer.content)
        answers.append(answer)
    return [_said(one) for one in answers]


def _left_undone(call: Call) -> HttpResponse:
    return answered(call.request, outcome([TOO_LONG]), 413)


def _alone(call: Call, entry: Entry) -> HttpResponse:
    """Answer one entry, which counts for the rate of its client as a call does."""
    try:
        refuse_too_fast(call.caller, call.now)
        return asked(call, entry, entry.resource)
    except Refusal as refusal:
        return answered(call.request, outcome(refusal.issues), refusal.status, refusal.headers)
    except OperationalError:
        return answered(call.request, outcome([BUSY]), 409)
    except Exception as error:  # one entry never hides what became of the others
        told = said(error)
        return answered(call.request, outcome(told.issues), told.status)


def _together(call: Call, bundle: Json) -> HttpResponse:
    try:
        answers = done_together(call, entries_of(bundle, call.base))
    except Undone as undone:
        return answered(call.request, outcome(undone.issues), undone.status)
    return answered(call.request, _answer("transaction-response", [_said(one) for one in answers]))


def _answer(kind: str, entries: list[Json]) -> Json:
    return {"resourceType": "Bundle", "type": kind, **({"entry": entries} if entries else {})}


def _said(answer: Answer) -> Json:
    """Return the answer to one entry, as a bundle carries it; its resource is not read again."""
    status = HTTPStatus(answer.status_code)
    response: dict[str, Any] = {"status": f"{status.value} {status.phrase}"}
    for name, header in (("location", "Location"), ("etag", "ETag")):
        if header in answer.headers:
            response[name] = answer.headers[header]
    if not answer.content:
        return {"response": response}
    body = orjson.Fragment(answer.content)
    is_outcome = answer.content.startswith(b'{"resourceType":"OperationOutcome"')
    if is_outcome:
        return {"response": response | {"outcome": body}}
    return {"resource": body, "response": response}


TOO_LONG = Issue(
    "too-costly",
    "bundle.too_long",
    "Les réponses de ce lot sont trop longues : cette demande n’a pas été faite. Envoyez-la dans "
    "un autre lot.",
    "The answers of the batch are too long: this entry was not done. Send it in another batch.",
)
NOT_HELD = Issue(
    "not-supported",
    "bundle.kind",
    "Un lot (batch) ou une transaction s’envoie à l’adresse de la porte, un document ou un message "
    "là ou à « Bundle » ; aucun autre lot n’est reçu. Rien n’a été enregistré.",
    "Batches and transactions go to the base, documents and messages there or to Bundle.",
    "Bundle.type",
)
BUSY = Issue(
    "lock-error",
    "bundle.busy",
    "D’autres écrivent les mêmes ressources au même moment : recommencez. Rien n’a été modifié.",
    "The same resources are being written: try again. Nothing was changed.",
)
