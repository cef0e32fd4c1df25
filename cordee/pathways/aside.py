"""What phones sent and could not be taken, on the worklist of their service: one line, as it is."""

from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.kernel.facts import StoredFact
from cordee.pathways import services
from cordee.pathways.alone import alone
from cordee.pathways.selectors import open_about
from cordee.vigilance import selectors as vigilance

PRESSING, WAITING = "read_urgent_aside", "read_aside"
ORIGIN = "vigilance/aside"


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Have one task stand for all that waits in a service: urgent while something of it is."""
    service = UUID(fact.data["organization_id"])
    with alone(ORIGIN, service):
        _agree(actor, service, now)


def _agree(actor: Actor, service: UUID, now: datetime) -> None:
    waits, presses = vigilance.waits_aside(service)
    wanted = (PRESSING if presses else WAITING) if waits else ""
    standing = open_about(ORIGIN, PRESSING, WAITING).filter(organization=service)
    for task in standing.exclude(kind=wanted):
        services.drop(actor=actor, task=task, now=now)
    if wanted:
        ask = services.Ask(kind=wanted, origin=ORIGIN, organization_id=service)
        services.open_task(actor=actor, ask=ask, now=now)
