"""The paths of an expression, followed at once instead of step by step by the library.

`%resource.item.where(linkId = 'x').answer.value` is nine calls of the library's evaluator and a
node for each line on the way: nearly all the time of a score. Such a path becomes one variable,
whose value `follow` finds in the JSON; the nodes at its end are those the library would make.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fhirpathpy.engine.nodes import ResourceNode

from cordee.assessments.rules.fhirpath.names import LINKED

Ast = dict[str, Any]
STARTS = ("resource", "context")
_STEPS = ("item", "answer", "value")
_TYPES = {
    "valueInteger": "integer",
    "valueDecimal": "decimal",
    "valueBoolean": "boolean",
    "valueDate": "date",
    "valueDateTime": "dateTime",
    "valueTime": "time",
    "valueString": "string",
    "valueUri": "uri",
    "valueCoding": "Coding",
    "valueQuantity": "Quantity",
}
_ENDS = {"item": "QuestionnaireResponse.item", "answer": "QuestionnaireResponse.item.answer"}


@dataclass(frozen=True)
class Path:
    """Where it starts, then `item`, `answer`, `value`, or the linkIds to keep."""

    start: str
    steps: tuple[str | frozenset[str], ...]


def shortened(tree: Ast) -> tuple[Ast, Mapping[str, Path]]:
    """Return a tree where each path is a variable, and the paths by the names of those."""
    paths: dict[str, Path] = {}

    def shorten(node: Ast) -> Ast:
        path = _path(node)
        if path and path.steps:
            name = f"{len(paths)} "  # no variable of an expression can be called so
            paths[name] = path
            return variable(name)
        children = node.get("children")
        return {**node, "children": [shorten(one) for one in children]} if children else node

    return shorten(tree), paths


def variable(name: str) -> Ast:
    """Return the tree of `%name`."""
    inside = {"type": "Identifier", "text": name, "terminalNodeText": [name]}
    constant = {"type": "ExternalConstant", "terminalNodeText": ["%"], "children": [inside]}
    return {"type": "ExternalConstantTerm", "terminalNodeText": [], "children": [constant]}


def _path(node: Ast) -> Path | None:
    """Read a node as a path; None when it is anything else."""
    if node["type"] == "ExternalConstantTerm":
        name = node["children"][0]["children"][0]["text"]
        return Path(name, ()) if name in STARTS else None
    if node["type"] != "InvocationExpression":
        return None
    start, step = _path(node["children"][0]), _step(node["children"][1])
    if start is None or step is None or "value" in start.steps:
        return None
    return Path(start.start, (*start.steps, step))


def _step(node: Ast) -> str | frozenset[str] | None:
    if node["type"] == "MemberInvocation":
        name: str = node["children"][0]["text"]
        return name if name in _STEPS else None
    if node["type"] == "FunctionInvocation":
        inside = node["children"][0]["children"]
        if inside[0]["text"] == LINKED:
            return frozenset(one["text"][1:-1] for one in inside[1]["children"])
    return None


def follow(path: Path, start: Any, spend: Callable[[int], None]) -> list[Any]:
    """Follow a path from a node of the library; `spend` is told how many objects were looked at."""
    found: list[Any] = [start.data]
    kinds: list[str] = []
    for step in path.steps:
        spend(len(found))
        if isinstance(step, frozenset):
            found = [one for one in found if one.get("linkId") in step]
        elif step == "value":
            kinds = [key for one in found for key in one if key in _TYPES]
            found = [one[key] for one in found for key in one if key in _TYPES]
        else:
            found = [each for one in found for each in one.get(step, ())]
    if path.steps[-1] == "value":
        return [ResourceNode(one, _TYPES[kind]) for one, kind in zip(found, kinds, strict=True)]
    named = [step for step in path.steps if isinstance(step, str)]
    return (
        [ResourceNode(one, _ENDS[named[-1]]) for one in found] if named else [start] * bool(found)
    )
