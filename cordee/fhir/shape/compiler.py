"""From the tables of R4 to functions: one closure per type, made when first met, kept for ever.

A closure returns None for what is right: a resource without fault pays for neither paths nor words.
What cannot be settled where it is met (a local reference, a null in a list) goes up as a finding,
and is settled by the element or the resource that holds what is missing.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from cordee.fhir.shape import tables
from cordee.fhir.shape.contained import settled
from cordee.fhir.shape.invariants import rules_of
from cordee.fhir.shape.invariants.rule import Rule
from cordee.fhir.shape.narrative import xhtml
from cordee.fhir.shape.primitives import FORMS, PRIMITIVES, Check, among, formed, named
from cordee.fhir.shape.references import reference
from cordee.fhir.shape.tables import Element
from cordee.fhir.shape.trouble import Finding, Found, joined, noted

Codes = dict[str, frozenset[str]]
Entry = tuple[int, str, Check]  # the bit that says « seen », the name in a path, the check
SYSTEM = "http://hl7.org/fhirpath/System.String"
_ATTRIBUTES = {"url": "uri"}  # of an extension; the other one is the id of an element
CODED = {"Coding", "CodeableConcept", "Quantity"}


def anything(value: Any) -> Found:
    """Accept: the element is judged elsewhere."""
    return None


def resource(value: Any) -> Found:
    """Check a resource that stands by itself: at the root, in a bundle, in parameters."""
    found = contained(value)
    if found is None and "contained" not in value:
        return None
    return settled(value, found)


def contained(value: Any) -> Found:
    """Check a resource inside another, whose local references the other one settles."""
    if value.__class__ is not dict:
        return [Finding("wrong_type", "object")]
    name = value.get("resourceType")
    if name.__class__ is not str or name not in tables.resource_types():
        return [Finding("unknown_resource", path=["resourceType"])]
    return shape(name)(value)


@cache
def shape(name: str) -> Check:
    """Return the check of a complex type, a resource, or a shape inside one."""
    kind = tables.kind(name)
    entries: dict[str, Entry] = {"resourceType": (0, "resourceType", anything)}
    if not kind.is_resource:
        entries = {}
    needed: list[tuple[int, str]] = []
    choices: list[tuple[int, str]] = []
    bit = 1
    for element in kind.elements.values():
        first = bit
        for spelled, type_name in element.names().items():
            mine = bit if element.least or element.is_choice else 0
            bit <<= 1 if mine else 0
            entries |= _entries(element, spelled, type_name, mine, name)
        mask = bit - first
        if element.is_choice:
            choices.append((mask, element.spoken))
        if element.least:
            needed.append((mask, element.spoken))
    return _object(name, entries, _Bonds(_Demands(needed, choices), rules_of(name)))


def _entries(
    element: Element, spelled: str, type_name: str, bit: int, holder: str
) -> dict[str, Entry]:
    """Return the entry of a name, and that of its `_name` when it is primitive."""
    inner = _value(element, type_name, holder)
    is_primitive = type_name in PRIMITIVES
    check = _many(inner, "null_here" if is_primitive else "null") if element.repeats else inner
    found: dict[str, Entry] = {spelled: (bit, element.spoken, check)}
    if is_primitive and type_name != SYSTEM:  # what XML writes as an attribute has no extension
        beside: Check = lambda value: shape("Element")(value)  # noqa: E731  (made when met)
        aside = _many(beside, "null_beside") if element.repeats else beside
        found["_" + spelled] = (bit, element.spoken, aside)
    return found


def _value(element: Element, type_name: str, holder: str) -> Check:
    """Return the check of one value of an element."""
    if type_name == SYSTEM:
        type_name = _ATTRIBUTES.get(element.name, "string")
        type_name = "id" if holder in tables.resource_types() else type_name
    if type_name == "Resource":
        return contained if element.name == "contained" else resource
    if type_name == "Reference":
        return reference(_later("Reference"), element.targets)
    if element.codes:
        return _coded(type_name, element.codes)
    if type_name == "xhtml":
        return xhtml
    return PRIMITIVES.get(type_name) or _later(type_name.removeprefix("@"))


def _later(name: str) -> Check:
    """Return the check of a type that may hold itself: it is looked for when it is met."""
    if name in tables.resource_types():
        return resource
    found: list[Check] = []

    def check(value: Any) -> Found:
        if not found:
            found.append(shape(name))
        return found[0](value)

    return check


def _coded(type_name: str, value_set: str) -> Check:
    """Return the check of what must be taken from a value set."""
    codes = tables.codes_of(value_set)
    if codes is None:
        is_formed = type_name == "code" and value_set in FORMS
        return formed(value_set) if is_formed else PRIMITIVES.get(type_name) or _later(type_name)
    if type_name not in CODED:
        return among(frozenset().union(*codes.values()), value_set)
    inner = _later(type_name)
    holds = _concept_in(codes) if type_name == "CodeableConcept" else _coding_in(codes)

    def check(value: Any) -> Found:
        bad = inner(value)
        if bad is None and not holds(value):
            return [Finding("not_in_value_set", named(value_set))]
        return bad

    return check


def _coding_in(codes: Codes) -> Callable[[Any], bool]:
    """Say whether a Coding, or the unit of a Quantity, is of the set."""
    return lambda value: value.get("code") in codes.get(value.get("system", ""), ())


def _concept_in(codes: Codes) -> Callable[[Any], bool]:
    """Say whether one coding at least is of the set (FHIR R4, terminologies, required)."""
    holds = _coding_in(codes)
    return lambda value: any(holds(one) for one in value.get("coding", ()))


def _many(inner: Check, null: str) -> Check:
    """Return the check of a list, neither empty nor a single value; `null` is said of a null."""

    def check(value: Any) -> Found:
        if value.__class__ is not list:
            return [Finding("not_a_list")]
        for one in value:
            if one is None or inner(one) is not None:
                return each(value)
        return None if value else [Finding("empty")]

    def each(value: list[Any]) -> Found:
        found: Found = None
        for rank, one in enumerate(value):
            bad = [Finding(null)] if one is None else inner(one)
            if bad is not None:
                found = joined(found, rank, bad)
        return found

    return check


class _Demands:
    """What must be there, and the forms of which one at most may be."""

    def __init__(self, needed: list[tuple[int, str]], choices: list[tuple[int, str]]) -> None:
        self.needed, self.choices = needed, choices
        self.single = sum(mask for mask, _ in needed if not mask & (mask - 1))
        self.several = [mask for mask, _ in needed if mask & (mask - 1)]

    def are_met(self, seen: int) -> bool:
        """Say whether nothing is missing and no choice is made twice."""
        if seen & self.single != self.single:
            return False
        for mask in self.several:
            if not seen & mask:
                return False
        for mask, _ in self.choices:
            made = seen & mask
            if made & (made - 1):
                return False
        return True

    def complaints(self, seen: int) -> Iterable[Finding]:
        """Say what is missing, and what was chosen twice."""
        for mask, name in self.needed:
            if not seen & mask:
                yield Finding("missing", path=[name])
        for mask, name in self.choices:
            made = seen & mask
            if made & (made - 1):
                yield Finding("two_choices", name, path=[name])


class _Bonds:
    """What binds the elements of an object together: what must be there, and the rules."""

    def __init__(self, demands: _Demands, rules: list[Rule]) -> None:
        self.demands = demands
        self.rules = [(rule.key, rule.holds) for rule in rules]

    def settled(self, value: dict[str, Any], seen: int, found: Found) -> Found:
        """Judge an object where something was found, or is missing."""
        found = _without_paired_nulls(value, found or [])
        for complaint in self.demands.complaints(seen):
            found = noted(found, complaint)
        if found is None or all(one.severity == "warning" for one in found):
            broken = self.broken(value) or []
            return [*(found or ()), *broken] or None
        return found

    def broken(self, value: dict[str, Any]) -> Found:
        """Return the rules that an object does not hold."""
        found: Found = None
        for rule, is_held in self.rules:
            if not is_held(value):
                found = noted(found, Finding(rule))
        return found


def _object(name: str, entries: dict[str, Entry], bonds: _Bonds) -> Check:
    """Return the check of an object: its names, what each holds, then what binds them together."""
    entry_of, are_met, broken = entries.get, bonds.demands.are_met, bonds.broken

    def check(value: Any) -> Found:
        if value.__class__ is not dict:
            return [_not_an_object(value)]
        if not value:
            return [Finding("empty"), *bonds.demands.complaints(0)]
        seen, found = 0, None
        for key, one in value.items():
            bit, spoken, inner = entry_of(key) or (0, "", None)
            if inner is None:
                found = noted(found, _unknown(key, name))
                continue
            seen |= bit
            bad = inner(one)
            if bad is not None:
                found = joined(found, spoken, bad)
        if found is not None or not are_met(seen):
            return bonds.settled(value, seen, found)
        return broken(value)

    return check


def _not_an_object(value: Any) -> Finding:
    if value.__class__ is list:
        return Finding("a_list")
    return Finding("null") if value is None else Finding("wrong_type", "object")


def _unknown(key: Any, holder: str) -> Finding:
    """Name an element that does not exist, unless its name is no name: it could be anything."""
    is_name = key.isascii() and key.isidentifier() and len(key) <= 64
    return Finding("unknown_element", holder, path=[key] if is_name else [])


def _without_paired_nulls(value: dict[str, Any], found: list[Finding]) -> Found:
    """Drop the nulls of a list that stand beside an extension, or beside a value."""
    kept = []
    for one in found:
        if one.code in ("null_here", "null_beside") and len(one.path) == 2:
            rank, name = one.path
            other = value.get(f"_{name}" if one.code == "null_here" else str(name))
            if isinstance(other, list) and rank.__class__ is int and _holds(other, rank):
                continue
            one.code = "null"
        kept.append(one)
    return kept or None


def _holds(other: list[Any], rank: Any) -> bool:
    return bool(rank < len(other)) and other[rank] is not None
