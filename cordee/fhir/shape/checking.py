"""The one question: what is wrong with this resource?"""

from collections.abc import Iterable
from typing import Any

from cordee.fhir.shape.claims import claimed
from cordee.fhir.shape.compiler import resource as check
from cordee.fhir.shape.invariants import words
from cordee.fhir.shape.trouble import Finding, Trouble, sentences

MOST = 100  # a resource that is wrong everywhere is not worth a longer answer


def troubles(resource: dict[str, Any], required: Iterable[str] = ()) -> list[Trouble]:
    """Return what is wrong with a resource of R4, as read from JSON; nothing when it is right.

    Numbers with a decimal part may be float or Decimal: only a Decimal keeps its digits. Rules that
    bind elements together are asked of objects whose elements are right, and profiles (those that
    `meta.profile` claims, those of `required` that are of the same type) of resources that are.
    """
    try:
        found = check(resource)
    except RecursionError:
        found = [Finding("too_deep")]
    if found is None:
        return of_profiles(resource, required)
    root = resource.get("resourceType") if isinstance(resource, dict) else None
    name = root if isinstance(root, str) and root.isidentifier() else "Resource"
    said = [_said(one, name) for one in found[:MOST]]
    is_right = all(one.severity == "warning" for one in said)
    return said + of_profiles(resource, required) if is_right else said


def of_profiles(resource: dict[str, Any], required: Iterable[str]) -> list[Trouble]:
    """Return what profiles find wrong with a resource, or with those of a bundle."""
    kind = resource["resourceType"]
    if kind != "Bundle":
        is_plain = not required and "profile" not in resource.get("meta", ())
        return [] if is_plain else claimed(resource, required, kind)
    wanted = tuple(required)
    inside = ((rank, one.get("resource")) for rank, one in enumerate(resource.get("entry", ())))
    return [
        trouble
        for rank, one in inside
        if one
        for trouble in claimed(one, wanted, f"Bundle.entry[{rank}].resource")
    ]


def _said(one: Finding, root: str) -> Trouble:
    """Write a finding for whoever sent the resource."""
    rules = words()
    french, english = rules[one.code] if one.code in rules else sentences(one.code, one.about)
    return Trouble(
        path=one.at(root),
        code=one.code.partition("@")[0],
        severity=one.severity,
        text_fr=french,
        text_en=english,
    )
