"""SearchParameter: each parameter of each type, as the search of this door understands it.

One that HL7 defines is `derivedFrom` HL7's: same meaning, and the modifiers that are held here.
"""

from collections.abc import Iterator
from typing import Any

from cordee.fhir.definitions.addresses import parameter_address, parameter_id
from cordee.fhir.definitions.looking import LOOKED, Looked
from cordee.fhir.outcome import Json
from cordee.fhir.registry import mappings
from cordee.fhir.search.compiler import parameters_of, told_of
from cordee.fhir.search.dates import PREFIXES
from cordee.fhir.search.parameters import Parameter, Reference
from cordee.fhir.shape.tables import searches

COMPARED = frozenset({"date", "number", "quantity"})


def by_hl7(type_name: str, code: str) -> Json:
    """What HL7 says of a parameter; nothing of one of the house."""
    found = searches()
    return found.get(type_name, {}).get(code) or found["Resource"].get(code, {})


def definitions() -> list[Json]:
    """Every parameter of every type."""
    return [*_of_rows(), *_of_definitions()]


def _of_rows() -> Iterator[Json]:
    for mapping in mappings().values():
        for code, one in told_of(mapping).items():
            yield _told(mapping.type, code, one.type, modifiers_of(one)) | _led(one)


def _of_definitions() -> Iterator[Json]:
    for type_name, looked in LOOKED.items():
        for code, one in looked.items():
            yield _told(type_name, code, one.type, _modifiers_there(one))


def _modifiers_there(one: Looked) -> list[str]:
    return sorted({*one.modifiers, "missing"})


def modifiers_of(one: Parameter) -> list[str]:
    """The modifiers that a parameter understands, in FHIR's words."""
    found = set(one.modifiers)
    if one.missing() is not None:
        found.add("missing")
    if isinstance(one, Reference) and len(one.paths) > 1:
        found.add("type")
    return sorted(found)


def _told(type_name: str, code: str, kind: str, modifiers: list[str]) -> Json:
    theirs = by_hl7(type_name, code)
    found: Json = {
        "id": parameter_id(type_name, code),
        "url": parameter_address(type_name, code),
        "name": code,
        "status": "active",
        "publisher": "Cordée",
        "description": _described(type_name, code, theirs),
        "code": code,
        "base": [type_name],
        "type": kind,
        "multipleOr": True,
        "multipleAnd": True,
    }
    if theirs:
        found["derivedFrom"] = theirs["url"]
        if "expression" in theirs:
            found |= {"expression": theirs["expression"], "xpathUsage": "normal"}
    if kind in COMPARED:
        found["comparator"] = list(PREFIXES)
    if modifiers:
        found["modifier"] = modifiers
    return found


def _described(type_name: str, code: str, theirs: Json) -> str:
    if theirs:
        return f"{code} of {type_name}: {theirs['url']}, as it is held here."
    return f"{code} of {type_name}: a parameter of Cordée, that R4 does not have."


def _led(one: Parameter) -> Json:
    """Where a reference leads, and what may be asked there."""
    if not isinstance(one, Reference):
        return {}
    there = [mapping for name in one.paths if (mapping := mappings().get(name))]
    chained: dict[str, Any] = {name: None for mapping in there for name in parameters_of(mapping)}
    found: Json = {"target": sorted(one.paths)}
    return found | ({"chain": sorted(chained)} if chained else {})
