"""A file that is brought: the YAML of a protocol, or a FHIR PlanDefinition in JSON."""

import json
from dataclasses import dataclass

from cordee.kernel.errors import DomainError
from cordee.protocols.rules.plan_definition import imported
from cordee.protocols.rules.writing import written_document

MOST_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class Brought:
    """The text that a file gives, and a sentence for each part that has no place in it."""

    text: str
    left: tuple[str, ...] = ()


def read_file(content: bytes) -> Brought:
    """Read a file as a text of YAML; what starts as JSON is read as a PlanDefinition.

    The text need not be a protocol yet: the editor says what is wrong with it. Raises DomainError.
    """
    if len(content) > MOST_BYTES:
        raise DomainError("protocols.too_long", "Ce fichier est trop lourd\u00a0: 500 Ko au plus.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DomainError(
            "protocols.not_a_text",
            "Ce fichier n’est pas un texte en UTF-8. Enregistrez-le de nouveau dans cet encodage.",
        ) from None
    if "\0" in text:
        raise DomainError("protocols.not_a_text", "Ce fichier n’est pas un texte.")
    return _of_json(text) if text.lstrip().startswith("{") else Brought(text)


def _of_json(text: str) -> Brought:
    try:
        found = imported(json.loads(text))
        return Brought(written_document(found.document), found.left)
    except (ValueError, RecursionError, AttributeError):
        raise DomainError(
            "protocols.not_a_plan_definition",
            "Ce fichier JSON n’est pas un PlanDefinition de FHIR R4. Rien n’a été gardé.",
        ) from None
