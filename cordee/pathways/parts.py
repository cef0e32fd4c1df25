"""Parts of a team’s evaluation, on the list of who is asked; when late, of who asked, or of their
team once they left."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.assessments import selectors as assessments
from cordee.assessments.models import AskedPart
from cordee.directory import selectors as directory
from cordee.directory.rules import PARIS
from cordee.kernel.facts import StoredFact
from cordee.pathways import reserved, services
from cordee.pathways.policy import OWN
from cordee.pathways.selectors import asked_since, every_open, open_about
from cordee.people import selectors as people
from cordee.people.facts import persons_of
from cordee.people.policy import STEERING
from cordee.people.rules.sharing import PROTECTED, Category
from cordee.plans.rules.rhythms import end_of

FILL, CHASE = "fill_part", "chase_part"


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Make the tasks of a part agree with it."""
    if part := assessments.part_now(UUID(fact.data["part_id"])):
        _agree(actor, part, now)


def chase(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Tell who asked that it did not come, once."""
    if part := assessments.part_now(UUID(fact.data["part_id"])):
        _chase(actor, part, fact, now)


def pass_on(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Who asked left their structure: what they were told of late parts is told to the team."""
    asker, desk = UUID(fact.data["account_id"]), UUID(fact.data["organization_id"])
    if directory.is_member(asker, desk, now):  # another role, or not before its last day
        return
    for part in assessments.late_parts_of(asker, desk, now.astimezone(PARIS).date()):
        _chase(actor, part, fact, now)


def look(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Something moved around a person, or around all: nobody is asked what they may not write."""
    for part in assessments.awaited_about(persons_of(fact) or None):
        _agree(actor, part, now)


def look_at_chases(actor: Actor, now: datetime) -> None:
    """What was told to somebody who had left, and that nobody sees, is told to the team. One query
    when there is none."""
    for task in every_open(CHASE).filter(role=OWN, assignee=None):
        part = assessments.part_now(UUID(task.origin.rpartition("/")[2]))
        services.drop(actor=actor, task=task, now=now)
        if part:
            _tell_late(actor, part, now)


def _chase(actor: Actor, part: AskedPart, fact: StoredFact, now: datetime) -> None:
    if not asked_since(fact.happened_at, CHASE, [_origin(part)]):  # else it may be settled by now
        _tell_late(actor, part, now)


def _tell_late(actor: Actor, part: AskedPart, now: datetime) -> None:
    """Ask who asked for it; once they left, those who lead there and may read it."""
    if part.organization_id is None or not _is_wanted(part):
        return
    desk, origin = part.organization_id, _origin(part)
    ask = services.Ask(kind=CHASE, origin=origin, organization_id=desk, person_id=part.person_id)
    found = reserved.of_author(ask, part.asked_by_id, now) or reserved.of_readers(
        ask, Category(part.category), STEERING, now
    )
    if found:
        services.open_task(actor=actor, ask=replace(found, person_id=_named(part)), now=now)


def _agree(actor: Actor, part: AskedPart, now: datetime) -> None:
    origin, wanted = _origin(part), _is_wanted(part)
    standing = list(open_about(origin, FILL, CHASE))
    for task in standing:
        if not wanted or task.person_id != _named(part):
            services.drop(actor=actor, task=task, now=now)
    kept = any(one.kind == FILL and one.person_id == _named(part) for one in standing)
    if wanted and part.desk_id and not kept:
        ask = services.Ask(
            kind=FILL,
            origin=origin,
            organization_id=part.desk_id,
            person_id=_named(part),
            assignee_id=part.guest_id,
            deadline_at=end_of(part.wanted_on),
            role=OWN,
        )
        services.open_task(actor=actor, ask=ask, now=now)


def _is_wanted(part: AskedPart) -> bool:
    """While it is awaited, of somebody alive, by who still follows her."""
    if not part.is_awaited or people.is_deceased(part.person_id):
        return False
    desk = part.desk_id
    return desk is None or people.is_followed(desk, part.person_id, part.guest_id)


def _named(part: AskedPart) -> UUID | None:
    """What is protected names nobody on a worklist."""
    return None if part.category in PROTECTED else part.person_id


def _origin(part: AskedPart) -> str:
    return f"assessments/part/{part.pk}"
