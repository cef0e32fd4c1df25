"""The addresses of the door: what each does with each method. Everything is said in FHIR."""

from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from cordee.fhir import capability
from cordee.fhir.bulk import answers
from cordee.fhir.bulk.asked import FORMATS
from cordee.fhir.bundles import received
from cordee.fhir.call import Call, base_of
from cordee.fhir.definitions import answering as defining
from cordee.fhir.definitions import served
from cordee.fhir.frame import door, open_door, writes
from cordee.fhir.history import answering as history
from cordee.fhir.imports import answers as imports
from cordee.fhir.instances import created, deleted, patched, read, replaced
from cordee.fhir.operations import done
from cordee.fhir.outcome import Issue, Refusal
from cordee.fhir.reading import FORM_TYPES, body_of
from cordee.fhir.registry import mapping_of
from cordee.fhir.search.answering import searched
from cordee.fhir.validating import validated
from cordee.fhir.writing import answered
from cordee.kernel.http import comes_back, reads


@door("GET")
@open_door
def metadata(request: HttpRequest) -> HttpResponse:
    """What this door does: said to anybody."""
    now = request.now  # type: ignore[attr-defined]
    return answered(request, capability.statement(base_of(request), now))


@door("GET", "POST", "PUT", "PATCH", "DELETE")
def kind(call: Call, type_name: str) -> HttpResponse:
    """A type: searched, added to, or written under a condition."""
    if type_name in served() and call.request.method == "GET":
        return answered(call.request, defining.searched(call, type_name, _pairs(call)))
    mapping = mapping_of(type_name)
    match call.request.method:
        case "POST" if mapping.as_it_came:
            return received(call, to_be_done=False)
        case "POST":
            return created(call, mapping)
        case "PUT":
            return replaced(call, mapping, None)
        case "PATCH":
            return patched(call, mapping, None)
        case "DELETE":
            return deleted(call, mapping, None)
    return answered(call.request, searched(call, mapping, _pairs(call)))


@reads
@door("POST")
def search(call: Call, type_name: str) -> HttpResponse:
    """A search whose words stand in no address."""
    form = body_of(call.request, FORM_TYPES).decode("utf-8", "replace")
    pairs = [*_pairs(call), *parse_qsl(form, keep_blank_values=True)]
    if type_name in served():
        return answered(call.request, defining.searched(call, type_name, pairs))
    return answered(call.request, searched(call, mapping_of(type_name), pairs))


@door("GET", "PUT", "PATCH", "DELETE")
def instance(call: Call, type_name: str, pk: str) -> HttpResponse:
    """One resource."""
    if type_name in served() and call.request.method == "GET":
        return defining.read(call, type_name, pk)
    mapping = mapping_of(type_name)
    match call.request.method:
        case "PUT":
            return replaced(call, mapping, pk)
        case "PATCH":
            return patched(call, mapping, pk)
        case "DELETE":
            return deleted(call, mapping, pk)
    return read(call, mapping, pk)


@door("POST")
def whole(call: Call) -> HttpResponse:
    """Many requests at once: a batch, or a transaction."""
    return received(call)


@reads
@door("GET", "POST")
def validate(call: Call, type_name: str, pk: str | None = None) -> HttpResponse:
    """What would be wrong with a resource; nothing is written."""
    return validated(call, type_name, pk or "")


@reads
@door("GET", "POST")
def operation(call: Call, type_name: str, name: str, pk: str | None = None) -> HttpResponse:
    """What is asked of a type, or of one resource, beside reading and writing."""
    return answered(call.request, done(call, type_name, name, pk or ""))


@comes_back
@door("GET", "POST")
def export(call: Call, type_name: str = "") -> HttpResponse:
    """Begin an export in bulk: a GET that writes, for the guide says so."""
    return answers.begun(call, type_name.lower() or "system")


@comes_back
@door("GET", "POST")
def export_of_group(call: Call, pk: str) -> HttpResponse:
    """The same of those whom a structure follows."""
    return answers.begun(call, "group", pk)


@door("GET", "DELETE")
def export_status(call: Call, pk: UUID) -> HttpResponse:
    """How far an export is, and its files; or its end."""
    if call.request.method == "DELETE":
        return answers.taken_back(call, pk)
    return answers.stands(call, pk)


@door("GET")
@writes(*FORMATS)
def export_file(call: Call, pk: UUID, number: int) -> HttpResponse:
    """One file of an export."""
    return answers.file(call, pk, number)


@door("POST")
def bulk_import(call: Call) -> HttpResponse:
    """Begin an import in bulk."""
    return imports.begun(call)


@door("GET", "DELETE")
def import_status(call: Call, pk: UUID) -> HttpResponse:
    """How far an import is, and what became of its files; or its end."""
    if call.request.method == "DELETE":
        return imports.taken_back(call, pk)
    return imports.stands(call, pk)


@door("GET")
@writes(*FORMATS)
def import_refusals(call: Call, pk: UUID, number: int) -> HttpResponse:
    """What was refused of one file of an import."""
    return imports.refusals(call, pk, number)


@door("GET")
def whole_history(call: Call) -> HttpResponse:
    """What changed last, whatever its type."""
    return history.of_all(call, _pairs(call))


@door("GET")
def type_history(call: Call, type_name: str) -> HttpResponse:
    """What changed last in a type."""
    return history.of_type(call, mapping_of(type_name), _pairs(call))


@door("GET")
def instance_history(call: Call, type_name: str, pk: str) -> HttpResponse:
    """The versions of one resource."""
    return history.of_instance(call, mapping_of(type_name), pk, _pairs(call))


@door("GET")
def version(call: Call, type_name: str, pk: str, code: str) -> HttpResponse:
    """One version of one resource."""
    if type_name in served():
        return defining.read(call, type_name, pk, code)
    return history.version(call, mapping_of(type_name), pk, code)


@door("GET", "POST", "PUT", "PATCH", "DELETE")
@open_door
def nowhere(request: HttpRequest, **_: Any) -> HttpResponse:
    """An address that this door does not have."""
    raise Refusal(404, [NO_ADDRESS])


NO_ADDRESS = Issue(
    "not-found",
    "router.no_address",
    "Cette adresse n’existe pas : « /fhir/metadata » dit ce que cette porte sait faire.",
    "There is no such address: see /fhir/metadata.",
)


def _pairs(call: Call) -> list[tuple[str, str]]:
    return parse_qsl(call.request.META.get("QUERY_STRING", ""), keep_blank_values=True)
