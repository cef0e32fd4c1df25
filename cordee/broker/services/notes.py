"""What the one who comes must know to come, kept as the desk knows it."""

from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.broker.models import Solicitation


@action("broker.set_notes", on="solicitation")
def set_notes(
    *, actor: Actor, solicitation: Solicitation, notes: str, now: datetime
) -> Solicitation:
    """Write the notes for the visit again: the winner reads them on their own page. Idempotent."""
    if solicitation.visit_notes != notes:
        solicitation.keep(visit_notes=notes)
    return solicitation


@action("broker.carry", on="solicitation")
def carry(
    *, actor: Actor, solicitation: Solicitation, carried: bool, now: datetime
) -> Solicitation:
    """Write down whether the request that a search serves goes on. Idempotent."""
    if solicitation.is_carried != carried:
        solicitation.keep(is_carried=carried)
    return solicitation
