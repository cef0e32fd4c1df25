"""Helpers who do not feel safe, on the list of who leads their service: one line, about nobody."""

from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor, Role
from cordee.kernel.facts import StoredFact
from cordee.pathways import services
from cordee.pathways.alone import alone
from cordee.pathways.selectors import open_about
from cordee.vigilance import selectors as vigilance

KIND, ORIGIN = "answer_safety", "vigilance/safety"


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Have one task stand in a service while something waits for an answer."""
    service = UUID(fact.data["organization_id"])
    with alone(ORIGIN, service):
        _agree(actor, service, now)


def _agree(actor: Actor, service: UUID, now: datetime) -> None:
    if vigilance.safety_waits(service):
        role = Role.COORDINATOR.value
        ask = services.Ask(kind=KIND, origin=ORIGIN, organization_id=service, role=role)
        services.open_task(actor=actor, ask=ask, now=now)
        return
    for task in open_about(ORIGIN, KIND).filter(organization=service):
        services.drop(actor=actor, task=task, now=now)
