"""What meetings ask for, on the worklist of the structure that holds them, as they stand now."""

from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.kernel.facts import StoredFact
from cordee.liaison.selectors import named_reads
from cordee.meetings import selectors as meetings
from cordee.meetings.models import Decision, Meeting
from cordee.meetings.services import take_back
from cordee.pathways import services
from cordee.pathways.policy import OWN
from cordee.pathways.reserved import (
    keep_each,
    keep_to_give,
    look_at_each,
    of_author,
    of_her_circle,
    of_readers,
)
from cordee.pathways.selectors import asked_since, open_about, open_origins
from cordee.people.facts import persons_of
from cordee.people.policy import STEERING
from cordee.people.rules.sharing import Category
from cordee.plans.rules.rhythms import end_of
from cordee.plans.selectors import structures_around

ROOM, LEFT = "meetings/decision/", "pathways/decision/"
FOLLOW = "follow_decision"


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Make the tasks of a meeting, or of what it decided, agree with it."""
    if decision_id := fact.data.get("decision_id"):
        if decision := meetings.decision_now(UUID(decision_id)):
            _keep_decision(actor, decision, now)
    elif meeting := meetings.meeting_now(UUID(fact.data["meeting_id"])):
        _keep(actor, _of_meeting(meeting), now)


def follow_person(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """What the circle may know changed: who is asked for what is protected follows."""
    for person in persons_of(fact):
        for decision in meetings.protected_now(meeting__person=person):
            _keep_decision(actor, decision, now)


def look_again(actor: Actor, now: datetime) -> None:
    """Look at every decision that worklists wait for, or should: who may read it is not as it was,
    or it was made before it asked."""
    keys = {UUID(origin.removeprefix(ROOM)) for origin in open_origins(FOLLOW)}
    _look_at(actor, sorted(keys.union(one.pk for one in meetings.protected_now())), now)


def look_at_lines_of(actor: Actor, author_id: UUID, now: datetime) -> None:
    """Who wrote decisions that they may have been alone to read works there no more."""
    _look_at(actor, [one.pk for one in meetings.protected_now(author=author_id)], now)


def _look_at(actor: Actor, keys: list[UUID], now: datetime) -> None:
    def look(pk: UUID) -> None:
        if decision := meetings.decision_now(pk):
            _keep_decision(actor, decision, now)

    look_at_each(keys, look)


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


def _keep_decision(actor: Actor, decision: Decision, now: datetime) -> None:
    """Have who holds the meeting asked for it until it is settled; of what nobody of that structure
    may read, those of her circle who may, once it gave it to them."""
    held = _of_holder(decision, now)
    asks, is_left = _asked_of(decision, held, now) if decision.is_open else ([], False)
    keep_each(actor, f"{ROOM}{decision.pk}", [FOLLOW], asks, now)
    desk = decision.meeting.organization_id
    keep_to_give(actor, f"{LEFT}{decision.pk}", desk, now, is_left=is_left)
    if decision.is_open and decision.given_at and held:
        take_back(actor=actor, decision=decision, now=now)


def _asked_of(
    decision: Decision, held: services.Ask | None, now: datetime
) -> tuple[list[services.Ask], bool]:
    """Who is asked; and whether nobody of the structure that held the meeting may be, nor a
    professional alone, to whom it is entrusted by name, reads it on their page."""
    if held is not None:
        return [held], False
    meeting, category, stay = decision.meeting, Category(decision.category), decision.member
    if decision.given_at is not None:
        around = structures_around(meeting.person_id, meeting.organization_id)
        return of_her_circle(_ask(decision), category, around, now), False
    return [], stay is None or not named_reads(stay, meeting.person_id, category)


def _of_holder(decision: Decision, now: datetime) -> services.Ask | None:
    """What is protected is asked without a word, of nobody: of who reads it in the structure
    that held the meeting, else of who wrote it alone."""
    ask = _ask(decision)
    if meetings.is_told(decision):
        return ask
    wanted = of_readers(ask, Category(decision.category), STEERING, now)
    return wanted or of_author(ask, decision.author_id, now)


def _ask(decision: Decision) -> services.Ask:
    meeting = decision.meeting
    return services.Ask(
        kind=FOLLOW,
        origin=f"{ROOM}{decision.pk}",
        organization_id=meeting.organization_id,
        person_id=meeting.person_id,
        assignee_id=decision.account_id or meeting.called_by_id,
        deadline_at=end_of(decision.due_on),
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
    due, stands = wanted.deadline_at, False
    for task in open_about(wanted.origin, wanted.kind):
        if (task.due_at, task.role, task.person_id) == (due, wanted.role, wanted.person_id):
            stands = True
        else:
            services.drop(actor=actor, task=task, now=now)
    if due and not stands:
        services.open_task(actor=actor, ask=wanted, now=now)
