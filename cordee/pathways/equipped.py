"""Equipment to look for and small actions to review, on the list of the structure that follows."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.kernel.facts import StoredFact
from cordee.pathways import services
from cordee.pathways.selectors import open_about
from cordee.people import selectors as people
from cordee.people.facts import persons_of
from cordee.plans.rules.rhythms import end_of
from cordee.vigilance import selectors as vigilance
from cordee.vigilance.models import Equipment, Trial

EQUIPMENT, TRIAL = "vigilance/equipment/", "vigilance/trial/"
KINDS = {EQUIPMENT: "follow_equipment", TRIAL: "review_trial"}


@dataclass(frozen=True, slots=True)
class _Owed:
    """What is looked at again, by whom, on which day; no day once nothing is awaited."""

    person_id: UUID
    organization_id: UUID
    assignee_id: UUID
    day: date | None


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Have one task stand on the day said; none once nothing is awaited."""
    if pk := fact.data.get("equipment_id"):
        _agree(actor, EQUIPMENT, UUID(pk), _equipment(vigilance.equipment_now(UUID(pk))), now)
    if pk := fact.data.get("trial_id"):
        _agree(actor, TRIAL, UUID(pk), _trial(vigilance.trial_now(UUID(pk))), now)


def follow_person(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Her circle changed, or what it may know: who may not follow her is asked nothing."""
    for person in persons_of(fact):
        equipment, trials = vigilance.followed_about(person)
        for row in equipment:
            _agree(actor, EQUIPMENT, row.pk, _equipment(row), now)
        for tried in trials:
            _agree(actor, TRIAL, tried.pk, _trial(tried), now)


def _equipment(row: Equipment | None) -> _Owed | None:
    if row is None:
        return None
    return _Owed(row.person_id, row.organization_id, row.asked_by_id, row.due_on)


def _trial(row: Trial | None) -> _Owed | None:
    if row is None:
        return None
    day = None if row.reviewed_at else row.review_on
    return _Owed(row.person_id, row.organization_id, row.begun_by_id, day)


def _agree(actor: Actor, room: str, pk: UUID, owed: _Owed | None, now: datetime) -> None:
    origin, kind = f"{room}{pk}", KINDS[room]
    due = end_of(owed.day) if owed and owed.day and _may_follow(owed) else None
    standing = False
    wanted = (due, owed.organization_id, owed.person_id) if owed and due else None
    for task in open_about(origin, kind):
        if (task.due_at, task.organization_id, task.person_id) == wanted:
            standing = True
        else:
            services.drop(actor=actor, task=task, now=now)
    if owed and due and not standing:
        ask = services.Ask(
            kind=kind,
            origin=origin,
            organization_id=owed.organization_id,
            person_id=owed.person_id,
            assignee_id=owed.assignee_id,
            deadline_at=due,
        )
        services.open_task(actor=actor, ask=ask, now=now)


def _may_follow(owed: _Owed) -> bool:
    alive = not people.is_deceased(owed.person_id)
    return alive and people.may_follow(owed.organization_id, owed.person_id)
