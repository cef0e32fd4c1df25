"""What a document or a message tells, which decides who reads it. Pure.

Sources: FHIR R4, security-labels.html; the confidentiality of a Composition; `rules/sensitivity`.
A label stands on the Bundle, on any of its entries, or on what an entry holds: the most protected
of them decides.
"""

from collections.abc import Iterator

from cordee.fhir.bundles.links import Json
from cordee.fhir.outcome import unprocessable
from cordee.fhir.rules.sensitivity import (
    KNOWN,
    OF_THE_HOUSE,
    held_by,
    is_restricted,
    labelled_in,
    sorting_codes,
)
from cordee.people.rules.sharing import PROTECTED, Category


def category_of(bundle: Json) -> Category:
    """The one protected category that is said anywhere; else care, or coordination where the
    Bundle or its first entry says so and nothing says care.

    Raises Refusal (422): two protected categories, one that is not known here, or restricted
    without a protected one.
    """
    said = {one for resource in labelled_in(bundle) for one in _said(resource)}
    protected = said & PROTECTED
    if len(protected) > 1:
        raise unprocessable(*SEVERAL, "Bundle")
    if protected:
        return protected.pop()
    if any(map(is_restricted, labelled_in(bundle))):
        raise unprocessable(*UNSORTED, "Bundle")
    at_first = {*_said(bundle), *_said(bundle["entry"][0]["resource"])}
    is_less = Category.COORDINATION in at_first and Category.CARE not in said
    return Category.COORDINATION if is_less else Category.CARE


def _said(resource: Json) -> Iterator[Category]:
    """The categories that a resource says, in the words of the house or of HL7. Raises Refusal
    (422): one of the house is unknown."""
    for one in sorting_codes(resource):
        if one.get("system") == OF_THE_HOUSE and one.get("code") not in KNOWN:
            raise unprocessable(*UNKNOWN, "Bundle")
        if one.get("system") == OF_THE_HOUSE:
            yield Category(one["code"])
        elif (held := held_by(one)) is not None:
            yield held


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
