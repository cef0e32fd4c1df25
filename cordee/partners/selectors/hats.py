"""The hat that one wears on a page, for an application to wear the same."""

from datetime import datetime

from cordee.access.actor import Actor, Purpose
from cordee.access.models import Account
from cordee.partners.policy import MAY_ALLOW
from cordee.people.hats import Hat, hats_of


def hat_worn(actor: Actor, now: datetime) -> Hat | None:
    """Give the hat of the actor, when an application may wear it. Two queries."""
    if actor.account_id is None or actor.role not in MAY_ALLOW:
        return None
    if actor.purpose is Purpose.EMERGENCY:
        return None
    account = Account.objects.filter(pk=actor.account_id, is_active=True).first()
    hats = hats_of(account, now) if account else []
    return next((one for one in hats if _is_worn(one, actor)), None)


def _is_worn(hat: Hat, actor: Actor) -> bool:
    return (hat.role, hat.organization_id) == (actor.role, actor.organization_id) and (
        hat.person_id is None or hat.person_id in actor.person_ids
    )
