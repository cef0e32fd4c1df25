"""How definitions are searched: in memory, each parameter at one element. They are few hundreds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import token_of
from cordee.fhir.shape.tables import codes_of, kind
from cordee.people.rules.traits import folded

MODIFIERS = {
    "token": frozenset({"not"}),
    "string": frozenset({"exact", "contains"}),
    "uri": frozenset({"above", "below"}),
    "reference": frozenset[str](),
}


@dataclass(frozen=True)
class Looked:
    """A parameter of definitions: FHIR's word for its kind, and the element it looks at."""

    type: str
    at: str

    @property
    def modifiers(self) -> frozenset[str]:
        """The modifiers it understands besides `:missing`."""
        return MODIFIERS[self.type]

    def holds(self, resource: Json, values: tuple[str, ...], modifier: str) -> bool:
        """Say whether a definition has one of these values, or as the modifier asks."""
        found = _leaves(resource, self.at.split("."))
        if modifier == "missing":
            return (values == ("true",)) is not bool(found)
        matched = any(self._is(resource, one, value, modifier) for one in found for value in values)
        return not matched if modifier == "not" else matched

    def first(self, resource: Json) -> tuple[bool, str]:
        """What a definition is sorted by: its first value; without one, it comes last."""
        found = _leaves(resource, self.at.split("."))
        return (not found, str(found[0]) if found else "")

    def _is(self, resource: Json, found: Any, value: str, modifier: str) -> bool:
        text = str(found).lower() if isinstance(found, bool) else str(found)
        if self.type == "token":
            system, code = token_of(value)
            return code == text and system in (None, *_systems(resource, self.at))
        if self.type == "string":
            return _reads(text, value, modifier)
        if modifier == "below":
            return text == value or text.startswith(f"{value.rstrip('/')}/")
        if modifier == "above":
            return text == value or value.startswith(f"{text.rstrip('/')}/")
        return text.partition("|")[0] == value.partition("|")[0]


def _reads(text: str, value: str, modifier: str) -> bool:
    if modifier == "exact":
        return text == value
    here, wanted = folded(text), folded(value)
    return wanted in here if modifier == "contains" else f" {here}".find(f" {wanted}") >= 0


def _systems(resource: Json, at: str) -> tuple[str, ...]:
    """The systems of the codes that an element must have; none of a text or of a truth."""
    element = kind(resource["resourceType"]).elements.get(at)
    return tuple(codes_of(element.codes) or ()) if element and element.codes else ("",)


def _leaves(resource: Json, names: list[str]) -> list[Any]:
    nodes: list[Any] = [resource]
    for name in names:
        found = (node.get(name) for node in nodes if isinstance(node, dict))
        nodes = [one for inner in found for one in (inner if isinstance(inner, list) else [inner])]
        nodes = [one for one in nodes if one is not None]
    return nodes


EVERYWHERE = {
    "_id": Looked("token", "id"),
    "name": Looked("string", "name"),
    "status": Looked("token", "status"),
    "url": Looked("uri", "url"),
    "version": Looked("token", "version"),
}
TITLED = {**EVERYWHERE, "title": Looked("string", "title")}
LOOKED: Mapping[str, Mapping[str, Looked]] = {
    "CodeSystem": {
        **TITLED,
        "code": Looked("token", "concept.code"),
        "content-mode": Looked("token", "content"),
        "system": Looked("uri", "url"),
    },
    "OperationDefinition": {
        **TITLED,
        "code": Looked("token", "code"),
        "base": Looked("reference", "base"),
        "instance": Looked("token", "instance"),
        "kind": Looked("token", "kind"),
        "type": Looked("token", "type"),
    },
    "SearchParameter": {
        **EVERYWHERE,
        "base": Looked("token", "base"),
        "code": Looked("token", "code"),
        "derived-from": Looked("reference", "derivedFrom"),
        "target": Looked("token", "target"),
        "type": Looked("token", "type"),
    },
    "StructureDefinition": {
        **TITLED,
        "base": Looked("reference", "baseDefinition"),
        "derivation": Looked("token", "derivation"),
        "kind": Looked("token", "kind"),
        "type": Looked("uri", "type"),
    },
    "ValueSet": {**TITLED, "reference": Looked("uri", "compose.include.system")},
}
