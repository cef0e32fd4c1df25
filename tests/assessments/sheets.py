"""The shipped definitions, read once, and answers to them made in one line."""

import json
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "cordee" / "assessments" / "definitions"
ON = date(2026, 11, 27)
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
