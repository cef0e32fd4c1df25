"""A protocol that is proposed, on the own list of each who may approve it, until somebody does."""

from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.kernel.facts import StoredFact
from cordee.pathways import services
from cordee.pathways.policy import OWN
from cordee.pathways.selectors import every_open
from cordee.protocols import selectors as protocols

KIND, ROOM = "approve_protocol", "protocols/version/"


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Have a task stand for each who may approve the version as it is now; none for the others.

    It is each reader's own: who wrote some of it is not asked to approve it."""
    version_id = UUID(fact.data["version_id"])
    wanted = {
        f"{ROOM}{version_id}/{account}": account
        for account in protocols.approvers_of(version_id, now)
    }
    for task in every_open(KIND).filter(origin__startswith=f"{ROOM}{version_id}/"):
        if task.origin not in wanted:
            services.drop(actor=actor, task=task, now=now)
    for origin, account in wanted.items():
        ask = services.Ask(
            kind=KIND,
            origin=origin,
            organization_id=UUID(fact.data["organization_id"]),
            assignee_id=account,
            role=OWN,
        )
        services.open_task(actor=actor, ask=ask, now=now)
