"""StructureDefinition: the profiles that are checked here, and the extensions of the house.

Of a profile of HL7 France or of the ANS, what is given is what Cordée checks of it, under an
address of the house: the whole is published by its authors, at theirs. A demand on elements that
are chosen by a value (`name[use=official]`) is told as a FHIRPath constraint, the others as
elements.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any

from cordee.fhir.definitions.extensions import EXTENSIONS, Extension
from cordee.fhir.outcome import Json
from cordee.fhir.shape.claims import RULES, Step, steps_of, written
from cordee.fhir.shape.tables import about
from cordee.fhir.systems import CANONICAL, STRUCTURES

BASE = "http://hl7.org/fhir/StructureDefinition/"


def definitions() -> list[Json]:
    """Every profile that is checked, and every extension of the house."""
    return [*map(_profile, written()), *map(_extension, EXTENSIONS)]


def _profile(said: Json) -> Json:
    name = said["url"].rpartition("/")[2]
    return {
        "id": name,
        "url": STRUCTURES + name,
        "name": name,
        "status": "active",
        "publisher": "Cordée",
        "description": f"What is checked here of {said['url']} ({said['guide']}), which its "
        f"authors publish whole ({said['source']}).",
        "fhirVersion": about()["version"],
        "kind": "resource",
        "abstract": False,
        "type": said["type"],
        "baseDefinition": BASE + said["type"],
        "derivation": "constraint",
        "differential": {"element": _elements(said)},
    }


def _elements(said: Json) -> list[Json]:
    """The elements that a profile narrows, after its root, which holds the constraints."""
    root: Json = {"id": said["type"], "path": said["type"]}
    narrowed: dict[str, Json] = {}
    ruled = [_ruled(key, RULES[key][1][1]) for key in said["rules"]]
    number = count(1)
    for demand in said["demands"]:
        steps = steps_of(demand["at"])
        plain = all(one.name == one.spoken and not one.where for one in steps)
        if plain and not {"codes", "value"} & demand.keys():
            path = ".".join((said["type"], *(one.name for one in steps)))
            element = narrowed.setdefault(path, {"id": path, "path": path})
            element |= _narrowed(demand)
        else:
            for expression in _expressions(steps, demand):
                ruled.append(_ruled(f"cordee-{next(number)}", demand["at"], expression))
    return [root | ({"constraint": ruled} if ruled else {}), *narrowed.values()]


def _ruled(key: str, human: str, expression: str = "") -> Json:
    found = {"key": key, "severity": "error", "human": human}
    return found | ({"expression": expression} if expression else {})


def _narrowed(demand: Json) -> Json:
    found: Json = {}
    if "min" in demand:
        found["min"] = demand["min"]
    if "max" in demand:
        found["max"] = str(demand["max"])
    if "targets" in demand:
        led = [BASE + one for one in demand["targets"]]
        found["type"] = [{"code": "Reference", "targetProfile": led}]
    return found


def _expressions(steps: tuple[Step, ...], demand: Json) -> Iterator[str]:
    """A demand in FHIRPath: how many there are in each holder, and what each of them is."""
    *before, last = steps
    holder, here = ".".join(map(_said, before)), _said(last)
    path = f"{holder}.{here}" if holder else here
    for word, sign in (("min", ">="), ("max", "<=")):
        if word in demand:
            counted = f"{here}.count() {sign} {demand[word]}"
            yield f"{holder}.all({counted})" if holder else counted
    if "value" in demand:
        yield f"{path}.all($this = '{demand['value']}')"
    if "codes" in demand:
        yield f"{path}.all({_coded(demand['codes'])})"


def _said(step: Step) -> str:
    if not step.where:
        return step.spoken
    *through, name = step.where
    test = f"{name} = '{step.value}'"
    if through:
        test = f"{'.'.join(through)}.exists({test})"
    return f"{step.spoken}.where({test})"


def _coded(codes: Any) -> str:
    if isinstance(codes, list):
        return f"$this in ({_listed(codes)})"
    tests = (
        f"(system = '{system}'" + (f" and code in ({_listed(some)}))" if some else ")")
        for system, some in codes.items()
    )
    return f"(coding | $this).where({' or '.join(tests)}).exists()"


def _listed(codes: list[str]) -> str:
    return " | ".join(f"'{one}'" for one in codes)


def _extension(one: Extension) -> Json:
    return {
        "id": one.id,
        "url": one.url,
        "name": one.id,
        "title": one.title,
        "status": "active",
        "publisher": "Cordée",
        "fhirVersion": about()["version"],
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": path} for path in one.on],
        "type": "Extension",
        "baseDefinition": BASE + "Extension",
        "derivation": "constraint",
        "differential": {"element": list(_of_extension(one))},
    }


def _of_extension(one: Extension) -> Iterator[Json]:
    yield {"id": "Extension", "path": "Extension", "definition": one.title}
    if not one.type:
        yield {"id": "Extension.extension", "path": "Extension.extension", "min": 1}
    else:
        yield {"id": "Extension.extension", "path": "Extension.extension", "max": "0"}
    yield {"id": "Extension.url", "path": "Extension.url", "fixedUri": one.url}
    if not one.type:
        return
    value = {"id": "Extension.value[x]", "path": "Extension.value[x]", "min": 1}
    value["type"] = [{"code": one.type}]
    if one.codes:
        bound = {"strength": "required", "valueSet": f"{CANONICAL}ValueSet/{one.codes}"}
        value["binding"] = bound
    yield value
