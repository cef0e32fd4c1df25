"""Who was to come and is expected no more is called by the desk, where no text tells them in time.

The desk may follow the person no more, and still owes that call: the task names nobody.
"""

from datetime import datetime

from cordee.access.actor import Actor
from cordee.broker import selectors as searches
from cordee.broker.models import Solicitation
from cordee.pathways import services
from cordee.pathways.selectors import asked_since, open_about

KIND = "call_off"


def origin_of(search: Solicitation) -> str:
    """Name an ended search as a task keeps it."""
    return f"broker/solicitation/{search.pk}"


def ask_to_call(actor: Actor, search: Solicitation, now: datetime) -> None:
    """Ask the desk that searched to call, once for each end; whoever reads it first calls."""
    origin, ended_at = origin_of(search), search.ended_at
    if ended_at is None or searches.expected_no_more(search) is None:
        return
    if origin not in asked_since(ended_at, KIND, [origin]):
        desk = search.organization_id
        ask = services.Ask(kind=KIND, origin=origin, organization_id=desk)
        services.open_task(actor=actor, ask=ask, now=now)


def forget_who_comes_again(actor: Actor, need: str, now: datetime) -> None:
    """Take off the list the call to somebody who has said yes again to the same need."""
    for search in searches.made_for(need):
        for task in open_about(origin_of(search), KIND):
            if searches.expected_no_more(search) is None:
                services.drop(actor=actor, task=task, now=now)
