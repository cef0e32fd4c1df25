"""The tables of the intake room, by noun."""

from cordee.intake.models.calls import Caller, CallerKind, Document, Draft, Hold
from cordee.intake.models.outside import Knock, StatusLink, Telling
from cordee.intake.models.requests import (
    ENDED_WITH_REASON,
    CancelReason,
    CareRequest,
    DacCriterion,
    Frequency,
    HandOnReason,
    Prescription,
    Proposal,
    RefusalReason,
    Risk,
    VisitTime,
    Weight,
    Wish,
    is_owed,
)
from cordee.intake.models.triage import TriageAnswer, TriageVersion

__all__ = [
    "ENDED_WITH_REASON",
    "Caller",
    "CallerKind",
    "CancelReason",
    "CareRequest",
    "DacCriterion",
    "Document",
    "Draft",
    "Frequency",
    "HandOnReason",
    "Hold",
    "Knock",
    "Prescription",
    "Proposal",
    "RefusalReason",
    "Risk",
    "StatusLink",
    "Telling",
    "TriageAnswer",
    "TriageVersion",
    "VisitTime",
    "Weight",
    "Wish",
    "is_owed",
]
