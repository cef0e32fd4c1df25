"""Resources made from the definitions of R4: right ones, and the same with one thing wrong.

`resources()` is a Hypothesis strategy; `resource(kind, random, richness)` the same without it. What
is drawn satisfies the rules that bind elements (drawn again until it does), names no one, and holds
neither contained resources nor narrative.
"""

import base64
import string
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from cordee.fhir.shape import tables
from cordee.fhir.shape.invariants import rules_of

TRIES = 40
LEFT_OUT = {"contained", "implicitRules", "modifierExtension"}
# What a bundle, parameters or a definition would need to be more than shaped: drawn by nobody.
NOT_DRAWN = frozenset(
    {"Bundle", "Parameters", "StructureDefinition", "ImplementationGuide", "CapabilityStatement"}
)
KINDS = sorted(tables.resource_types() - NOT_DRAWN)
_STATUS = "http://terminology.hl7.org/CodeSystem/allergyintolerance"
# What is given where forty draws kept no rule.
PLAIN: dict[str, dict[str, Any]] = {
    "AllergyIntolerance": {
        "clinicalStatus": {"coding": [{"system": f"{_STATUS}-clinical", "code": "active"}]},
        "patient": {"reference": "Patient/1"},
    },
    "Appointment.participant": {"status": "accepted", "actor": {"reference": "Patient/1"}},
    "Expression": {"language": "text/fhirpath", "expression": "true"},
    "Extension": {"url": "https://exemple.fr/extension", "valueBoolean": True},
    "Ratio": {"numerator": {"value": 1}, "denominator": {"value": 2}},
    "TriggerDefinition": {"type": "named-event", "name": "a"},
}
FORMED = {"mimetypes": "text/plain", "currencies": "EUR"}


def resources(kinds: list[str] = KINDS) -> st.SearchStrategy[dict[str, Any]]:
    """Give right resources of some types; fewer elements first when Hypothesis simplifies."""
    return st.builds(
        lambda kind, seed, richness: resource(kind, Random(seed), richness),
        st.sampled_from(kinds),
        st.integers(0, 2**32),
        st.integers(0, 3),
    )


def resource(kind: str, random: Random, richness: int = 2) -> dict[str, Any]:
    """Return a right resource. `richness`, from 0 to 3, says how many optional elements it has."""
    return {"resourceType": kind, **Drawing(random, richness).shape(kind, 0)}


@dataclass
class Drawing:
    """One resource being drawn."""

    random: Random
    richness: int

    def shape(self, kind: str, depth: int) -> dict[str, Any]:
        """Return an object of a type that keeps the rules of its type."""
        rules = rules_of(kind)
        for attempt in range(TRIES):
            chance = (0.05, 0.2, 0.4, 0.6)[self.richness] / (1 + depth)
            chance *= 1 + attempt / 10 if attempt % 2 else 1 - attempt / TRIES  # more, or fewer
            drawn = self._object(kind, depth, chance)
            if drawn and all(rule.holds(drawn) for rule in rules):
                return drawn
        return deepcopy(PLAIN[kind])

    def _object(self, kind: str, depth: int, chance: float) -> dict[str, Any]:
        drawn: dict[str, Any] = {}
        for element in tables.kind(kind).elements.values():
            if _is_left_out(kind, element):
                continue
            extra = element.name == "extension" and depth > 1
            if element.least or (not extra and self.random.random() < chance):
                name, type_name = self.random.choice(sorted(element.names().items()))
                drawn[name] = self._values(element, type_name, kind, depth)
        return drawn or self._smallest(kind, depth)

    def _smallest(self, kind: str, depth: int) -> dict[str, Any]:
        """Return an object with one element, of those that end soonest."""
        plain = [
            one
            for one in tables.kind(kind).elements.values()
            if one.types[0] in PRIMITIVES and not one.is_choice and not _is_left_out(kind, one)
        ]
        if not plain:
            return {}
        one = self.random.choice(plain)
        return {one.name: self._values(one, one.types[0], kind, depth)}

    def _values(self, element: tables.Element, type_name: str, holder: str, depth: int) -> Any:
        if not element.repeats:
            return self._value(element, type_name, holder, depth)
        number = 1 + self.random.randrange(2) * (depth < 2)
        return [self._value(element, type_name, holder, depth) for _ in range(number)]

    def _value(self, element: tables.Element, type_name: str, holder: str, depth: int) -> Any:
        if element.name == "id":
            return identifier(self.random)
        if element.name == "url" and holder == "Extension":
            return address(self.random)
        if element.codes:
            return self._coded(element.codes, type_name)
        if type_name == "Reference":
            return self._reference(sorted(element.targets))
        if type_name in PRIMITIVES:
            return PRIMITIVES[type_name](self.random)
        return self.shape(type_name.removeprefix("@"), depth + 1)

    def _coded(self, value_set: str, type_name: str) -> Any:
        codes = tables.codes_of(value_set)
        if codes is None:
            code = FORMED.get(value_set.rpartition("/")[2], "a")
            coding = {"system": "http://unitsofmeasure.org", "code": code}
        else:
            system = self.random.choice(sorted(one for one in codes if codes[one]))
            coding = {"system": system, "code": self.random.choice(sorted(codes[system]))}
        if type_name == "CodeableConcept":
            return {"coding": [coding]}
        return coding if type_name in ("Coding", "Quantity") else coding["code"]

    def _reference(self, targets: list[str]) -> dict[str, str]:
        kind = self.random.choice(targets or ["Patient", "Practitioner"])
        base = self.random.choice(["", "https://exemple.fr/fhir/"])
        return {"reference": f"{base}{kind}/{identifier(self.random)}"}


def _is_left_out(kind: str, element: tables.Element) -> bool:
    """Leave out what says more than a shape: what is within, a text, the claim of a profile."""
    is_claim = (kind, element.name) == ("Meta", "profile")
    is_within = not {"Resource", "Narrative"}.isdisjoint(element.types)
    return is_claim or is_within or element.name in LEFT_OUT


def identifier(random: Random) -> str:
    """Return an id."""
    return "".join(random.choices(string.ascii_letters + string.digits + "-.", k=12))


def address(random: Random) -> str:
    """Return a whole address, of nothing that exists."""
    return f"https://exemple.fr/{identifier(random)}"


def words(random: Random) -> str:
    """Return some text, with accents and signs that a screen would have to write with care."""
    return "".join(random.choices("abcéèœ ÿ’&<>\"'\n0é漢", k=random.randint(1, 12))).strip() or "a"


def moment(random: Random) -> datetime:
    """Return a moment of a century."""
    return datetime(1950, 1, 1, tzinfo=UTC) + timedelta(seconds=random.randrange(10**9 * 3))


def _instant(random: Random) -> str:
    written = moment(random).isoformat(timespec=random.choice(["seconds", "milliseconds"]))
    return written.replace("+00:00", random.choice(["Z", "+02:00", "-11:30"]))


def _date(random: Random) -> str:
    return moment(random).date().isoformat()[: random.choice([4, 7, 10])]


PRIMITIVES: dict[str, Callable[[Random], Any]] = {
    "boolean": lambda random: random.random() < 0.5,
    "integer": lambda random: random.randint(-(2**31), 2**31 - 1),
    "unsignedInt": lambda random: random.choice([0, 1, 7, 2**31 - 1]),
    "positiveInt": lambda random: random.choice([1, 2, 2**31 - 1]),
    "decimal": lambda random: random.choice([0, 3, Decimal("1.50"), 0.1, Decimal("1E-9")]),
    "string": words,
    "markdown": words,
    "http://hl7.org/fhirpath/System.String": words,
    "code": lambda random: random.choice(["a", "b-c", "deux mots"]),
    "id": identifier,
    "uri": lambda random: random.choice(["urn:oid:1.2.250.1.213.1.4.8", address(random)]),
    "url": address,
    "canonical": lambda random: address(random) + random.choice(["", "|1.0"]),
    "oid": lambda random: f"urn:oid:1.2.{random.randrange(999)}",
    "uuid": lambda random: UUID(int=random.getrandbits(128)).urn,
    "base64Binary": lambda random: base64.b64encode(random.randbytes(7)).decode(),
    "date": _date,
    "dateTime": lambda random: random.choice([_date, _instant])(random),
    "instant": _instant,
    "time": lambda random: moment(random).time().isoformat(timespec="seconds"),
}


@dataclass(frozen=True)
class Place:
    """One element of a resource: what holds it, its name there, and its path."""

    holder: dict[str, Any]
    kind: str
    name: str
    element: tables.Element
    type_name: str
    path: str


def places(value: dict[str, Any], kind: str = "", path: str = "") -> Iterator[Place]:
    """Give every element of a resource."""
    kind = kind or value["resourceType"]
    path = path or kind
    for element in tables.kind(kind).elements.values():
        for name, type_name in element.names().items():
            if name not in value:
                continue
            here = f"{path}.{element.spoken}"
            yield Place(value, kind, name, element, type_name, here)
            if type_name not in PRIMITIVES and type_name not in ("Resource", "xhtml"):
                yield from _inner(value[name], type_name.removeprefix("@"), here)


def _inner(value: Any, kind: str, path: str) -> Iterator[Place]:
    if isinstance(value, dict):
        yield from places(value, kind, path)
    for rank, one in enumerate(value if isinstance(value, list) else ()):
        yield from places(one, kind, f"{path}[{rank}]")


def spoiled(value: dict[str, Any], random: Random) -> tuple[str, str]:
    """Make one thing wrong in a resource, in place; return the path of it and the code awaited."""
    place = random.choice(list(places(value)))
    ways = [_of_another_type, _with_a_stranger]
    ways += [_without] if place.element.least else []
    ways += [_off_the_list] if tables.codes_of(place.element.codes) else []
    ways += [_emptied, _listed]
    return random.choice(ways)(place)


def _of_another_type(place: Place) -> tuple[str, str]:
    is_object = place.type_name not in PRIMITIVES
    wrong: Any = "texte" if is_object or place.type_name == "boolean" else {"a": 1}
    place.holder[place.name] = [wrong] if place.element.repeats else wrong
    return place.path + ("[0]" if place.element.repeats else ""), "wrong_type"


def _with_a_stranger(place: Place) -> tuple[str, str]:
    place.holder["inconnu"] = "a"
    return place.path.rpartition(".")[0] + ".inconnu", "unknown_element"


def _without(place: Place) -> tuple[str, str]:
    del place.holder[place.name]
    return place.path, "missing"


def _off_the_list(place: Place) -> tuple[str, str]:
    coding: Any = {"system": "https://exemple.fr", "code": "hors-liste"}
    if place.type_name == "CodeableConcept":
        coding = {"coding": [coding]}
    elif place.type_name not in ("Coding", "Quantity"):
        coding = coding["code"]
    place.holder[place.name] = [coding] if place.element.repeats else coding
    return place.path + ("[0]" if place.element.repeats else ""), "not_in_value_set"


def _emptied(place: Place) -> tuple[str, str]:
    empty: Any = {} if place.type_name not in PRIMITIVES else ""
    if place.type_name in ("boolean", "decimal", "integer", "unsignedInt", "positiveInt"):
        place.holder[place.name] = [None] if place.element.repeats else None
        return place.path + ("[0]" if place.element.repeats else ""), "null"
    place.holder[place.name] = [] if place.element.repeats else empty
    return place.path, "empty"


def _listed(place: Place) -> tuple[str, str]:
    value = place.holder[place.name]
    place.holder[place.name] = value[0] if place.element.repeats else [value]
    return place.path, "not_a_list" if place.element.repeats else "a_list"
