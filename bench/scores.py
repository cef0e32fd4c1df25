"""One answer of a questionnaire of 120 changes, and everything is settled again.

Twelve groups of ten marks, a subtotal for each and a total, each a FHIRPath expression. Ours: the
whole of `filled`, from the items of the response to the rows of the screen. Baseline: the same
thirteen expressions, compiled once, given to fhirpathpy over the whole response, each after those
it reads; nothing else is done there, neither the screen nor what is missing.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from itertools import cycle
from typing import Any

from fhirpathpy import compile as compiled
from fhirpathpy.models import models

from bench.registry import job, side_by_side
from cordee.assessments.rules import urls
from cordee.assessments.rules.filling import filled
from cordee.assessments.rules.reading import read

GROUPS, QUESTIONS = 12, 10
TODAY = date(2026, 11, 27)


def _subtotal(group: int) -> str:
    marks = (f"where(linkId = 'q{group}-{rank}').answer.value" for rank in range(QUESTIONS))
    return " + ".join(f"%resource.item.where(linkId = 'g{group}').item.{mark}" for mark in marks)


def _total() -> str:
    parts = (f"where(linkId = 's{group}').answer.value" for group in range(GROUPS))
    return " + ".join(f"%resource.item.{part}" for part in parts)


def _counted(link_id: str, text: str) -> dict[str, Any]:
    language = {"language": "text/fhirpath", "expression": text}
    extension = [{"url": urls.CALCULATED, "valueExpression": language}]
    return {"linkId": link_id, "type": "integer", "readOnly": True, "extension": extension}


def questionnaire() -> dict[str, Any]:
    """Return the questionnaire as FHIR has it."""
    items: list[dict[str, Any]] = []
    for group in range(GROUPS):
        marks = [
            {"linkId": f"q{group}-{rank}", "type": "integer", "required": True}
            for rank in range(QUESTIONS)
        ]
        items.append({"linkId": f"g{group}", "type": "group", "item": marks})
        items.append(_counted(f"s{group}", _subtotal(group)))
    items.append(_counted("total", _total()))
    said = {"url": "urn:bench", "version": "1", "title": "Banc", "status": "active"}
    return {"resourceType": "Questionnaire", **said, "item": items}


def response() -> list[dict[str, Any]]:
    """Return the items of a response where everything is answered."""
    return [
        {
            "linkId": f"g{group}",
            "item": [
                {"linkId": f"q{group}-{rank}", "answer": [{"valueInteger": rank}]}
                for rank in range(QUESTIONS)
            ],
        }
        for group in range(GROUPS)
    ]


def naive() -> Callable[[list[dict[str, Any]]], int]:
    """Return what the library alone does: every expression over everything."""
    texts = [(f"s{group}", _subtotal(group)) for group in range(GROUPS)] + [("total", _total())]
    ready = [(link_id, compiled(text, models["r4"])) for link_id, text in texts]

    def count(items: list[dict[str, Any]]) -> int:
        resource: dict[str, Any] = {"resourceType": "QuestionnaireResponse", "item": [*items]}
        found = 0
        for link_id, expression in ready:
            found = expression(resource, {"resource": resource})[0]
            resource["item"].append({"linkId": link_id, "answer": [{"valueInteger": found}]})
        return found

    return count


@job(
    "live re-scoring, 120 questions, one answer; baseline: every expression by fhirpathpy",
    unit="ms",
    goal="≤ 15 ms",
    is_reached=lambda ours, baseline: ours <= 15,
)
def rescoring() -> tuple[float, float]:
    """Change one answer at a time, and count again in both ways; both must agree."""
    definition, items, count = read(questionnaire()), response(), naive()
    places = cycle((group, rank) for group in range(GROUPS) for rank in range(QUESTIONS))

    def change() -> list[dict[str, Any]]:
        group, rank = next(places)
        answer = items[group]["item"][rank]["answer"][0]
        answer["valueInteger"] = (answer["valueInteger"] + 1) % 5
        return items

    def ours() -> None:
        filled(definition, change(), today=TODAY)

    def baseline() -> None:
        count(deepcopy(change()))

    total = filled(definition, items, today=TODAY).answers["total"][0]
    if total != count(deepcopy(items)):
        raise RuntimeError("the two ways do not count the same")
    return side_by_side(ours, baseline, times=15, warm=2)
