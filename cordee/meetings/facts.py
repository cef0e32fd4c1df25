"""What happens to a meeting. Identifiers and codes only; nothing of what is protected."""

from datetime import date, datetime
from uuid import UUID

from cordee.kernel.facts import Fact


class MeetingCalled(Fact, kind="meetings.meeting_called"):
    """Une réunion est prévue."""

    thread, subject = "person_id", "meeting_id"
    person_id: UUID
    meeting_id: UUID
    organization_id: UUID
    starts_at: datetime


class MeetingMoved(Fact, kind="meetings.meeting_moved"):
    """Une réunion est déplacée."""

    thread, subject = "person_id", "meeting_id"
    person_id: UUID
    meeting_id: UUID
    organization_id: UUID
    starts_at: datetime


class MeetingCancelled(Fact, kind="meetings.meeting_cancelled"):
    """Une réunion est annulée."""

    thread, subject = "person_id", "meeting_id"
    person_id: UUID
    meeting_id: UUID
    organization_id: UUID


class MeetingHeld(Fact, kind="meetings.meeting_held"):
    """Une réunion s’est tenue."""

    thread, subject = "person_id", "meeting_id"
    person_id: UUID
    meeting_id: UUID
    organization_id: UUID


class DecisionMade(Fact, kind="meetings.decision_made"):
    """Une réunion a pris une décision."""

    thread, subject = "person_id", "decision_id"
    person_id: UUID
    meeting_id: UUID
    decision_id: UUID
    organization_id: UUID
    due_on: date


class DecisionSettled(Fact, kind="meetings.decision_settled"):
    """Une décision de réunion est faite, ou abandonnée."""

    thread, subject = "person_id", "decision_id"
    person_id: UUID
    meeting_id: UUID
    decision_id: UUID
    organization_id: UUID
    phase: str


class DecisionToFollow(Fact, kind="meetings.decision_to_follow"):
    """Une décision est à suivre, ou ne l’est plus."""

    subject = "decision_id"  # on no thread: what is protected is told of nobody
    decision_id: UUID


class NoteToReadAgain(Fact, kind="meetings.note_to_read_again"):
    """Une note est à relire."""

    subject = "note_id"
    note_id: UUID
