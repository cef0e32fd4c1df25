"""What the labels of a resource say of who reads it, in the words of the house or of HL7. Pure.

Source: FHIR R4, security-labels.html (« confidentiality classification », « sensitivity »). A label
stands on a resource, on what it holds, or on a part of it: the most protected of them decides.
Which category holds a sensitivity: `people.rules.sensitivity`.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from cordee.people.rules.sensitivity import HELD
from cordee.people.rules.sharing import PROTECTED, Category

Json = dict[str, Any]
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
CONFIDENTIALITIES = (
    *(CONFIDENTIALITY, "http://hl7.org/fhir/v3/Confidentiality"),
    "urn:oid:2.16.840.1.113883.5.25",
)
"""The list under each of its addresses: that of R4, that of STU3, and the number of HL7."""
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ACT_CODES = (ACT_CODE, "http://hl7.org/fhir/v3/ActCode", "urn:oid:2.16.840.1.113883.5.4")
OF_THE_HOUSE = "https://cordee.fr/fhir/CodeSystem/information-category"
OPEN = ("N", "M", "L", "U")  # confidentiality that restricts nothing more than care is
SIGNS = tuple(one.encode() for one in (*ACT_CODES, OF_THE_HOUSE))
"""Without any of these in its text, a resource says no protected category."""
SIGNS_OF_HL7 = SIGNS[: len(ACT_CODES)]
PROTECTED_CODES = tuple(one.value.encode() for one in PROTECTED)


def labelled_in(value: Any) -> Iterator[Json]:
    """Each resource, at whatever depth: of an entry, contained in it, of a bundle in it; and each
    part of one that bears labels of its own, as a provision of a Consent does."""
    if isinstance(value, list):
        for one in value:
            yield from labelled_in(one)
    elif isinstance(value, dict):
        if "resourceType" in value or "securityLabel" in value:
            yield value
        for one in value.values():
            yield from labelled_in(one)


def sorting_codes(resource: Json) -> Iterator[Json]:
    """The codes that sort a resource: its labels, its tags, its category."""
    yield from _labels(resource)
    yield from _codings(resource.get("meta", {}).get("tag", []))
    yield from _codings(resource.get("category", []))


def _labels(resource: Json) -> Iterator[Json]:
    yield from _codings(resource.get("meta", {}).get("security", []))
    yield from _codings(resource.get("securityLabel", []))


def _codings(found: Any) -> Iterator[Json]:
    for one in found if isinstance(found, list) else [found]:  # some types have one category
        if isinstance(one, dict):  # a category may be a mere code
            yield from one.get("coding", [one])


def held_by(coding: Json) -> Category | None:
    """The protected category that holds a sensitivity of HL7; None: no such, or none does."""
    return HELD.get(coding.get("code", "")) if coding.get("system") in ACT_CODES else None


def is_restricted(resource: Json) -> bool:
    """Whether a resource says that not everybody who cares may read it: by a confidentiality, or
    by a sensitivity, whichever it is."""
    said = [one.get("code") for one in sorting_codes(resource) if _says_how_confidential(one)]
    if resource.get("resourceType") == "Composition":
        said.append(resource.get("confidentiality", "N"))
    return any(one not in OPEN for one in said) or any(
        one.get("system") in ACT_CODES for one in _labels(resource)
    )


def _says_how_confidential(coding: Json) -> bool:
    return coding.get("system") in CONFIDENTIALITIES


def protected_in(text: str | bytes) -> frozenset[Category]:
    """The protected categories that a resource says anywhere, by a code of the house or of HL7."""
    written = text.encode() if isinstance(text, str) else text
    if not _may_protect(written):
        return frozenset()
    # What is kept is kept without its type.
    return frozenset(said for said, _ in _protecting({"resourceType": ""} | orjson.loads(written)))


def _may_protect(written: bytes) -> bool:
    """Whether a code that protects may stand in a text, which is then read again and walked.

    Nearly every note bears a category of the house, and few a protected one: the word itself is
    looked for, unless an escape may hide it.
    """
    if any(one in written for one in SIGNS_OF_HL7):
        return True
    if SIGNS[-1] not in written:
        return False
    return b"\\u" in written or any(one in written for one in PROTECTED_CODES)


def still_labelled(former: Json, merged: Json) -> Json:
    """What keeps something of a former one, with all the labels of that: they say who reads it.

    That of a part which gave way to another, and still protects the rest, stands on the whole.
    """
    theirs, meta = former.get("meta", {}), dict(merged.get("meta", {}))
    for name in ("security", "tag"):
        both = [*meta.get(name, []), *theirs.get(name, [])]
        meta[name] = [one for place, one in enumerate(both) if one not in both[:place]]
    found = merged | {"resourceType": "", "meta": meta}
    said = {category for category, _ in _protecting(found)}
    lost = dict(_protecting({"resourceType": ""} | former))
    meta["security"] += [coding for category, coding in lost.items() if category not in said]
    return merged | {"meta": meta}


def _protecting(resource: Json) -> Iterator[tuple[Category, Json]]:
    """Each protected category that a resource says at any depth, with the code that says it."""
    for one in labelled_in(resource):
        for coding in sorting_codes(one):
            for category in (held_by(coding), _of_the_house(coding)):
                if category in PROTECTED:
                    yield category, coding


def _of_the_house(coding: Json) -> Category | None:
    code = str(coding.get("code", ""))
    is_known = coding.get("system") == OF_THE_HOUSE and code in KNOWN
    return Category(code) if is_known else None


KNOWN = frozenset(one.value for one in Category)
