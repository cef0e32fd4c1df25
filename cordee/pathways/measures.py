"""A measure of protection that was said during a call, on the worklist of who may verify it."""

from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.kernel.facts import StoredFact
from cordee.pathways import services
from cordee.pathways.selectors import open_for
from cordee.people import selectors as people

MEASURE = "verify_measure"


def keep_verified(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Have the line « verify » stand while an agreement rests on what was only said.

    It is for the coordination of reference that may read of her, else for the desk of the call.
    """
    person_id = UUID(fact.data.get("survivor_id") or fact.data["person_id"])
    waiting = open_for(person_id, MEASURE)
    if people.declared_measure(person_id) is None:
        for task in waiting:
            services.drop(actor=actor, task=task, now=now)
    elif waiting.exists():
        return
    elif desk := people.reference_desk(person_id) or fact.data.get("organization_id"):
        ask = services.Ask(
            kind=MEASURE,
            origin=f"people/person/{person_id}",
            organization_id=UUID(str(desk)),
            person_id=person_id,
        )
        services.open_task(actor=actor, ask=ask, now=now)
