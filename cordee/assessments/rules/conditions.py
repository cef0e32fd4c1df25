"""enableWhen: whether a line is asked, from the answers to other questions.

Source: https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen.
A question without an answer satisfies no operator but `exists`; so does one that is not asked.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from cordee.assessments.rules.checking import same
from cordee.assessments.rules.definition import Condition, Quantity, Value
from cordee.assessments.rules.tree import Node, Tree


def enabled(tree: Tree, node: Node) -> bool:
    """Say whether the conditions of a line hold, those above it and its expressions left aside."""
    conditions = node.item.enable_when
    if not conditions:
        return True
    held = (_holds(one, tree.nearest(node, one.question)) for one in conditions)
    return any(held) if node.item.enable_behavior == "any" else all(held)


def _holds(condition: Condition, question: Node | None) -> bool:
    values = question.values if question and question.enabled else []
    expected = condition.answer.value
    if condition.operator == "exists":
        return bool(values) is expected
    if condition.operator == "!=":
        return bool(values) and not any(same(one, expected) for one in values)
    if condition.operator == "=":
        return any(same(one, expected) for one in values)
    return any(_ORDERS[condition.operator](compared(one, expected)) for one in values)


_ORDERS: dict[str, Callable[[int | None], bool]] = {
    ">": lambda order: order is not None and order > 0,
    "<": lambda order: order is not None and order < 0,
    ">=": lambda order: order is not None and order >= 0,
    "<=": lambda order: order is not None and order <= 0,
}


def compared(one: Value, other: Value) -> int | None:
    """Compare two answers: -1, 0 or 1; None for what has no order, as two units."""
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        if one.unit.code != other.unit.code:
            return None
        one, other = one.value, other.value
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return (one > other) - (one < other)
    if isinstance(one, str) and isinstance(other, str):
        return _times(one, other)
    return None


def _times(one: str, other: str) -> int | None:
    """Compare two dates or hours as far as both say; moments with a zone as moments."""
    if "T" in one and "T" in other:
        left, right = datetime.fromisoformat(one), datetime.fromisoformat(other)
        if (left.tzinfo is None) == (right.tzinfo is None):
            return (left > right) - (left < right)
    if ":" in one and ":" in other and "-" not in one[:5]:
        return (one > other) - (one < other)
    shared = min(len(one), len(other), 10)
    return (one[:shared] > other[:shared]) - (one[:shared] < other[:shared])
