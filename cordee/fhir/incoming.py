"""References that come in: to what the caller may see, or to nothing, said the same way."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cordee.fhir.outcome import Json, Refusal, unprocessable
from cordee.fhir.registry import mappings

if TYPE_CHECKING:
    from cordee.fhir.contract import Mapping, Writing

LOCAL = re.compile(r"(?:^|.*/)([A-Z][A-Za-z]+)/([0-9a-fA-F-]{36})(?:/_history/[^/]+)?")
STEP = re.compile(r"([A-Za-z]+)(?:\[(\d+)\])?")


def local(reference: str) -> tuple[str, UUID] | None:
    """The type and identifier that a reference names, when it may be one of ours."""
    found = LOCAL.fullmatch(reference)
    if found is None:
        return None
    try:
        return found[1], UUID(found[2])
    except ValueError:
        return None


def at(resource: Json, where: str) -> Any:
    """What stands at a path of a resource ("participant[0].member"), or nothing."""
    value: Any = resource
    for name, place in STEP.findall(where):
        value = value.get(name) if isinstance(value, dict) else None
        if place and value is not None:
            value = value[int(place)] if len(value) > int(place) else None
    return value


def referred(writing: "Writing", where: str, types: Sequence[str]) -> Any:
    """The row that a reference names. Raises Refusal (422)."""
    said = at(writing.resource, where)
    if said is None:
        return None
    named = local(said.get("reference", "")) if isinstance(said, dict) else None
    mapping = mappings().get(named[0]) if named and (not types or named[0] in types) else None
    if named is None or mapping is None:
        raise _nowhere(writing, where)
    row = _seen(writing, mapping, named[1])
    if row is None:
        raise _nowhere(writing, where)
    return row


def _seen(writing: "Writing", mapping: "Mapping", pk: UUID) -> Any:
    """A row that the caller may see, or nothing: by a statement planned once where there is one."""
    if mapping.again is not None and writing.patient_id in (None, pk):
        told = mapping.again(writing.actor, pk)
        return mapping.row_of(told)[0] if told else None
    for table in mapping.tables:
        row = table.seen(writing.actor, writing.patient_id).filter(pk=pk).first()
        if row is not None:
            return row
    return None


NOWHERE = "incoming.nowhere"


def _nowhere(writing: "Writing", where: str) -> Refusal:
    return unprocessable(
        NOWHERE,
        "Cette référence ne mène à rien qui vous soit confié.",
        "The reference leads to nothing that this caller may see.",
        f"{writing.resource.get('resourceType', '')}.{where}",
    )
