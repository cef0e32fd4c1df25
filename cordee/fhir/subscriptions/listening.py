"""What a subscription was to be told, for who asks: judged again in the name of its owner."""

from datetime import datetime

from cordee.fhir.outcome import Issue, Json, Refusal
from cordee.fhir.subscriptions.feeding import in_the_name_of
from cordee.fhir.subscriptions.notices import still_told
from cordee.partners import selectors
from cordee.partners.models import Delivery, Subscription
from cordee.partners.rules.silences import WORDS

MOST = 100  # events told together


def told_between(
    one: Subscription, after: int, until: int | None, now: datetime
) -> list[tuple[Delivery, Json | None]]:
    """The events after a number, each with its resource where it is asked for; those that the owner
    may no longer be told of are left out. Raises Refusal (403): the owner may be told nothing."""
    try:
        owner = selectors.owner_of(one, now)
    except selectors.Silenced as silenced:
        french, english = WORDS[silenced.code]
        raise Refusal(403, [Issue("forbidden", "subscription.silenced", french, english)]) from None
    events = selectors.events_between(one, after, until, MOST)
    with in_the_name_of(owner):
        told = still_told(one, events, owner, now)
    return [(event, told[event.resource_id]) for event in events if event.resource_id in told]
