"""What one answer may be: among the options, between the limits, not too long, in its unit.

Source: https://hl7.org/fhir/R4/questionnaire.html and the extensions named in `urls`.
"""

import re
from collections.abc import Callable
from decimal import Decimal

from cordee.assessments.rules.checking import same
from cordee.assessments.rules.conditions import compared
from cordee.assessments.rules.definition import Coding, Constant, Option, Quantity, Value
from cordee.assessments.rules.tree import Node
from cordee.kernel.typography import grouped, plural, typo

LONGEST = 20_000
"""Characters of a text whose definition says nothing."""


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d\S*)?")


def checked(node: Node) -> str:
    """Check the answers of a question, put those that are options in the words of the option;
    return what to say, "" when all is well."""
    if not node.answers:
        return ""
    for check in _CHECKS:
        if said := check(node):
            return typo(said)
    return ""


def match(node: Node) -> str:
    """Replace each answer by the option it names; drop and say what names none."""
    if not (node.options or node.item.answers_from):
        return ""
    kept, said = [], ""
    for one in node.answers:
        option = option_of(node.options, one.value)
        if option:
            kept.append(Constant(option.kind, option.value))
        elif node.item.type == "open-choice" and isinstance(one.value, str):
            kept.append(one)
        else:
            said = "Cette réponse n’est plus proposée : choisissez-en une autre."
    node.answers = kept
    return said


def option_of(options: tuple[Option, ...], value: Value) -> Option | None:
    """Return the option an answer names, by its code where it is not a Coding itself."""
    for option in options:
        if same(option.value, value):
            return option
        if isinstance(value, Coding) and option.kind != "valueCoding" and option.code == value.code:
            return option
    return None


def _count(node: Node) -> str:
    least, most = node.item.occurs
    count = len(node.answers)
    if most is not None and count > most:
        return f"{plural(most, 'réponse')} au plus, vous en donnez {count}."
    if least is not None and count < least:
        return f"{plural(least, 'réponse')} au moins, vous en donnez {count}."
    double = count > 1 and len(set(node.answers)) < count
    return "Une réponse est en double." if double else ""


def _alone(node: Node) -> str:
    alone = [option for option in node.options if option.exclusive and len(node.answers) > 1]
    for option in alone:
        if any(same(option.value, one) for one in node.values):
            return f"« {option.label} » ne va avec aucune autre réponse."
    return ""


def _length(node: Node) -> str:
    most = node.item.max_length or LONGEST
    least = node.item.min_length or 0
    for value in node.values:
        if isinstance(value, str) and len(value) > most:
            return f"Ce texte a {plural(len(value), 'caractère')}\u00a0: {grouped(most)} au plus."
        if isinstance(value, str) and len(value) < least:
            return f"Ce texte doit avoir au moins {plural(least, 'caractère')}."
    return ""


def _unit(node: Node) -> str:
    known = {unit.code for unit in node.item.all_units}
    for value in node.values:
        if isinstance(value, Quantity) and known and value.unit.code not in known:
            units = ", ".join(said_unit(one) for one in node.item.all_units)
            return f"L’unité n’est pas celle de la question : {units}."
    return ""


def _range(node: Node) -> str:
    for value in node.values:
        for bound, wrong, words in (
            (node.item.minimum, -1, ("au moins", "après")),
            (node.item.maximum, 1, ("au plus", "avant")),
        ):
            if bound is not None and compared(value, bound) == wrong:
                return f"Cette réponse doit être {_bounded(bound, *words)}."
    return ""


def _bounded(bound: Value, number: str, moment: str) -> str:
    """Say a bound of a number, or of a moment: « d’au moins 3 », « le 27/11/2026 ou après »."""
    if isinstance(bound, str):
        return f"le {said(bound)} ou {moment}"
    return f"d’{number} {said(bound)}"


def _decimals(node: Node) -> str:
    most = node.item.decimals
    if most is None:
        return ""
    for value in node.values:
        number = value.value if isinstance(value, Quantity) else value
        if isinstance(number, Decimal) and -int(number.normalize().as_tuple().exponent) > most:
            few = f"{plural(most, 'chiffre')} après la virgule, au plus."
            return few if most else "Un nombre entier."
    return ""


_CHECKS: tuple[Callable[[Node], str], ...] = (*(_count, _alone, _length, _unit, _range, _decimals),)


def said_unit(unit: Coding) -> str:
    """Say a unit."""
    return unit.display or unit.code


def said(value: Value) -> str:
    """Say an answer: « 12,5 kg », « 27/11/2026 », « 27/11/2026 à 14:05 », « Oui »."""
    if isinstance(value, Quantity):
        return f"{said(value.value)}\u00a0{said_unit(value.unit)}"
    if isinstance(value, Coding):
        return value.display or value.code
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",")
    if _MOMENT.fullmatch(value):
        day, _, hour = value.partition("T")
        written = "/".join(reversed(day.split("-")))
        return f"{written} à {hour[:5]}" if hour else written
    return value
