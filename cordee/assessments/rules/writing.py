"""From a `Definition` back to the JSON of a Questionnaire: `reading.read` gives the same again."""

import json as text_json
from typing import Any, TypeVar

from cordee.assessments.rules import urls
from cordee.assessments.rules.definition import (
    Coding,
    Constant,
    Constraint,
    Definition,
    Expression,
    Item,
    Option,
)
from cordee.assessments.rules.values import coding_out, constant_out, number_out

Object = dict[str, Any]
One = TypeVar("One")


def write(definition: Definition) -> Object:
    """Write a Questionnaire. What is false, empty or not said is left out."""
    extensions = [
        *_texts(urls.SCORING, "valueCode", definition.scoring),
        *_texts(urls.CATEGORY, "valueCode", definition.category or None),
        *(_expression(urls.VARIABLE, one) for one in definition.variables),
        *(_constraint(one) for one in definition.constraints),
    ]
    said = {
        "extension": extensions,
        "url": definition.url,
        "version": definition.version,
        "name": definition.name,
        "title": definition.title,
        "status": definition.status,
        "date": definition.date,
        "publisher": definition.publisher,
        "description": definition.description,
        "purpose": definition.purpose,
        "copyright": definition.copyright,
        "item": [_item(one) for one in definition.items],
    }
    return {"resourceType": "Questionnaire", **_facts(definition.facts), **_said(said)}


def _said(parts: Object) -> Object:
    return {key: one for key, one in parts.items() if one not in ("", None, [], False)}


def _facts(text: str) -> Object:
    found: Object = text_json.loads(text)
    return found


def _item(item: Item) -> Object:
    said = {
        "extension": _extensions(item),
        "linkId": item.link_id,
        "prefix": item.prefix,
        "text": item.text,
        "type": item.type,
        "enableWhen": [
            {"question": one.question, "operator": one.operator}
            | constant_out(one.answer, "answer")
            for one in item.enable_when
        ],
        "enableBehavior": item.enable_behavior,
        "required": item.required,
        "repeats": item.repeats,
        "readOnly": item.read_only,
        "answerOption": [_option(one) for one in item.options],
        "initial": [constant_out(one) for one in item.initial],
        "item": [_item(one) for one in item.items],
    }
    length = {} if item.max_length is None else {"maxLength": item.max_length}
    return {**_facts(item.facts), **_said(said), **length}


def _extensions(item: Item) -> list[Object]:
    least, most = item.occurs
    return [
        *(_expression(urls.VARIABLE, one) for one in item.variables),
        *(_expression(urls.CALCULATED, one) for one in _given(item.calculated)),
        *(_expression(urls.ENABLE_WHEN, one) for one in _given(item.enabled_by)),
        *(_expression(urls.ANSWERS, one) for one in _given(item.answers_from)),
        *(_constraint(one) for one in item.constraints),
        *([{"url": urls.HIDDEN, "valueBoolean": True}] if item.hidden else []),
        *(_coding(urls.UNIT, one) for one in _given(item.unit)),
        *(_coding(urls.UNIT_OPTION, one) for one in item.units),
        *text_json.loads(item.hints),
        *_constants(urls.MINIMUM, item.range.minimum),
        *_constants(urls.MAXIMUM, item.range.maximum),
        *_counts(urls.MIN_LENGTH, item.min_length),
        *_counts(urls.DECIMALS, item.decimals),
        *_counts(urls.MIN_OCCURS, least),
        *_counts(urls.MAX_OCCURS, most),
        *_texts(urls.ENTRY, "valueString", item.entry),
    ]


def _given(one: One | None) -> list[One]:
    return [] if one is None else [one]


def _expression(url: str, expression: Expression) -> Object:
    return {"url": url, "valueExpression": _language(expression)}


def _language(expression: Expression) -> Object:
    said = {"description": expression.description, "name": expression.name}
    return {**_said(said), "language": "text/fhirpath", "expression": expression.text}


def _constraint(constraint: Constraint) -> Object:
    kept = "valueMarkdown" if constraint.target else "valueString"
    parts: list[Object] = [
        {"url": "key", "valueId": constraint.key},
        *_texts("requirements", kept, constraint.requirements),
        {"url": "severity", "valueCode": constraint.severity},
        {"url": "human", "valueString": constraint.human},
    ]
    if constraint.target:
        parts.append({"url": "expression", "valueExpression": _language(constraint.expression)})
        return {"url": urls.TARGET_CONSTRAINT, "extension": parts}
    parts.append({"url": "expression", "valueString": constraint.expression.text})
    return {"url": urls.CONSTRAINT, "extension": parts}


def _texts(url: str, key: str, text: str | None) -> list[Object]:
    return [{"url": url, key: text}] if text else []


def _counts(url: str, count: int | None) -> list[Object]:
    return [] if count is None else [{"url": url, "valueInteger": count}]


def _constants(url: str, constant: Constant | None) -> list[Object]:
    return [] if constant is None else [{"url": url, **constant_out(constant)}]


def _coding(url: str, coding: Coding) -> Object:
    return {"url": url, "valueCoding": coding_out(coding)}


def _option(option: Option) -> Object:
    value = constant_out(Constant(option.kind, option.value))
    extensions: list[Object] = []
    if option.weight is not None:
        weight = {"url": option.weight_url, "valueDecimal": number_out(option.weight)}
        if option.weight_inside:
            value["valueCoding"] = {"extension": [weight], **value["valueCoding"]}
        else:
            extensions.append(weight)
    if option.exclusive:
        extensions.append({"url": urls.EXCLUSIVE, "valueBoolean": True})
    extensions += _texts(urls.OPTION_PREFIX, "valueString", option.prefix)
    return _said({"extension": extensions, "initialSelected": option.initial}) | value
