"""The expressions of a response, evaluated on the server from the answers that are settled.

An expression is shown the lines it reads and no other: it is counted faster, and cannot see an
answer that is not settled yet. Source: https://hl7.org/fhir/uv/sdc/STU3/expressions.html.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from fhirpathpy.engine.nodes import FP_Quantity, FP_TimeBase, ResourceNode

from cordee.assessments.rules import urls
from cordee.assessments.rules.definition import (
    KIND_OF,
    Coding,
    Constant,
    Item,
    Option,
    Quantity,
    Value,
)
from cordee.assessments.rules.fhirpath.evaluation import Scene, Steps, evaluate
from cordee.assessments.rules.fhirpath.plain import Collection, plain, truth
from cordee.assessments.rules.limits import option_of
from cordee.assessments.rules.scopes import ROOT, Ready
from cordee.assessments.rules.tree import Node, Tree
from cordee.assessments.rules.values import DIGITS, coding, day, moment, number

Object = dict[str, Any]
MAX_OFFERED = 500
_ROUNDED = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True)
class _Shot:
    """The response as an expression sees it, with the object of each line that is in it."""

    resource: Object
    lines: Mapping[int, Object]


class Counter:
    """Evaluates the expressions of one response on one day."""

    def __init__(self, tree: Tree, today: date) -> None:
        self.tree = tree
        self.today = today
        self._steps = Steps()
        self._shots: dict[frozenset[str], _Shot] = {}
        self._variables: dict[tuple[Any, ...], Collection] = {}

    def holds(self, ready: Ready, node: Node | None, apart: frozenset[str]) -> bool | None:
        """Say whether an expression is true; None when it says nothing."""
        try:
            return truth(self.value(ready, node, apart))
        except TypeError:
            return None

    def answer(self, ready: Ready, node: Node, apart: frozenset[str]) -> list[Constant]:
        """Return the answer an expression gives to a question, [] when it gives none."""
        found = self.value(ready, node, apart)
        answer = _constant(node.item, found[0]) if len(found) == 1 else None
        return [] if answer is None else [answer]

    def offered(self, ready: Ready, node: Node, apart: frozenset[str]) -> tuple[Option, ...]:
        """Return the answers an expression offers, each once."""
        found = (_option(one) for one in self.value(ready, node, apart)[:MAX_OFFERED])
        return tuple({one.code: one for one in found if one is not None}.values())

    def value(self, ready: Ready, node: Node | None, apart: frozenset[str]) -> Collection:
        """Evaluate an expression for a line, without the lines that are set apart."""
        links = ready.links - apart if apart else ready.links
        at = (
            next((one for one in node.lineage if one.item.link_id == ready.owner), None)
            if node
            else None
        )
        known = (id(ready), id(at), links)
        if known not in self._variables:
            self._variables[known] = self._evaluated(ready, at, links, apart)
        return self._variables[known]

    def _evaluated(
        self, ready: Ready, at: Node | None, links: frozenset[str], apart: frozenset[str]
    ) -> Collection:
        shot = self._shot(links)
        context = None
        if at is not None and ready.owner != ROOT:
            context = shot.lines.get(id(at), {"linkId": at.item.link_id})
        scene = Scene(
            resource=shot.resource,
            context=context,
            variables={name: self.value(one, at, apart) for name, one in ready.variables.items()},
            today=self.today,
            weight=len(shot.lines),
            steps=self._steps,
        )
        return evaluate(ready.parsed, scene)

    def _shot(self, links: frozenset[str]) -> _Shot:
        if links not in self._shots:
            self._shots[links] = _taken(self.tree, links)
        return self._shots[links]


def _taken(tree: Tree, links: Iterable[str]) -> _Shot:
    """Write the answered lines among `links`, with those above them, as a QuestionnaireResponse."""
    resource: Object = {"resourceType": "QuestionnaireResponse"}
    lines: dict[int, Object] = {}
    nodes = [one for link_id in links for one in tree.by_link[link_id] if one.answers]
    for node in sorted(nodes, key=lambda one: one.rank):
        if node.enabled:
            line = _line(node, resource, lines)
            line["answer"] = [_written(one, node) for one in node.answers]
    return _Shot(resource, lines)


def _line(node: Node, resource: Object, lines: dict[int, Object]) -> Object:
    """Return the object of a line, making those above it on the way. Lines come in their order:
    a question has its answers before those under it hang from the first."""
    missing = [one for one in node.lineage if id(one) not in lines]
    for one in reversed(missing):
        lines[id(one)] = {"linkId": one.item.link_id}
        holder = resource if one.above is None else lines[id(one.above)]
        if one.above is not None and one.above.item.is_question:
            holder = holder.setdefault("answer", [{}])[0]
        holder.setdefault("item", []).append(lines[id(one)])
    return lines[id(node)]


def _written(answer: Constant, node: Node) -> Object:
    value = answer.value
    if isinstance(value, Quantity):
        unit = value.unit
        return {
            answer.kind: {
                "value": value.value,
                "unit": unit.display,
                "system": unit.system,
                "code": unit.code,
            }
        }
    if not isinstance(value, Coding):
        return {answer.kind: value}
    said: Object = {"system": value.system, "code": value.code, "display": value.display}
    option = option_of(node.options, value)
    if option and option.weight is not None:
        weight = {"url": option.weight_url or urls.ORDINAL, "valueDecimal": option.weight}
        said["extension"] = [weight]
    return {answer.kind: {name: one for name, one in said.items() if one}}


def _constant(item: Item, found: Any) -> Constant | None:
    """Turn what an expression gives into an answer of the type of a question; None for no such."""
    value = plain(found)
    if item.type in ("choice", "open-choice"):
        return _choice(item, value)
    kind = KIND_OF[item.type]
    try:
        if item.type == "quantity":
            quantity = _quantity(item, value)
            return Constant(kind, quantity) if quantity else None
        return Constant(kind, _TURNED[kind](value))
    except (TypeError, ValueError):
        return None


def _choice(item: Item, value: Any) -> Constant | None:
    wanted = coding_of(value) or (Coding(value) if isinstance(value, str) else None)
    option = option_of(item.options, wanted) if wanted else None
    return Constant(option.kind, option.value) if option else None


def coding_of(value: Any) -> Coding | None:
    """Read a Coding that an expression gives."""
    if not isinstance(value, Mapping):
        return None
    try:
        return coding({key: one for key, one in value.items() if key != "extension"})
    except ValueError:
        return None


def _quantity(item: Item, value: Any) -> Quantity | None:
    """A number takes the unit of the question; a quantity must already be in it."""
    units = item.all_units
    if isinstance(value, Decimal) and len(units) < 2:
        return Quantity(_number(value), *units)
    if not isinstance(value, FP_Quantity):
        return None
    code = str(FP_Quantity.timeUnitsToUCUM.get(value.unit, value.unit)).strip("'")
    unit = next((one for one in units if one.code == code), None)
    return Quantity(_number(value.value), unit) if unit else None


def _number(value: Any) -> Decimal:
    if not isinstance(value, Decimal):
        raise TypeError
    return number(_ROUNDED.plus(value))


def _integer(value: Any) -> Decimal:
    found = _number(value)
    if found != found.to_integral_value():
        raise ValueError
    return found


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


_TURNED: dict[str, Any] = {
    "valueBoolean": _boolean,
    "valueDecimal": _number,
    "valueInteger": _integer,
    "valueDate": lambda value: day(str(value)),
    "valueDateTime": lambda value: moment(str(value)),
    "valueTime": str,
    "valueString": _string,
    "valueUri": _string,
}


def _option(found: Any) -> Option | None:
    """Turn one element that an expression gives into an answer to offer."""
    value: Value | Any = plain(found.data if isinstance(found, ResourceNode) else found)
    known = coding_of(value)
    if known:
        return Option("valueCoding", known.code, known.display, known.system)
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return Option("valueInteger", f"{value:f}", "")
    if isinstance(value, FP_TimeBase):
        value = str(value)
    return Option("valueString", value, "") if isinstance(value, str) and value else None
