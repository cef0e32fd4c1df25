"""From the JSON of a Questionnaire to a `Definition`, or to the list of all that stands in the way.

Nothing is ignored in silence: what is not read is either kept to be written back, without ever
being looked at, or named in `Refused.problems`. Source: https://hl7.org/fhir/R4/questionnaire.html.
"""

import json as text_json
from collections.abc import Iterator, Mapping
from typing import Any

from cordee.assessments.rules import urls
from cordee.assessments.rules.checking import problems_of
from cordee.assessments.rules.definition import (
    TYPES,
    Condition,
    Constant,
    Definition,
    Expression,
    Item,
    Range,
)
from cordee.assessments.rules.elements import Element
from cordee.assessments.rules.problems import Problem, Problems, Refused
from cordee.assessments.rules.values import Json, legible

__all__ = ["MAX_BYTES", "Problem", "Refused", "loads", "read", "sized"]

MAX_BYTES = 2_000_000
"""A questionnaire of a thousand questions weighs a few hundred thousand."""
MAX_DEPTH = 8
MAX_ITEMS = 1_000
LONGEST = {"url": 255, "version": 40}
"""Characters of what names an edition."""
STATES = ("draft", "active", "retired", "unknown")

_ROOT_TEXTS = ("publisher", "copyright", "description", "purpose", "date", "name")
_ROOT_KEPT = (
    *("id", "meta", "language", "identifier", "contact", "code", "useContext", "jurisdiction"),
    *("derivedFrom", "approvalDate", "lastReviewDate", "effectivePeriod", "experimental"),
    *("subjectType", "text"),
)
_ROOT_READ = ("resourceType", "url", "version", "title", "status", "item", "extension")
_ITEM_KEPT = ("id", "definition", "code")
_ITEM_READ = (
    *("linkId", "type", "text", "prefix", "required", "repeats", "readOnly", "maxLength", "item"),
    *("extension", "enableWhen", "enableBehavior", "answerOption", "initial"),
)
_OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")


def sized(body: bytes) -> None:
    """Refuse a file too heavy to be looked at, before it is."""
    if len(body) > MAX_BYTES:
        said = f"Ce fichier dépasse {MAX_BYTES // 1_000_000} Mo : il n’a pas été lu"
        raise Refused((Problem("Questionnaire", said),))


def loads(body: bytes) -> Mapping[str, Json]:
    """Read a file of JSON; Refused when it is too heavy, is no JSON object or says a key twice."""
    sized(body)
    problems = Problems()

    def whole(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _value in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            problems.add("Questionnaire", f"« {twice} » est dit deux fois dans le même objet")
        return found

    def strange(constant: str) -> None:
        problems.add("Questionnaire", f"« {constant} » n’est pas un nombre")

    try:
        text = body.decode("utf-8-sig")
        found = text_json.loads(text, object_pairs_hook=whole, parse_constant=strange)
    except (ValueError, RecursionError) as failure:
        said = "Ce fichier n’est pas du JSON lisible"
        raise Refused((Problem("Questionnaire", said),)) from failure
    problems.settle()
    if not isinstance(found, dict):
        raise Refused((Problem("Questionnaire", "Un objet JSON est attendu"),))
    return found


def read(json: Mapping[str, Json]) -> Definition:
    """Read a Questionnaire; Refused, with every problem, when it cannot be used as it is.

    A flag that is said to be false (`required`, `repeats`…) is read as one that is not said.
    """
    problems = Problems()
    root = Element(json, "Questionnaire", problems)
    if not all(legible(one) for one in _strings(json)):
        problems.add("Questionnaire", "Un texte contient un caractère illisible")
    if json.get("resourceType") != "Questionnaire":
        problems.add("Questionnaire", "« resourceType » doit valoir « Questionnaire »")
        problems.settle()
    definition = _root(root)
    problems.settle()
    for problem in problems_of(definition):
        problems.add(problem.path, problem.said)
    problems.settle()
    return definition


def _strings(json: Json) -> Iterator[str]:
    stack = [json]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            stack.extend((*one.keys(), *one.values()))
        elif isinstance(one, list):
            stack.extend(one)


def _root(root: Element) -> Definition:
    root.only(*_ROOT_READ, *_ROOT_TEXTS, *_ROOT_KEPT)
    extensions = root.extensions(urls.ON_ROOT)
    reader = _Items(root.problems)
    texts = {key: root.text(key) for key in _ROOT_TEXTS}
    status = root.text("status", needed=True)
    if status and status not in STATES:
        root.says(f"« status » ne peut pas valoir « {status} »")
    for key, most in LONGEST.items():
        if len(root.text(key)) > most:
            root.says(f"« {key} » tient en {most} signes")
    items = tuple(reader.item(one, 1) for one in root.children("item"))
    if not items:
        root.says("Ce questionnaire ne contient aucune question")
    return Definition(
        url=root.text("url", needed=True),
        version=root.text("version", needed=True),
        title=root.text("title", needed=True),
        items=items,
        variables=extensions.expressions(urls.VARIABLE),
        constraints=extensions.constraints(),
        scoring=extensions.text(urls.SCORING) or None,
        category=extensions.text(urls.CATEGORY),
        status=status,
        facts=root.kept(_ROOT_KEPT),
        **texts,
    )


class _Items:
    """Reads the lines, and stops at the depth and the number that are bearable."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.count = 0

    def item(self, element: Element, depth: int) -> Item:
        """Read one line and those under it."""
        self.count += 1
        if self.count == MAX_ITEMS + 1:
            element.says(f"Ce questionnaire compte plus de {MAX_ITEMS} lignes")
        element.only(*_ITEM_READ, *_ITEM_KEPT)
        kind = element.text("type", needed=True)
        if kind and kind not in TYPES:
            element.says(f"Le type « {kind} » n’est pas pris en charge")
        extensions = element.extensions(urls.ON_ITEM)
        bounds = (extensions.bound(urls.MINIMUM), extensions.bound(urls.MAXIMUM))
        return Item(
            link_id=element.text("linkId", needed=True),
            type=kind,
            text=element.text("text"),
            prefix=element.text("prefix"),
            required=element.flag("required"),
            repeats=element.flag("repeats"),
            read_only=element.flag("readOnly"),
            max_length=element.count("maxLength"),
            initial=tuple(_initial(one) for one in element.children("initial")),
            enable_when=tuple(_condition(one) for one in element.children("enableWhen")),
            enable_behavior=_behavior(element),
            options=element.options(),
            items=self._under(element, depth),
            range=Range(*bounds),
            facts=element.kept(_ITEM_KEPT),
            **_extended(extensions),
        )

    def _under(self, element: Element, depth: int) -> tuple[Item, ...]:
        children = element.children("item")
        if children and depth >= MAX_DEPTH:
            element.says(f"Les groupes s’emboîtent sur plus de {MAX_DEPTH} niveaux")
            return ()
        if self.count > MAX_ITEMS:
            return ()
        return tuple(self.item(one, depth + 1) for one in children)


def _extended(extensions: Any) -> dict[str, Any]:
    """Read what the extensions of a line say."""
    return {
        "hidden": extensions.flag(urls.HIDDEN),
        "min_length": extensions.count(urls.MIN_LENGTH),
        "decimals": extensions.count(urls.DECIMALS),
        "occurs": (extensions.count(urls.MIN_OCCURS), extensions.count(urls.MAX_OCCURS)),
        "unit": next(iter(extensions.codings(urls.UNIT)), None),
        "units": extensions.codings(urls.UNIT_OPTION),
        "constraints": extensions.constraints(),
        "variables": extensions.expressions(urls.VARIABLE),
        "calculated": _one(extensions.expressions(urls.CALCULATED)),
        "enabled_by": _one(extensions.expressions(urls.ENABLE_WHEN)),
        "answers_from": _one(extensions.expressions(urls.ANSWERS)),
        "control": extensions.control(),
        "hints": extensions.hints(),
        "entry": extensions.text(urls.ENTRY),
    }


def _one(expressions: tuple[Expression, ...]) -> Expression | None:
    return expressions[0] if expressions else None


def _behavior(element: Element) -> str:
    said = element.text("enableBehavior")
    if said not in ("", "any", "all"):
        element.says(f"« enableBehavior » ne peut pas valoir « {said} »")
    return said


def _initial(element: Element) -> Constant:
    return element.constant("value")


def _condition(element: Element) -> Condition:
    operator = element.text("operator", needed=True)
    if operator and operator not in _OPERATORS:
        element.says(f"L’opérateur « {operator} » n’existe pas")
    answer = element.constant("answer", besides=("question", "operator"))
    return Condition(element.text("question", needed=True), operator, answer)
