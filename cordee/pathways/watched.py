"""Ruptures of pathways on the worklist of the structure that watches: each as it stands now."""

from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.kernel.facts import StoredFact
from cordee.pathways import services
from cordee.pathways.selectors import open_about
from cordee.protocols import selectors as protocols
from cordee.protocols.models import Rupture

PREVENT, REPAIR = "prevent_rupture", "repair_rupture"


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Have one task stand for a rupture that waits, none for one that ended.

    Who has it in hand keeps it when what was close becomes late."""
    rupture = protocols.rupture_now(UUID(fact.data["rupture_id"]))
    origin = f"protocols/rupture/{fact.data['rupture_id']}"
    wanted = _kind(rupture)
    standing = list(open_about(origin, PREVENT, REPAIR))
    holder = next((task.assignee_id for task in standing if task.assignee_id), None)
    for task in standing:
        if task.kind != wanted:
            services.drop(actor=actor, task=task, now=now)
    if rupture is not None and wanted and all(task.kind != wanted for task in standing):
        services.open_task(actor=actor, ask=_asked(rupture, wanted, origin, holder), now=now)


def _kind(rupture: Rupture | None) -> str:
    if rupture is None or not rupture.is_open:
        return ""
    return REPAIR if protocols.is_late(rupture) else PREVENT


def _asked(rupture: Rupture, kind: str, origin: str, holder: UUID | None) -> services.Ask:
    return services.Ask(
        kind=kind,
        origin=origin,
        organization_id=rupture.pathway.organization_id,
        person_id=rupture.pathway.person_id,
        assignee_id=holder,
        deadline_at=rupture.at,
    )
