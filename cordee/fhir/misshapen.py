"""What is wrong with the shape of a resource, as the door says it."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings

from cordee.fhir.outcome import Issue, Json, Refusal
from cordee.fhir.shape import Trouble, troubles
from cordee.fhir.shape.references import named_type
from cordee.fhir.shape.tables import kind
from cordee.fhir.writing import encoded


def refuse_misshapen(resource: Json) -> None:
    """Refuse what R4, or a profile it claims, does not allow. Raises Refusal (422)."""
    found = troubles(resource, settings.CORDEE.fhir_profiles)
    if any(one.severity == "error" for one in found):
        raise Refusal(422, list(issues_of(found)))


def refuse_misled(resource: Json, rewritten: Iterable[tuple[Any, Any]]) -> None:
    """The same of a resource that was right before some texts were rewritten, each said by what
    holds it and its name there. Raises Refusal (422).

    Of a reference that an element holds, only the type that it now leads to is looked at; of
    anything else, or under a profile, the whole resource.
    """
    is_plain = not settings.CORDEE.fhir_profiles and "profile" not in resource.get("meta", ())
    if not (is_plain and all(_leads_right(resource, *one) for one in rewritten)):
        refuse_misshapen(resource)


def _leads_right(resource: Json, holder: Any, key: Any) -> bool:
    """Whether it is a reference of an element, to a type that R4 names there."""
    elements = kind(resource["resourceType"]).elements
    held = next((name for name, value in resource.items() if value is holder), "")
    is_held = key == "reference" and held in elements
    return is_held and named_type(holder[key]) in elements[held].targets


def refuse_what_changes_meaning(resource: Json) -> None:
    """Refuse to keep what would be read wrongly by who does not know it. Raises Refusal (422)."""
    if found := what_changes_meaning(resource):
        raise Refusal(422, found)


def what_changes_meaning(resource: Json) -> list[Issue]:
    """What a resource holds that changes its meaning and is not known here, each at its place.

    FHIR R4, extensibility.html and resource.html: a modifier extension or implicit rules that a
    server does not know are rejected. What stands in `contained` is kept as it is, and not read.
    """
    written = encoded(resource)  # nearly none has any: its text says so sooner than its elements
    if not any(one in written for one in SUSPECT):
        return []
    kind = str(resource.get("resourceType", ""))
    return [Issue("extension", *NOT_KNOWN, one) for one in _unknown(resource, kind, inside=False)]


SUSPECT = (b'"modifierExtension"', b'"implicitRules"')


def _unknown(value: Any, where: str, *, inside: bool = True) -> Iterator[str]:
    if isinstance(value, list):
        for rank, one in enumerate(value):
            yield from _unknown(one, f"{where}[{rank}]")
    if not isinstance(value, dict):
        return
    for name, one in value.items():
        if name == "modifierExtension" or (name == "implicitRules" and not inside):
            yield f"{where}.{name}"
        elif inside or name != "contained":
            yield from _unknown(one, f"{where}.{name}")


NOT_KNOWN = (
    "write.changes_meaning",
    "Cet élément change le sens du reste, et Cordée ne le connaît pas. Rien n’a été enregistré.",
    "The element changes the meaning of the resource and is not known here. Nothing was stored.",
)


def issues_of(found: Iterable[Trouble]) -> Iterable[Issue]:
    """Turn troubles into issues of an OperationOutcome."""
    return (
        Issue(one.issue_type, f"shape.{one.code}", one.text_fr, one.text_en, one.path, one.severity)
        for one in found
    )
