"""What the room does: visits are recorded, seen and answered; phones enrolled and revoked."""

from cordee.vigilance.services.answering import answer, answer_refused, see
from cordee.vigilance.services.devices import enrol, revoke, wiped
from cordee.vigilance.services.planning import Planned, plan
from cordee.vigilance.services.recording import Ack, keep_aside, raise_need, record_visits

__all__ = [
    "Ack",
    "Planned",
    "answer",
    "answer_refused",
    "enrol",
    "keep_aside",
    "plan",
    "raise_need",
    "record_visits",
    "revoke",
    "see",
    "wiped",
]
