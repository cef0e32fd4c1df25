"""What is wrong with the shape of a resource, as the door says it."""

from collections.abc import Iterable

from django.conf import settings

from cordee.fhir.outcome import Issue, Json, Refusal
from cordee.fhir.shape import Trouble, troubles


def refuse_misshapen(resource: Json) -> None:
    """Refuse what R4, or a profile it claims, does not allow. Raises Refusal (422)."""
    found = troubles(resource, settings.CORDEE.fhir_profiles)
    if any(one.severity == "error" for one in found):
        raise Refusal(422, list(issues_of(found)))


def issues_of(found: Iterable[Trouble]) -> Iterable[Issue]:
    """Turn troubles into issues of an OperationOutcome."""
    return (
        Issue(one.issue_type, f"shape.{one.code}", one.text_fr, one.text_en, one.path, one.severity)
        for one in found
    )
