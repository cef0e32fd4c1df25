"""The drawn tables of R4: what each type holds, required codes, formats, and the rules' own words.

Drawn by `tools/draw_shape.py` from HL7's package; nobody edits them by hand.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "r4"
# Two profiles that R4 itself asks for; in a choice they bear the name of their type.
QUANTITIES = {"SimpleQuantity": "Quantity", "MoneyQuantity": "Quantity"}


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type. `codes` is the value set that is required, `targets` what a reference
    may name (empty: anything); a type that begins with `@` is a shape written inside another."""

    name: str
    types: tuple[str, ...]
    least: int = 0
    repeats: bool = False
    targets: frozenset[str] = frozenset()
    codes: str = ""

    @property
    def is_choice(self) -> bool:
        """Say whether the type is part of the name: value[x]."""
        return self.name.endswith("[x]")

    @property
    def spoken(self) -> str:
        """Return the name as a path has it: `value` for value[x]."""
        return self.name.removesuffix("[x]")

    def names(self) -> dict[str, str]:
        """Return each name the element may have in JSON, with the type it then is."""
        if not self.is_choice:
            return {self.name: self.types[0]}
        return {self.spoken + _capital(QUANTITIES.get(kind, kind)): kind for kind in self.types}


def _capital(word: str) -> str:
    return word[0].upper() + word[1:]


@dataclass(frozen=True, slots=True)
class Kind:
    """A complex type, a resource, or a shape inside one (`Patient.contact`)."""

    name: str
    is_resource: bool
    elements: dict[str, Element] = field(default_factory=dict)


def _load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


@cache
def about() -> dict[str, str]:
    """Return the source, version, date and licence of the tables."""
    return _load("about")


@cache
def formats() -> dict[str, str]:
    """Return HL7's pattern of each primitive type."""
    return _load("formats")


@cache
def invariants() -> dict[str, dict[str, Any]]:
    """Return each rule of HL7 of severity error: `en`, `expression`, and the paths it is `on`."""
    return _load("invariants")


@cache
def searches() -> dict[str, dict[str, dict[str, Any]]]:
    """Return HL7's search parameters by type and code: `type`, `url`, `expression`, `targets`."""
    return _load("searches")


def value_sets() -> dict[str, dict[str, list[str]]]:
    """Return the value sets that an element of R4 requires and that can be listed, by system."""
    return _value_sets()


@cache
def _rows() -> dict[str, dict[str, Any]]:
    return _load("types")


@cache
def _value_sets() -> dict[str, dict[str, list[str]]]:
    return _load("codes")


@cache
def kind(name: str) -> Kind:
    """Return a type with what it inherits. Raises KeyError for a name R4 does not have."""
    row = _rows()[name]
    elements = dict(kind(row["base"]).elements) if "base" in row else {}
    for one, said in row["elements"].items():
        elements[one] = Element(
            name=one,
            types=tuple(said["types"]),
            least=said.get("min", 0),
            repeats=said.get("max", "1") != "1",
            targets=frozenset(said.get("targets", ())),
            codes=said.get("codes", ""),
        )
    return Kind(name=name, is_resource=row.get("resource", False), elements=elements)


def every_kind() -> Iterator[Kind]:
    """Give each type of R4, and each shape inside one."""
    return map(kind, _rows())


@cache
def choices() -> dict[str, str]:
    """Return each name of each choice of R4, with what it says: `value` for `valueString`, and for
    `_valueString`. Two elements that these names would take for one choice are of no type that is
    held here (`Device.property`, `ClinicalImpression.finding`)."""
    every = (one for its in every_kind() for one in its.elements.values() if one.is_choice)
    names = ((name, one.spoken) for one in every for name in one.names())
    return {prefix + name: said for name, said in names for prefix in ("", "_")}


@cache
def resource_types() -> frozenset[str]:
    """Return the names of the resources of R4 (those that may be sent)."""
    return frozenset(name for name, row in _rows().items() if row.get("resource"))


@cache
def codes_of(value_set: str) -> dict[str, frozenset[str]] | None:
    """Return the codes of a required value set by system; None when R4 cannot list them."""
    found = _value_sets().get(value_set)
    return None if found is None else {one: frozenset(codes) for one, codes in found.items()}
