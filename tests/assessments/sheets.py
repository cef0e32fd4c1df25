"""The shipped definitions, read once, and answers to them made in one line."""

import json
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from cordee.assessments.rules.filling import filled
from cordee.assessments.rules.reading import loads, read

FOLDER = Path(__file__).parents[2] / "cordee" / "assessments" / "definitions"
ON = date(2026, 11, 27)
MIN = "http://hl7.org/fhir/StructureDefinition/minValue"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
SCALES = ("epices", "gds-15", "mini-gds", "sega-a", "norton")
SHEETS = ("functional", "carer-burden", "coordination-need", "multidimensional")
HELD = ("zarit-22", "mna-sf", "clinical-frailty", "braden", "algoplus", "mini-cog")
OURS = (*SCALES, *SHEETS, *HELD)


@cache
def definition(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def items(name):
    """Every item of a definition, nested ones included, in the order of the screen."""
    waiting, found = list(definition(name)["item"]), []
    while waiting:
        item = waiting.pop(0)
        found.append(item)
        waiting = [*item.get("item", ()), *waiting]
    return found


def first_answers(name):
    """A response in FHIR: the first choice, the least number, a day, a name."""
    return [_first(item) for item in definition(name)["item"]]


def first_choices(name):
    """The same, once read by the engine: what a score reads."""
    known = read(loads((FOLDER / f"{name}.json").read_bytes()))
    return filled(known, first_answers(name), today=ON).answers


def _first(item):
    said = {"linkId": item["linkId"]}
    if item["type"] == "group":
        return said | {"item": [_first(one) for one in item["item"]]}
    least = [list(one.values())[-1] for one in item.get("extension", ()) if one["url"] == MIN]
    value = {
        "boolean": {"valueBoolean": True},
        "integer": {"valueInteger": (least or [0])[0]},
        "decimal": {"valueDecimal": (least or [0])[0]},
        "date": {"valueDate": "2026-11-20"},
        "string": {"valueString": "Dr Roux"},
        "text": {"valueString": "Dans ses mots."},
    }.get(item["type"]) or {"valueCoding": item.get("answerOption", [{}])[0].get("valueCoding")}
    return said | ({} if item["type"] == "display" else {"answer": [value]})


def answers(given):
    """Answers as a score reads them, from plain values."""
    return {
        link_id: (Decimal(value) if type(value) is int else value,)
        for link_id, value in given.items()
    }


def all_at(rows, rank):
    """Each row answered by its choice of that rank, or by its last one."""
    codes = {row.link_id: list(row.choices) for row in rows}
    return {link_id: given[min(rank, len(given) - 1)] for link_id, given in codes.items()}
