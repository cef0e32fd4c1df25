"""Needs raised from home, on the worklist of who answers today: each as it stands now."""

from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.directory.selectors import is_member
from cordee.kernel.facts import StoredFact
from cordee.pathways import answering, services
from cordee.pathways.selectors import open_about, open_origins
from cordee.people.facts import persons_of
from cordee.vigilance import selectors as vigilance
from cordee.vigilance.selectors import Awaited

KIND, ROOM = "answer_need", "vigilance/visit/"


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Have a task stand for a need until somebody says what was done."""
    _keep(actor, UUID(fact.data["visit_id"]), now)


def follow_person(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Her circle changed, or her choices: her needs go to who answers today."""
    for person in persons_of(fact):
        for pk in vigilance.needs_of(person):
            _keep(actor, pk, now)


def look_again(actor: Actor, now: datetime) -> None:
    """Look at every need that a worklist waits for: who may answer is not as it was."""
    for origin in open_origins(KIND):
        _keep(actor, UUID(origin.removeprefix(ROOM)), now)


def _keep(actor: Actor, pk: UUID, now: datetime) -> None:
    need, origin = vigilance.awaited(pk), f"{ROOM}{pk}"
    wanted = _seats(need)
    standing = set()
    for task in open_about(origin, KIND):
        seat = (task.organization_id, task.role)
        if seat in wanted and need is not None and task.person_id == need.person_id:
            standing.add(seat)
        else:
            services.drop(actor=actor, task=task, now=now)
    for desk, role in sorted(wanted - standing):
        if need is None:
            return
        ask = services.Ask(
            kind=KIND,
            origin=origin,
            organization_id=desk,
            role=role,
            person_id=need.person_id,
            assignee_id=_holder(need, desk, now),
        )
        services.open_task(actor=actor, ask=ask, now=now)


def _seats(need: Awaited | None) -> set[tuple[UUID, str]]:
    if need is None or need.desk is None:
        return set()
    roles = answering.roles(need.desk, need.service_id, need.person_id)
    return {(need.desk, role) for role in roles}


def _holder(need: Awaited, desk: UUID, now: datetime) -> UUID | None:
    """Who saw it says what was done; else the whole team is told."""
    held = need.seen_by_id
    return held if held and is_member(held, desk, now) else None
