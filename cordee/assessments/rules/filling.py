"""A response being filled: what is on the screen, what is missing, what is wrong, what is kept.

Nothing of what the client counted is believed: calculated answers are counted again here, and the
answers to questions that are not asked are left out. Sources: see `tree`, `conditions`, `limits`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cordee.assessments.rules.conditions import enabled
from cordee.assessments.rules.counting import Counter
from cordee.assessments.rules.definition import (
    Coding,
    Constant,
    Definition,
    Item,
    Option,
    Quantity,
    Value,
)
from cordee.assessments.rules.entry import Typed, typed
from cordee.assessments.rules.limits import checked, match
from cordee.assessments.rules.order import Settled, planned
from cordee.assessments.rules.results import Answer, Answers
from cordee.assessments.rules.scopes import ROOT
from cordee.assessments.rules.tree import MAX_INSTANCES, Node, Tree, written
from cordee.assessments.rules.values import Json

__all__ = ["Filled", "Row", "Typed", "begun", "filled", "typed"]


@dataclass(frozen=True)
class Row:
    """One line of the screen. `values` are what a form posts: codes, numbers, true, ISO dates."""

    path: str
    item: Item
    level: int
    values: tuple[Answer, ...]
    options: tuple[Option, ...]
    error: str
    unit: str = ""
    """The code of the unit of a quantity."""
    again: str = ""
    """On the last instance of a group that repeats, the path of the one that may be added."""


@dataclass(frozen=True)
class Filled:
    """A response and all that is to be said of it. `items` is JSON, ready to be kept."""

    rows: tuple[Row, ...]
    items: list[dict[str, Any]]
    missing: tuple[str, ...]
    errors: Mapping[str, str]
    """By path, what must be mended; under "", what is said of the whole."""
    answers: Answers
    warnings: Mapping[str, str]
    """By path too: constraints that only warn."""

    @property
    def is_complete(self) -> bool:
        """Say whether nothing is missing and nothing is wrong."""
        return not self.missing and not self.errors


def begun(definition: Definition) -> list[dict[str, Any]]:
    """Return the items of a new response: the initial answers."""
    tree = Tree(definition, [])
    for node in tree.nodes:
        node.answers = list(_initial(node.item))
    return written(tree.tops)


def filled(definition: Definition, items: Sequence[Mapping[str, Json]], *, today: date) -> Filled:
    """Settle a response: FHIR QuestionnaireResponse.item in, canonical items and rows out."""
    tree = Tree(definition, items)
    counter, plan = Counter(tree, today), planned(definition)
    for link_id in plan.order:
        for node in tree.by_link[link_id]:
            _settle(counter, node, plan.lines[link_id])
    warnings: dict[str, str] = {}
    for node in tree.nodes:
        if node.enabled:
            node.error = node.error or checked(node) or _counted(tree, node)
            _constrain(counter, node, plan.lines[node.item.link_id], warnings)
    asked = [node for node in tree.nodes if _asked(node)]
    errors = tree.strays | {node.path: node.error for node in tree.nodes if node.error}
    return Filled(
        rows=tuple(_row(tree, node) for node in asked if not node.item.is_help),
        items=written(tree.tops),
        missing=tuple(node.path for node in asked if _lacks(tree, node)),
        errors=errors | _broken(counter, plan.lines[ROOT], warnings),
        warnings=warnings,
        answers=_answers(tree),
    )


def _settle(counter: Counter, node: Node, line: Settled) -> None:
    """Decide whether a line is asked, and give it the answers it has of itself."""
    node.enabled = (node.above is None or node.above.enabled) and enabled(counter.tree, node)
    if node.enabled and line.enabled_by:
        node.enabled = counter.holds(line.enabled_by, node, line.apart) is True
    if not node.enabled or line.calculated:
        node.answers, node.error = [], ""
    if not node.enabled:
        return
    if line.calculated:
        node.answers = counter.answer(line.calculated, node, line.apart)
        return
    if node.item.read_only or node.item.hidden:
        node.answers = list(_initial(node.item)) or node.answers
    if line.answers_from:
        node.options = counter.offered(line.answers_from, node, line.apart)
    node.error = match(node) or node.error


def _constrain(counter: Counter, node: Node, line: Settled, warnings: dict[str, str]) -> None:
    """Hold the constraints of a line against its answers; those of a group against what it has."""
    if node.error or (node.item.is_question and not node.answers):
        return
    for constraint, ready in line.constraints:
        if counter.holds(ready, node, frozenset()) is not False:
            continue
        if constraint.severity == "warning":
            warnings.setdefault(node.path, constraint.human)
        else:
            node.error = node.error or constraint.human


def _broken(counter: Counter, root: Settled, warnings: dict[str, str]) -> dict[str, str]:
    """Hold the constraints of the whole questionnaire; what is broken is said under the path ""."""
    errors: dict[str, str] = {}
    for constraint, ready in root.constraints:
        if counter.holds(ready, None, frozenset()) is False:
            said = warnings if constraint.severity == "warning" else errors
            said.setdefault("", constraint.human)
    return errors


def _initial(item: Item) -> Sequence[Constant]:
    chosen = [Constant(one.kind, one.value) for one in item.options if one.initial]
    return chosen or item.initial


def _asked(node: Node) -> bool:
    return node.enabled and not any(one.item.hidden for one in node.lineage)


def _lacks(tree: Tree, node: Node) -> bool:
    """Say whether a required line has no answer; nobody can be asked for a calculated one."""
    wanted = node.item.required or bool(node.item.occurs[0])
    if not wanted or node.item.calculated or _holds(node):
        return False
    return not any(_idle(tree, one) for one in node.lineage)


def _idle(tree: Tree, node: Node) -> bool:
    """Say whether an instance that nobody began asks for nothing: all do but the first, where
    the group is required and none was begun."""
    if not (node.item.type == "group" and node.item.repeats) or _holds(node):
        return False
    wanted = node.item.required or bool(node.item.occurs[0])
    instances = tree.instances(node)
    return not (wanted and instances[0] is node and not any(_holds(one) for one in instances))


def _counted(tree: Tree, node: Node) -> str:
    """Say, on the first instance of a group, that it has too few or too many."""
    least, most = node.item.occurs
    if node.item.type != "group" or not (least or most) or tree.instances(node)[0] is not node:
        return ""
    count = sum(_holds(one) for one in tree.instances(node))
    if most is not None and count > most:
        return f"{most} fois au plus, vous en remplissez {count}."
    if least is not None and 0 < count < least:
        return f"{least} fois au moins, vous en remplissez {count}."
    return ""


def _holds(node: Node) -> bool:
    return bool(node.answers) or any(_holds(one) for one in node.under)


def _row(tree: Tree, node: Node) -> Row:
    units = [one.unit.code for one in node.values if isinstance(one, Quantity)]
    return Row(
        path=node.path,
        item=node.item,
        level=node.level,
        values=tuple(_posted(one) for one in node.values),
        options=node.options,
        error=node.error,
        unit=units[0] if units else "",
        again=_again(tree, node),
    )


def _again(tree: Tree, node: Node) -> str:
    if not (node.item.type == "group" and node.item.repeats):
        return ""
    path, _colon, number = node.path.rpartition(":")
    count = len(tree.instances(node))
    most = node.item.occurs[1] or MAX_INSTANCES
    return f"{path}:{count}" if int(number) + 1 == count and count < most else ""


def _posted(value: Value) -> Answer:
    if isinstance(value, Coding):
        return value.code
    return value.value if isinstance(value, Quantity) else value


def _answers(tree: Tree) -> Answers:
    found: dict[str, tuple[Answer, ...]] = {}
    for node in tree.nodes:
        if node.enabled and node.answers:
            link_id = node.item.link_id
            found[link_id] = (*found.get(link_id, ()), *(_posted(one) for one in node.values))
    return found
