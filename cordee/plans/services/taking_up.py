"""Taking up in the plan what an evaluation found: one gesture a need."""

from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.plans.models import CarePlan, Need
from cordee.plans.selectors.taken_up import proposed_needs
from cordee.plans.services.lines import NeedSaid, write_need


@action("plans.take_up_need", on="plan")
def take_up_need(*, actor: Actor, plan: CarePlan, origin: str, now: datetime) -> Need:
    """Write a need as the evaluation says it, with its source; one that stands is left as it is.

    The evaluation is read again: what a page sends is a name, never words.
    Raises DomainError (plans.closed, plans.no_longer_proposed).
    """
    found = proposed_needs(actor, plan)
    proposed = {one.origin: one for one in found.needs} if found else {}
    need = proposed.get(origin)
    if need is None:
        raise DomainError(
            "plans.no_longer_proposed",
            "Ce besoin ne vient plus de la dernière évaluation. Rien n’a été écrit : rouvrez le "
            "plan pour voir ce qu’elle propose.",
        )
    if need.is_taken:
        standing: Need = Need.objects.visible_to(actor).get(
            plan=plan, origin=origin, removed_at=None
        )
        return standing
    said = NeedSaid(need.words, need.domain, necessary=need.necessary.value, origin=origin)
    written: Need = write_need(actor=actor, plan=plan, said=said, now=now)
    return written
