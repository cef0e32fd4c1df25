"""An expression evaluated: never an exception, never the clock, never for long.

What goes wrong (a type, several values where one is wanted, an overflow) gives nothing, as the
specification asks of what cannot be computed. What would go on too long is stopped by three
bounds that do not depend on the machine: steps, elements in a collection, characters in a text.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Context as Arithmetic
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from functools import cache
from importlib.resources import files
from typing import Any

from fhirpathpy.engine import do_eval
from fhirpathpy.engine.invocations import invocation_registry
from fhirpathpy.engine.nodes import FP_DateTime, ResourceNode, TypeInfo

from cordee.assessments.rules.fhirpath import functions
from cordee.assessments.rules.fhirpath.names import FUNCTIONS, LINKED
from cordee.assessments.rules.fhirpath.parsing import MAX_LINKED, Parsed
from cordee.assessments.rules.fhirpath.paths import STARTS, Path, follow
from cordee.assessments.rules.fhirpath.plain import Collection, plain

MAX_STEPS = 100_000
"""Calls and the elements they were given; the score of 120 questions takes a few thousand."""
MAX_STEPS_IN_ALL = 500_000
"""Of all the expressions of a response: two or three seconds."""
MAX_ELEMENTS = 5_000
MAX_CHARACTERS = 50_000
ITEM = "QuestionnaireResponse.item"
_SCOPE = ("$this", "$index", "$total")
_NUMBERS = Arithmetic(
    prec=28, Emax=99, Emin=-99, traps=[DivisionByZero, InvalidOperation, Overflow]
)


class _Exhausted(Exception):
    """A bound was reached."""


class Steps:
    """What is left of the steps: of one evaluation, and of all those of a response."""

    def __init__(self) -> None:
        self.left = 0
        self.in_all = MAX_STEPS_IN_ALL

    def begin(self) -> None:
        """Begin another evaluation."""
        self.left = min(MAX_STEPS, self.in_all)

    def spend(self, count: int) -> None:
        """Count what was done; stop the evaluation when nothing is left."""
        self.left -= count
        self.in_all -= count
        if self.left < 0:
            raise _Exhausted


class _Variables(dict[str, Any]):
    """The variables; each reading costs, and gets a list of its own: the library changes some."""

    def __init__(self, values: dict[str, Any], paths: Mapping[str, Path], steps: Steps) -> None:
        super().__init__(values)
        self.paths = paths
        self.steps = steps
        self.weight = 1

    def __contains__(self, name: object) -> bool:
        return name in self.paths or super().__contains__(name)

    def __getitem__(self, name: str) -> Any:
        if name in self.paths:
            path = self.paths[name]
            return follow(path, super().__getitem__(path.start)[0], self.steps.spend)
        self.steps.spend(self.weight if name in STARTS else 1)
        found = super().__getitem__(name)
        return list(found) if isinstance(found, list) else found


@dataclass(frozen=True)
class Scene:
    """What an expression sees: the response, its own line, the variables, the day."""

    resource: Mapping[str, Any]
    context: Mapping[str, Any] | None
    variables: Mapping[str, Collection]
    today: date
    weight: int = 1
    """How many lines the response holds."""
    steps: Steps = field(default_factory=Steps)


def evaluate(expression: Parsed, scene: Scene) -> Collection:
    """Return what an expression gives, [] when it gives nothing or cannot be computed.

    Elements are the library's nodes, which keep the types, or plain values; see `plain`.
    """
    resource = ResourceNode.create_node(scene.resource)
    context = resource if scene.context is None else ResourceNode.create_node(scene.context, ITEM)
    steps = scene.steps
    steps.begin()
    named: dict[str, Any] = {
        "resource": [resource],
        "context": [context],
        "ucum": "http://unitsofmeasure.org",
    }
    variables = _Variables({**scene.variables, **named}, expression.paths, steps)
    variables.weight += scene.weight
    ctx = {
        "dataRoot": [context],
        "$this": [context],
        "vars": variables,
        "model": _model(),
        "userInvocationTable": _table(),
        "steps": steps,
        "today": scene.today,
    }
    try:
        with localcontext(_NUMBERS):
            found = do_eval(ctx, [context], expression.short)
            _bounded(found)
    except Exception:  # whatever the library raises, the expression has no value
        return []
    return list(found)


def _bounded(found: Any) -> None:
    """Stop at a collection, or a text, that grows without end."""
    if not isinstance(found, list):
        found = [found]
    if len(found) > MAX_ELEMENTS:
        raise _Exhausted
    for one in found:
        if isinstance(one, str) and len(one) > MAX_CHARACTERS:
            raise _Exhausted


@cache
def _model() -> dict[str, Any]:
    """Return the types of R4. The library's own loading reads those of four versions."""
    folder = files("fhirpathpy.models") / "r4"
    names = ("choiceTypePaths", "path2Type", "pathsDefinedElsewhere", "type2Parent")
    found = {name: json.loads((folder / f"{name}.json").read_text("utf-8")) for name in names}
    types: Any = TypeInfo
    types.model = found  # read by `ofType`, set by `is` only
    return found


@cache
def _table() -> dict[str, dict[str, Any]]:
    """Return every function and operator, ours over the library's, each one watched."""
    known: dict[str, Any] = {**invocation_registry}
    table: dict[str, dict[str, Any]] = {}
    table.update((name, one) for name, one in known.items() if name in FUNCTIONS)
    for name, fn in functions.OPERATORS.items():
        table[name] = {"fn": fn, "arity": {2: functions.ANY}}
    for name in ("isOp", "asOp"):
        table[name] = known[name]
    for name, fn in functions.ON_ALL.items():
        table[name] = {"fn": fn}
    for name, fn in functions.ON_ROOT.items():
        table[name] = {"fn": fn, "arity": {1: ["AnyAtRoot"]}}
    for name, (fn, arity) in functions.MACROS.items():
        table[name] = {"fn": fn, "arity": arity}
    for name in functions.ON_PLAIN:
        table[name] = {**known[name], "fn": _on_plain(known[name]["fn"])}
    table["today"] = {"fn": lambda ctx, _data: [FP_DateTime(ctx["today"].isoformat())]}
    arities = {count: ["Any"] * count for count in range(1, MAX_LINKED + 1)}
    table[LINKED] = {"fn": _linked, "arity": arities}
    return {name: {**one, "fn": _watched(one["fn"])} for name, one in table.items()}


def _linked(ctx: dict[str, Any], data: Collection, *link_ids: Collection) -> Collection:
    return functions.linked(ctx, data, [one for each in link_ids for one in each])


def _on_plain(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function of the library plain values rather than nodes."""

    def call(ctx: dict[str, Any], data: Collection, *arguments: Any) -> Any:
        values = [_known(plain(one)) for one in data]
        return fn(ctx, values, *(_known(plain(one)) for one in arguments))

    return call


def _known(value: Any) -> Any:
    """A whole Decimal as an int: the library reads booleans and texts from ints only."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value


def _watched(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Count the steps of a call, bound what it gives, and put `$this` back as it found it."""

    def call(ctx: dict[str, Any], *arguments: Any) -> Any:
        ctx["steps"].spend(1 + sum(len(one) for one in arguments if isinstance(one, list)))
        kept: dict[str, Any] = {name: ctx[name] for name in _SCOPE if name in ctx}
        found = fn(ctx, *arguments)
        _bounded(found)
        ctx.update(kept)
        return found

    return call
