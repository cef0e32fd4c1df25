"""What meetings ask for, on the worklist of the structure that holds them, as they stand now."""

from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.kernel.facts import StoredFact
from cordee.meetings import selectors as meetings
from cordee.meetings.models import Decision, Meeting
from cordee.pathways import services
from cordee.pathways.policy import OWN
from cordee.pathways.selectors import asked_since, open_about
from cordee.plans.rules.rhythms import end_of


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Make the tasks of a meeting, or of what it decided, agree with it."""
    if decision_id := fact.data.get("decision_id"):
        if decision := meetings.decision_now(UUID(decision_id)):
            _keep(actor, _of_decision(decision), now)
    elif meeting := meetings.meeting_now(UUID(fact.data["meeting_id"])):
        _keep(actor, _of_meeting(meeting), now)


def remind(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Have who wrote a note read it again on its day: told to nobody else, and of nobody."""
    note = meetings.reminder_now(UUID(fact.data["note_id"]))
    origin = f"meetings/note/{fact.data['note_id']}"
    if note is None or asked_since(fact.happened_at, "read_note", [origin]):
        return  # heard before: it may have been read since
    wanted = services.Ask(
        kind="read_note",
        origin=origin,
        organization_id=note.organization_id,
        assignee_id=note.author_id,
        role=OWN,
        deadline_at=end_of(note.day) if note.day else None,
    )
    _keep(actor, wanted, now)


def _of_decision(decision: Decision) -> services.Ask:
    """What is protected is told on no worklist; it stays on the page of the meeting."""
    meeting = decision.meeting
    is_asked = decision.is_open and meetings.is_told(decision)
    return services.Ask(
        kind="follow_decision",
        origin=f"meetings/decision/{decision.pk}",
        organization_id=meeting.organization_id,
        person_id=meeting.person_id,
        assignee_id=decision.account_id or meeting.called_by_id,
        deadline_at=end_of(decision.due_on) if is_asked else None,
    )


def _of_meeting(meeting: Meeting) -> services.Ask:
    return services.Ask(
        kind="hold_meeting",
        origin=f"meetings/meeting/{meeting.pk}",
        organization_id=meeting.organization_id,
        person_id=meeting.person_id,
        assignee_id=meeting.called_by_id,
        deadline_at=meeting.starts_at if meeting.is_planned else None,
    )


def _keep(actor: Actor, wanted: services.Ask, now: datetime) -> None:
    """Have one task stand with its moment, and no other; none without one."""
    due = wanted.deadline_at
    standing = list(open_about(wanted.origin, wanted.kind))
    for task in standing:
        if task.due_at != due:
            services.drop(actor=actor, task=task, now=now)
    if due and not any(task.due_at == due for task in standing):
        services.open_task(actor=actor, ask=wanted, now=now)
