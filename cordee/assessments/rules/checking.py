"""What a questionnaire that reads well still gets wrong: names, types, units, options."""

import re
from collections.abc import Iterator

from cordee.assessments.rules.definition import (
    KIND_OF,
    ORDERED,
    Coding,
    Condition,
    Constant,
    Definition,
    Item,
    Quantity,
)
from cordee.assessments.rules.order import ring_of
from cordee.assessments.rules.problems import Problem
from cordee.assessments.rules.scopes import faults

CHOICES = ("choice", "open-choice")
_INSTANCE = re.compile(r":\d")


def problems_of(definition: Definition) -> Iterator[Problem]:
    """Yield what is wrong between the lines of a definition."""
    known: dict[str, Item] = {}
    for item, _level in definition.walk():
        if item.link_id in known:
            yield Problem(item.link_id, f"Le linkId « {item.link_id} » est porté par deux lignes")
        known[item.link_id] = item
    yield from _names(definition)
    for item, _level in definition.walk():
        yield from (Problem(item.link_id, said) for said in _faults(item))
        for condition in item.enable_when:
            for said in _condition(condition, known.get(condition.question)):
                yield Problem(item.link_id, said)
    wrong = list(faults(definition))
    yield from wrong
    if not wrong and (ring := ring_of(definition)):
        yield Problem(ring[0], f"Ces questions dépendent l’une de l’autre : {' → '.join(ring)}")


def names(definition: Definition) -> Iterator[tuple[str, Item]]:
    """Yield every name a form may post, without the numbers of repeated groups."""
    stack = [("", item) for item in definition.items]
    while stack:
        above, item = stack.pop()
        path = above + item.link_id
        yield path, item
        if item.type == "quantity":
            yield f"{path}.unit", item
        if item.type == "open-choice":
            yield f"{path}.other", item
        stack.extend((f"{path}/", child) for child in item.items)


def _names(definition: Definition) -> Iterator[Problem]:
    seen: set[str] = set()
    for name, item in names(definition):
        if name in seen:
            said = f"Le linkId « {item.link_id} » se confond avec un autre dans les noms des champs"
            yield Problem(item.link_id, said)
        seen.add(name)
        if _INSTANCE.search(item.link_id):
            said = "Un linkId ne peut pas contenir « : » suivi d’un chiffre"
            yield Problem(item.link_id, said)


def _faults(item: Item) -> Iterator[str]:
    for check in (_shape, _measures, _choices, _initial, _bounds):
        yield from check(item)


def _shape(item: Item) -> Iterator[str]:
    if item.type == "display" and (item.items or item.required or item.repeats):
        yield "Un texte (display) ne porte ni question, ni réponse obligatoire"
    if len(item.enable_when) > 1 and not item.enable_behavior:
        yield "« enableBehavior » manque : « all » ou « any » ?"
    if not item.is_question and (item.initial or item.calculated or item.answers_from):
        yield "Seule une question peut avoir une valeur initiale, calculée ou proposée"
    if item.is_question and item.repeats and item.items:
        yield "Une question à plusieurs réponses ne peut pas porter d’autres questions"
    if item.calculated and (item.repeats or item.initial):
        yield "Une question calculée n’a qu’une réponse, et pas de valeur initiale"


def _measures(item: Item) -> Iterator[str]:
    if item.max_length is not None and item.type not in ("string", "text", "url", "open-choice"):
        yield "« maxLength » ne vaut que pour un texte"
    if item.type == "quantity" and item.unit and item.units and item.unit not in item.units:
        yield "L’unité de la question n’est pas parmi les unités proposées"
    if item.units and item.type != "quantity":
        yield "Seule une quantité a le choix des unités"
    least, most = item.occurs
    if (least or most) and not (item.repeats and item.type != "display"):
        yield "« minOccurs » et « maxOccurs » demandent que la ligne se répète"
    if least is not None and most is not None and least > most:
        yield "« minOccurs » dépasse « maxOccurs »"


def _choices(item: Item) -> Iterator[str]:
    if item.options and item.type not in (*CHOICES, "string", "integer", "date", "time"):
        yield f"Une question « {item.type} » ne propose pas de réponses"
    if item.type == "choice" and not item.options and not item.answers_from:
        yield "Cette question à choix ne propose aucune réponse"
    if item.options and item.answers_from:
        yield "Les réponses proposées viennent soit d’une liste, soit d’une expression"
    codes = [option.code for option in item.options]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"La réponse « {code} » est proposée deux fois"
    if len({option.kind for option in item.options}) > 1:
        yield "Les réponses proposées ne sont pas toutes de la même sorte"
    if sum(option.initial for option in item.options) > 1 and not item.repeats:
        yield "Plusieurs réponses sont choisies d’avance, une seule est permise"
    if item.initial and any(option.initial for option in item.options):
        yield "La valeur initiale est dite deux fois"


def kinds(item: Item) -> set[str]:
    """Say in which elements the answers to a question may stand."""
    found = {option.kind for option in item.options} or {KIND_OF.get(item.type, "")}
    return found | ({"valueString"} if item.type == "open-choice" else set())


def _initial(item: Item) -> Iterator[str]:
    if len(item.initial) > 1 and not item.repeats:
        yield "Plusieurs valeurs initiales, une seule réponse est permise"
    offered = [option.value for option in item.options if item.type != "open-choice"]
    for constant in item.initial:
        if constant.kind not in kinds(item):
            yield f"Une valeur initiale « {constant.kind} » ne répond pas à « {item.type} »"
        elif offered and not any(same(one, constant.value) for one in offered):
            yield "La valeur initiale n’est pas parmi les réponses proposées"
        yield from _unit(item, constant)


def _bounds(item: Item) -> Iterator[str]:
    for bound in (item.range.minimum, item.range.maximum):
        if bound is None:
            continue
        if item.type not in ORDERED or bound.kind not in _numeric(KIND_OF[item.type]):
            yield f"Une limite « {bound.kind} » ne va pas à une question « {item.type} »"
        yield from _unit(item, bound)


def _numeric(kind: str) -> set[str]:
    same = {"valueInteger", "valueDecimal"}
    return same if kind in same else {kind}


def _unit(item: Item, constant: Constant) -> Iterator[str]:
    """A quantity is compared with one of the same unit: nothing is converted."""
    if not isinstance(constant.value, Quantity):
        return
    units = {unit.code for unit in item.all_units}
    if len(units) > 1:
        yield "Cette question admet plusieurs unités : rien ne s’y compare sans conversion"
    elif units and constant.value.unit.code not in units:
        yield f"L’unité « {constant.value.unit.code} » n’est pas celle de la question"


def _condition(condition: Condition, question: Item | None) -> Iterator[str]:
    """Say what is wrong with one line of enableWhen."""
    if question is None:
        yield f"enableWhen nomme « {condition.question} », qui n’existe pas"
        return
    said = f"enableWhen compare « {condition.question} »"
    if not question.is_question:
        yield f"{said}, qui n’est pas une question"
    elif condition.operator == "exists":
        if condition.answer.kind != "valueBoolean":
            yield f"{said} par « exists » : la réponse doit être true ou false"
    elif condition.answer.kind not in _comparable(question):
        yield f"{said} ({question.type}) avec « {condition.answer.kind} »"
    elif condition.operator not in ("=", "!=") and question.type not in ORDERED:
        yield f"{said} ({question.type}) par « {condition.operator} », qui demande un ordre"
    else:
        yield from (f"{said} : {one}" for one in _unit(question, condition.answer))
        yield from _unknown_code(question, condition)


def _comparable(question: Item) -> set[str]:
    found = kinds(question)
    return found | _numeric(next(iter(found))) if len(found) == 1 else found


def _unknown_code(question: Item, condition: Condition) -> Iterator[str]:
    """A condition on a code that nobody can answer would hide a question for ever."""
    if question.type != "choice" or not question.options:
        return
    if all(not same(option.value, condition.answer.value) for option in question.options):
        yield f"enableWhen attend de « {question.link_id} » une réponse qu’il ne propose pas"


def same(answer: object, expected: object) -> bool:
    """Compare an answer with a constant: of codings the code, and the system where both say it."""
    if isinstance(answer, Coding) and isinstance(expected, Coding):
        systems = {answer.system, expected.system} - {""}
        return answer.code == expected.code and len(systems) < 2
    return answer == expected
