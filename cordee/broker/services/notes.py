"""What the one who comes must know to come, kept as the desk knows it."""

from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.broker.models import Solicitation


@action("broker.set_notes", on="solicitation")
def set_notes(
    *, actor: Actor, solicitation: Solicitation, arrival: str, visit: str, now: datetime
) -> Solicitation:
    """Write the notes again: the winner reads them on their own page. Idempotent."""
    if (solicitation.arrival_notes, solicitation.visit_notes) != (arrival, visit):
        solicitation.keep(arrival_notes=arrival, visit_notes=visit)
    return solicitation


@action("broker.carry", on="solicitation")
def carry(
    *, actor: Actor, solicitation: Solicitation, carried: bool, now: datetime
) -> Solicitation:
    """Write down whether the request that a search serves goes on. Idempotent."""
    if solicitation.is_carried != carried:
        solicitation.keep(is_carried=carried)
    return solicitation
