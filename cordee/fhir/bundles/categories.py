"""What a document or a message tells, which decides who reads it. Pure.

Sources: FHIR R4, security-labels.html; the confidentiality of a Composition. A label stands on the
Bundle, on any of its entries, or on what an entry holds: the most protected of them decides.
"""

from collections.abc import Iterator
from typing import Any

from cordee.fhir.bundles.links import Json
from cordee.fhir.outcome import unprocessable
from cordee.fhir.systems import CONFIDENTIALITY, ours
from cordee.people.rules.sharing import Category

OPEN = ("N", "M", "L", "U")  # confidentiality that restricts nothing more than care is
PROTECTED = frozenset({Category.MENTAL_HEALTH, Category.SOCIAL})
KNOWN = frozenset(one.value for one in Category)


def category_of(bundle: Json) -> Category:
    """The one protected category that is said anywhere; else care, or coordination where the
    Bundle or its first entry says so and nothing says care.

    Raises Refusal (422): two protected categories, one that is not known here, or restricted
    without a protected one.
    """
    said = {one for resource in _resources(bundle) for one in _said(resource)}
    protected = said & PROTECTED
    if len(protected) > 1:
        raise unprocessable(*SEVERAL, "Bundle")
    if protected:
        return protected.pop()
    if any(map(_is_restricted, _resources(bundle))):
        raise unprocessable(*UNSORTED, "Bundle")
    at_first = {*_said(bundle), *_said(bundle["entry"][0]["resource"])}
    is_less = Category.COORDINATION in at_first and Category.CARE not in said
    return Category.COORDINATION if is_less else Category.CARE


def _resources(value: Any) -> Iterator[Json]:
    """Each resource, at whatever depth: of an entry, contained in it, of a bundle in it; and each
    part of one that bears labels of its own, as a provision of a Consent does."""
    if isinstance(value, list):
        for one in value:
            yield from _resources(one)
    elif isinstance(value, dict):
        if "resourceType" in value or "securityLabel" in value:
            yield value
        for one in value.values():
            yield from _resources(one)


def _codings(resource: Json) -> Iterator[Json]:
    """The codes that sort a resource: its labels, its tags, its category."""
    meta = resource.get("meta", {})
    found = [*meta.get("security", []), *meta.get("tag", [])]
    for name in ("category", "securityLabel"):
        many = resource.get(name, [])
        found += many if isinstance(many, list) else [many]  # some types have one category
    for one in found:
        if isinstance(one, dict):  # a category may be a mere code
            yield from one.get("coding", [one])


def _said(resource: Json) -> Iterator[Category]:
    """The categories of the house that a resource says. Raises Refusal (422): one is unknown."""
    for one in _codings(resource):
        if one.get("system") == ours("information-category"):
            if one.get("code") not in KNOWN:
                raise unprocessable(*UNKNOWN, "Bundle")
            yield Category(one["code"])


def _is_restricted(resource: Json) -> bool:
    labels = [one.get("code") for one in _codings(resource) if one.get("system") == CONFIDENTIALITY]
    if resource.get("resourceType") == "Composition":
        labels.append(resource.get("confidentiality", "N"))
    return any(one not in OPEN for one in labels)


SEVERAL = (
    "document.categories",
    "Ce document porte deux catégories d’information protégées, que ne lisent pas les mêmes "
    "personnes : envoyez un document pour chacune. Rien n’a été enregistré.",
    "It says two protected categories of information: send one document for each.",
)
UNKNOWN = (
    "document.category.unknown",
    "Ce document porte une catégorie d’information que Cordée ne connaît pas. Rien n’a été "
    "enregistré.",
    "It says a code that the list of categories of information does not hold.",
)
UNSORTED = (
    "document.category",
    "Ce document est restreint sans dire ce qu’il dit : donnez sa catégorie d’information, qui "
    "décide de qui le lit. Rien n’a été enregistré.",
    "A restricted document says its protected category of information, which decides who reads it.",
)
