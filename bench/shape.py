"""A resource is judged against R4: what it costs, and what reading the tables each time would.

Ours: `troubles`, whole, on right resources of the size that partners send: the patient with a text
and French extensions that the tests hold, and resources drawn from the definitions, not counted
those that have a handful of elements. Baseline: a plain reading of the same tables for each
resource, which checks less (names, lists, what must be there, formats, required codes): no rule, no
reference, no profile, no place.
"""

import re
import time
from functools import cache
from random import Random
from typing import Any

from bench.registry import job, side_by_side
from cordee.fhir.shape import tables, troubles
from tests.fhir.generated import resource
from tests.fhir.test_shape import PATIENT as PLAIN_PATIENT
from tests.fhir.test_shape_profiles import RIGHT

TYPICAL = ("Observation", "Condition", "Task", "ServiceRequest", "Encounter", "CarePlan")
LEAST = 25  # values in a resource that counts as typical
GOAL_US = 150


def values_in(value: Any) -> int:
    """Count the values of a resource, objects and lists included."""
    if isinstance(value, dict):
        return 1 + sum(map(values_in, value.values()))
    return 1 + sum(map(values_in, value)) if isinstance(value, list) else 1


@cache
def resources() -> list[dict[str, Any]]:
    """Return what is judged."""
    drawn = (
        resource(kind, Random(seed), 2)  # noqa: S311
        for kind in TYPICAL
        for seed in range(40)
    )
    sized = [one for one in drawn if LEAST <= values_in(one) <= 4 * LEAST]
    return [PLAIN_PATIENT, *RIGHT, *sized]


def plainly(value: Any, kind: tables.Kind) -> bool:
    """Say whether an object is right, reading the tables as one reads a page."""
    rest = dict(value)
    for element in kind.elements.values():
        given = [(name, rest.pop(name)) for name in element.names() if name in rest]
        beside = [rest.pop(f"_{name}") for name in element.names() if f"_{name}" in rest]
        if len(given) > 1 or (element.least and not given and not beside):
            return False
        for name, one in given:
            many = one if element.repeats else [one]
            if isinstance(one, list) is not element.repeats or not many:
                return False
            if not all(_one(element, element.names()[name], item) for item in many):
                return False
    rest.pop("resourceType", None)
    return not rest


def _one(element: tables.Element, kind: str, value: Any) -> bool:
    if kind in tables.formats() or kind.startswith("http"):
        pattern = tables.formats().get(kind, "")
        is_free = kind in ("boolean", "decimal", "base64Binary", "xhtml") or value is None
        if not is_free and not re.fullmatch(pattern or r"[\s\S]+", str(value)):
            return False
        codes = tables.codes_of(element.codes) if element.codes else None
        return codes is None or value in frozenset().union(*codes.values())
    if kind == "Resource":
        return plainly(value, tables.kind(value["resourceType"]))
    return plainly(value, tables.kind(kind.removeprefix("@")))


@job(
    "judge a resource against R4",
    unit="µs CPU",
    goal=f"≤ {GOAL_US} µs for a typical resource",
    is_reached=lambda ours, plain: ours <= GOAL_US,
)
def judged() -> tuple[float, float]:
    """Judge every one; microseconds of processor for each."""
    whole = resources()
    for one in whole:
        if troubles(one) or not plainly(one, tables.kind(one["resourceType"])):
            raise AssertionError(f"what is right was found wrong: {one['resourceType']}")
    ours, plain = side_by_side(
        lambda: [troubles(one) for one in whole],
        lambda: [plainly(one, tables.kind(one["resourceType"])) for one in whole],
        clock=time.process_time,
    )
    return ours * 1000 / len(whole), plain * 1000 / len(whole)
