"""French profiles, as data: what each asks beyond R4, checked when a resource claims it.

`profiles/*.json` say the guide and version that were read. A demand names elements by a path
(`name[use=official].given`) and asks one thing of them: how many there are (`min`, `max`), a code
(`codes`: a list, or by system, an empty list standing for any code of it), a fixed `value`, or what
a reference leads to (`targets`). `min` and `max` are counted in each element that holds them.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cordee.fhir.shape.references import named_type
from cordee.fhir.shape.trouble import Severity, Trouble, sentences

FOLDER = Path(__file__).resolve().parent / "profiles"
BASE = "http://hl7.org/fhir/StructureDefinition/"
RELIABILITY = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability"
INS = {
    ("urn:oid:1.2.250.1.213.1.4.8", "official"),
    ("urn:oid:1.2.250.1.213.1.4.9", "temp"),
    ("urn:oid:1.2.250.1.213.1.4.10", "official"),
    ("urn:oid:1.2.250.1.213.1.4.11", "official"),
}
_VALUE = re.compile("^value[A-Z].*")
_STEP = re.compile(r"([A-Za-z]+)(?:\[([A-Za-z.]+)=([^\]]*)\])?(?:\.|$)")
Values = dict[str, Any]
Node = tuple[str, Any]  # a path, and what is there


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: an element, perhaps only where something in it has a value.

    `spoken` is the name as FHIRPath has it: `value` for `valueCoding`.
    """

    name: str
    spoken: str
    where: tuple[str, ...] = ()
    value: str = ""

    def keeps(self, found: Any) -> bool:
        """Say whether a value is one of those the step is about."""
        if len(self.where) == 1 and found.__class__ is dict:
            return bool(found.get(self.where[0]) == self.value)
        return not self.where or self.value in _leaves(found, self.where)


@dataclass(slots=True)
class Branch:
    """What is asked where a step leads, and further: the demands of a profile, walked once."""

    step: Step
    asked: list[Values]
    further: list["Branch"]


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile: its address, the guide it was read in, and what it asks."""

    url: str
    also: tuple[str, ...]
    type: str
    guide: str
    branches: list[Branch]
    rules: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the last word of its address."""
        return self.url.rpartition("/")[2]


@cache
def written() -> tuple[Values, ...]:
    """Return what is written of each profile, in the order of the files."""
    paths = sorted(FOLDER.glob("*.json"))
    return tuple(json.loads(path.read_text(encoding="utf-8")) for path in paths)


@cache
def known() -> dict[str, Profile]:
    """Return the profiles by address, those of older versions of a guide included."""
    found: dict[str, Profile] = {}
    for said in written():
        profile = Profile(
            url=said["url"],
            also=tuple(said["also"]),
            type=said["type"],
            guide=said["guide"],
            branches=_branches(said["demands"]),
            rules=tuple(said["rules"]),
        )
        found |= dict.fromkeys((profile.url, *profile.also), profile)
    return found


def _branches(demands: list[Values]) -> list[Branch]:
    """Bring together the demands whose paths begin alike."""
    root: list[Branch] = []
    for demand in demands:
        branches, branch = root, None
        for step in steps_of(demand["at"]):
            branch = next((one for one in branches if one.step == step), None)
            if branch is None:
                branch = Branch(step, [], [])
                branches.append(branch)
            branches = branch.further
        if branch is not None:
            branch.asked.append(demand)
    return root


def steps_of(path: str) -> tuple[Step, ...]:
    """Return the steps of the path of a demand."""
    return tuple(
        Step(name, _VALUE.sub("value", name), tuple(where.split(".")) if where else (), value)
        for name, where, value in _STEP.findall(path)
    )


def claimed(resource: Values, required: Iterable[str], path: str) -> list[Trouble]:
    """Return what the profiles that a resource claims, or that are required of it, find wrong."""
    claims = list(resource.get("meta", {}).get("profile", ()))
    found: list[Trouble] = []
    wanted: dict[str, Profile] = {}
    for rank, claim in enumerate([*claims, *required]):
        url = str(claim).partition("|")[0]
        profile = known().get(url)
        if profile is not None and profile.type == resource["resourceType"]:
            wanted[profile.url] = profile
        elif rank < len(claims) and not url.startswith(BASE):
            here = f"{path}.meta.profile[{rank}]"
            found.append(_trouble(here, "unknown_profile", "", "", "warning"))
    for profile in wanted.values():
        found += asked(profile, resource, path)
    return found


def asked(profile: Profile, resource: Values, path: str) -> list[Trouble]:
    """Return what a profile finds wrong with a resource whose shape is right."""
    found = _walked(profile.branches, (path, resource), profile.name)
    broken = (rule for rule in profile.rules if not RULES[rule][0](resource))
    return found + [Trouble(path, rule, "error", *RULES[rule][1]) for rule in broken]


def _walked(branches: list[Branch], holder: Node, profile: str) -> list[Trouble]:
    found: list[Trouble] = []
    for branch in branches:
        nodes = _at(branch.step, holder)
        for asked_of in branch.asked:
            found += _judged(branch.step, asked_of, holder, nodes, profile)
        if branch.further:
            for node in nodes:
                found += _walked(branch.further, node, profile)
    return found


def _at(step: Step, holder: Node) -> list[Node]:
    """Return what a step leads to from one holder."""
    path, value = holder
    found = value.get(step.name) if value.__class__ is dict else None
    if found is None:
        return []
    if found.__class__ is list:
        here = f"{path}.{step.spoken}"
        return [(f"{here}[{rank}]", one) for rank, one in enumerate(found) if step.keeps(one)]
    return [(f"{path}.{step.spoken}", found)] if step.keeps(found) else []


def _judged(
    step: Step, asked_of: Values, holder: Node, nodes: list[Node], profile: str
) -> Iterator[Trouble]:
    here = f"{holder[0]}.{step.spoken}"
    if len(nodes) < asked_of.get("min", 0):
        which = f"{'.'.join(step.where)} = {step.value}" if step.where else ""
        yield _trouble(here, "missing_one" if which else "missing", which, profile)
    most = asked_of.get("max", len(nodes))
    if len(nodes) > most:
        yield _trouble(here, "too_many" if most else "forbidden", str(most or profile), profile)
    for path, value in nodes:
        complaint = _complaint(asked_of, value)
        if complaint:
            yield _trouble(path, complaint[0], complaint[1], profile)


def _complaint(asked_of: Values, value: Any) -> tuple[str, str] | None:
    """Return the code and the words of what is wrong with one value, if anything is."""
    if "value" in asked_of and value != asked_of["value"]:
        return "fixed", str(asked_of["value"])
    if "codes" in asked_of and not _is_coded(value, asked_of["codes"]):
        return "not_in_value_set", _listed(asked_of["codes"])
    text = value.get("reference") if "targets" in asked_of else None
    name = named_type(text) if text and text[0] != "#" else ""
    if name and name not in asked_of["targets"]:
        return "wrong_target", ", ".join(asked_of["targets"])
    return None


def _is_coded(value: Any, codes: Any) -> bool:
    if isinstance(codes, list):
        return bool(value in codes)
    for one in value.get("coding", ()) if "coding" in value else [value]:
        listed = codes.get(one.get("system"))
        if listed is not None and (not listed or one.get("code") in listed):
            return True
    return False


def _listed(codes: Any) -> str:
    if isinstance(codes, list):
        return " | ".join(codes)
    return ", ".join(system.rpartition("/")[2] for system in codes)


def _leaves(value: Any, names: tuple[str, ...]) -> list[Any]:
    """Return the values at the end of names, through lists."""
    nodes = [value]
    for name in names:
        found = (node.get(name) for node in nodes if isinstance(node, dict))
        nodes = [one for inner in found for one in (inner if isinstance(inner, list) else [inner])]
    return nodes


def _trouble(
    path: str, code: str, about: str, profile: str, severity: Severity = "error"
) -> Trouble:
    french, english = sentences(code, about)
    if profile:
        french = f"{french[:-1]} (profil {profile})."
        english = f"{english[:-1]} (profile {profile})."
    return Trouble(path, "missing" if code == "missing_one" else code, severity, french, english)


def _is_validated(patient: Values) -> bool:
    return any(
        coding.get("code") == "VALI"
        for extension in patient.get("extension", ())
        if extension["url"] == RELIABILITY
        for inner in extension.get("extension", ())
        if inner["url"] == "identityStatus"
        for coding in [inner.get("valueCoding", {})]
    )


def _has_ins(patient: Values) -> bool:
    uses = {(one.get("system"), one.get("use")) for one in patient.get("identifier", ())}
    return not _is_validated(patient) or not uses.isdisjoint(INS)


def _has_one_official(patient: Values) -> bool:
    if not _is_validated(patient):
        return True
    given = patient.get("identifier", ())
    if any((one.get("system"), one.get("use")) == NIA for one in given):
        return True
    return [one.get("use") for one in given].count("official") == 1


NIA = ("urn:oid:1.2.250.1.213.1.4.9", "temp")
# The rules of the profiles: whether each is held, and its words, French and English.
RULES: dict[str, tuple[Callable[[Values], bool], tuple[str, str]]] = {
    "fr-core-1": (
        _has_ins,
        (
            "Une identité validée (VALI) porte un matricule INS, avec son usage.",
            "A validated identity (VALI) carries an INS identifier, with its use.",
        ),
    ),
    "fr-core-2": (
        _has_one_official,
        (
            "Une identité validée (VALI) n’a qu’un identifiant officiel, ou un NIA temporaire.",
            "A validated identity (VALI) has one official identifier only, or a temporary NIA.",
        ),
    ),
}
