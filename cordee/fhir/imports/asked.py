"""What an import is asked for: a list of files, each of one type, at an address.

Shaped as the servers that do it most have it (a Parameters with `input`, each of `type` and `url`):
HL7 has no published definition of `$import`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from cordee.fhir.bulk.asked import FORMATS
from cordee.fhir.call import Call
from cordee.fhir.misshapen import refuse_misshapen
from cordee.fhir.operations.given import text_of
from cordee.fhir.outcome import Json, Refusal, invalid, not_supported
from cordee.fhir.outward import fault_of
from cordee.fhir.reading import body_of, resource_of, too_big
from cordee.fhir.registry import mapping_of, mappings
from cordee.partners.rules.packing import NotPacked, is_packed, unpacked

MOST = 100  # files of one import
LONGEST = 2_000  # characters of an address: those that open a file for a while are long
LINES = frozenset(one for one in FORMATS if "/" in one)
FIRST = ("Questionnaire", "PlanDefinition", "Patient", "RelatedPerson")
"""What others speak of comes first, whatever the order of the list."""


@dataclass(frozen=True)
class Input:
    """A file to take in; without an address, it came with the request, and says its types."""

    kind: str = ""
    url: str = ""


def taken() -> list[str]:
    """The types that are taken in: those that are written here."""
    return [name for name, one in mappings().items() if one.create or one.update]


def lines_of(request: HttpRequest) -> bytes:
    """The lines that came with a request, unpacked if they say that they are packed.

    Raises Refusal: too big (413), as it came or once unpacked; packed otherwise than said (400).
    """
    raw, coding = body_of(request, LINES), request.headers.get("Content-Encoding", "")
    most = settings.CORDEE.fhir_largest
    found = bytearray()
    try:
        if not is_packed("", coding, ""):
            return raw
        for piece in unpacked([raw]):
            found += piece
            if len(found) > most:
                raise Refusal(413, [too_big(most)])
    except NotPacked:
        raise invalid(*NOT_PACKED) from None
    return bytes(found)


NOT_PACKED = (
    "import.packing",
    "Ces lignes ne sont pas écrites comme « Content-Encoding » le dit : envoyez-les telles "
    "quelles, ou compressées en entier (gzip).",
    "The body is not what Content-Encoding says: send it plain, or as a whole gzip.",
)


def inputs_of(call: Call) -> list[Input]:
    """Understand which files are to be taken in, in their order. Raises Refusal (400, 403, 422)."""
    resource = resource_of(call.request, "Parameters")
    refuse_misshapen(resource)
    found = list(_inputs(call, resource))
    if not found or len(found) > MOST:
        raise invalid(
            "import.files",
            f"Un import nomme de 1 à {MOST} fichiers (« input »).",
            f"An import names 1 to {MOST} files (input).",
            "Parameters.parameter",
        )
    ranks = {kind: rank for rank, kind in enumerate(FIRST)}
    return sorted(found, key=lambda one: ranks.get(one.kind, len(FIRST)))


def _inputs(call: Call, resource: Json) -> Iterator[Input]:
    for place, one in enumerate(resource.get("parameter", [])):
        where = f"Parameters.parameter[{place}]"
        match one["name"]:
            case "input":
                yield _input(call, one, where)
            case "inputFormat":
                _refuse_other_formats(text_of(one) or "")
            case "storageDetail":
                _refuse_other_storage(one, where)
            case "inputSource":
                pass  # where the files come from: each says its own address
            case name:
                _refuse_the_unknown(call, name, where)


def _input(call: Call, one: Json, where: str) -> Input:
    parts = {part["name"]: text_of(part) or "" for part in one.get("part", [])}
    kind, url = parts.get("type", ""), parts.get("url", "")
    if kind not in taken():
        raise not_taken(kind)
    if not call.caller.scopes.allow(kind, "u"):
        call.require(kind, "c")
        if is_looked_for(kind):
            call.require(kind, "s")
    if fault := fault_of(url, longest=LONGEST, has_query=True):
        raise invalid("import.address", *fault, where)
    return Input(kind, url)


def is_looked_for(kind: str) -> bool:
    """Whether what is to be added is looked for by its identifier first, so as not to be doubled:
    a search (FHIR R4, http.html#ccreate)."""
    mapping = mapping_of(kind)
    return "identifier" in mapping.search and not mapping.knows_again


def not_taken(kind: str) -> Refusal:
    """A type that is not written here: 400."""
    return not_supported(
        "import.type",
        f"Le type « {kind[:60]} » ne s’importe pas ici.",
        f"The type {kind[:60]} is not imported here.",
    )


def _refuse_other_formats(text: str) -> None:
    if text.replace(" ", "+") not in FORMATS:
        raise not_supported(
            "bulk.format",
            "Un fichier est fait de lignes de JSON : « application/fhir+ndjson ».",
            "A file is written in NDJSON only: application/fhir+ndjson.",
        )


def _refuse_other_storage(one: Json, where: str) -> None:
    """Files are fetched by https alone; a password given here would be kept, and is not taken."""
    parts = {part["name"]: text_of(part) or "" for part in one.get("part", [])}
    if parts != {"type": "https"}:
        raise invalid(
            "import.storage",
            "Un fichier se prend en https, à une adresse qui suffit à l’ouvrir (« type » : "
            "https), sans identifiant ni mot de passe.",
            "Files are fetched by https, at addresses that need no credentials.",
            where,
        )


def _refuse_the_unknown(call: Call, name: str, where: str) -> None:
    if "handling=lenient" not in call.prefers:
        raise invalid(
            "import.parameter",
            f"Le paramètre « {name[:60]} » n’est pas connu d’un import : retirez-le, ou demandez "
            "qu’il soit ignoré (« Prefer: handling=lenient »).",
            f"The parameter {name[:60]} is not supported by $import "
            "(see Prefer: handling=lenient).",
            where,
        )
