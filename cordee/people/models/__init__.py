"""The tables of the room, by noun."""

from cordee.people.models.choices import (
    EmergencyOpposition,
    HintChoice,
    Information,
    Processing,
    ProcessingBasis,
    Sharing,
)
from cordee.people.models.circle import CircleMember, PersonAccount, Relative
from cordee.people.models.emergency import EmergencyGrant
from cordee.people.models.gates import (
    GateGrant,
    GateInformation,
    GateOpposition,
    GatePerson,
    GateProcessing,
    GateSharing,
    GateSpace,
    GateStay,
)
from cordee.people.models.merging import Candidate, Merge, MergeStep
from cordee.people.models.notes import ProtectedNote
from cordee.people.models.person import Person
from cordee.people.models.stays import HospitalStay
from cordee.people.models.unattended import Evaluation, UnattendedMerging

__all__ = [
    "Candidate",
    "CircleMember",
    "EmergencyGrant",
    "EmergencyOpposition",
    "Evaluation",
    "HintChoice",
    "HospitalStay",
    "GateGrant",
    "GateInformation",
    "GateOpposition",
    "GatePerson",
    "GateProcessing",
    "GateSharing",
    "GateSpace",
    "GateStay",
    "Information",
    "Merge",
    "MergeStep",
    "Person",
    "PersonAccount",
    "Processing",
    "ProcessingBasis",
    "ProtectedNote",
    "Relative",
    "Sharing",
    "UnattendedMerging",
]
