"""The next point of a reinforced follow-up, on the worklist of the structure that decided it."""

from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.kernel.facts import StoredFact
from cordee.pathways import services
from cordee.pathways.selectors import open_about
from cordee.people import selectors as people
from cordee.people.facts import persons_of
from cordee.plans.rules.rhythms import end_of
from cordee.vigilance import selectors as vigilance
from cordee.vigilance.models import ReinforcedFollowUp

KIND, ROOM = "review_reinforced", "vigilance/reinforced"


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Have one task stand for the next point, on its day; none once the follow-up ended."""
    pk = UUID(fact.data["followup_id"])
    _agree(actor, vigilance.reinforced_now(pk), f"{ROOM}/{pk}", now)


def follow_person(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Her circle changed, or what it may know: who may not follow her is asked nothing."""
    for person in persons_of(fact):
        for row in vigilance.reinforced_about(person):
            _agree(actor, row, f"{ROOM}/{row.pk}", now)


def _agree(actor: Actor, row: ReinforcedFollowUp | None, origin: str, now: datetime) -> None:
    is_owed = row is not None and row.ended_at is None and _may_follow(row)
    due = end_of(row.review_on) if row is not None and is_owed else None
    standing = False
    for task in open_about(origin, KIND):
        same = row is not None and task.organization_id == row.organization_id
        if is_owed and same and task.due_at == due:
            standing = True
        else:
            services.drop(actor=actor, task=task, now=now)
    if row is not None and is_owed and not standing:
        ask = services.Ask(
            kind=KIND,
            origin=origin,
            organization_id=row.organization_id,
            person_id=row.person_id,
            assignee_id=row.started_by_id,
            deadline_at=due,
        )
        services.open_task(actor=actor, ask=ask, now=now)


def _may_follow(row: ReinforcedFollowUp) -> bool:
    alive = not people.is_deceased(row.person_id)
    return alive and people.may_follow(row.organization_id, row.person_id)
