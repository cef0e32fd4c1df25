"""What a request says in the house ⇄ in the codes of ServiceRequest."""

from cordee.fhir.outcome import Json
from cordee.intake.models import CancelReason, HandOnReason, RefusalReason, VisitTime
from cordee.intake.rules import Delay, State

STATUS_REASON = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
NOT_KNOWN_YET = "Personne à identifier"
ENDED = {
    State.CLOSED: "completed",
    State.REFUSED: "revoked",
    State.CANCELLED: "revoked",
    State.HANDED_ON: "revoked",
}
PRIORITIES = {
    Delay.TONIGHT: "asap",
    Delay.H24: "urgent",
    Delay.H72: "routine",
    Delay.PLANNED: "routine",
}
REASONS = {
    **dict(RefusalReason.choices),
    **dict(CancelReason.choices),
    **dict(HandOnReason.choices),
}
WHEN = {
    VisitTime.MORNING: "MORN",
    VisitTime.NOON: "NOON",
    VisitTime.EVENING: "EVE",
    VisitTime.NIGHT: "NIGHT",
}
RHYTHMS: dict[str, Json] = {
    "once": {"count": 1},
    "daily": {"frequency": 1, "period": 1, "periodUnit": "d"},
    "twice": {"frequency": 2, "period": 1, "periodUnit": "d"},
    "thrice": {"frequency": 3, "period": 1, "periodUnit": "d"},
    "weekly": {"frequency": 1, "frequencyMax": 3, "period": 1, "periodUnit": "wk"},
}


def text_of(concept: Json) -> str:
    """What a CodeableConcept says in words."""
    codes = concept.get("coding", [])
    coded = [one.get("display", "") or one.get("code", "") for one in codes]
    return str(concept.get("text", "") or ", ".join(filter(None, coded)))
