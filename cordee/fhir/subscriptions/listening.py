"""What a subscription was to be told, for who asks: judged again in the name of its owner, within
what the token that asks lets through."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cordee.fhir.caller import OUT_OF_SCOPE, Both, Caller
from cordee.fhir.outcome import Issue, Json, Refusal
from cordee.fhir.subscriptions.feeding import in_the_name_of
from cordee.fhir.subscriptions.notices import still_told
from cordee.partners import selectors
from cordee.partners.models import Delivery, Subscription
from cordee.partners.rules.silences import WORDS

MOST = 100  # events told together


def told_of(
    one: Subscription, events: Sequence[Delivery], caller: Caller, now: datetime
) -> list[tuple[Delivery, Json | None]]:
    """Some events, each with its resource where it is asked for; those that the owner may no longer
    be told of are left out. Raises Refusal (403): nothing is told."""
    try:
        owner = _asked_by(caller, one, selectors.owner_of(one, now))
    except selectors.Silenced as silenced:
        french, english = WORDS[silenced.code]
        raise Refusal(403, [Issue("forbidden", "subscription.silenced", french, english)]) from None
    with in_the_name_of(owner):
        told = still_told(one, events, owner, now)
    return [(event, told[event.resource_id]) for event in events if event.resource_id in told]


def _asked_by(caller: Caller, one: Subscription, owner: selectors.Owner) -> selectors.Owner:
    """The owner, as far as a token lets through. Raises Refusal (403): it does not."""
    only = caller.patient_id
    if not caller.scopes.allow(one.kind, "s") or (only and owner.patient_id not in (None, only)):
        raise Refusal(403, [OUT_OF_SCOPE])
    scopes = Both(owner.scopes, caller.scopes)
    if only is None:
        return replace(owner, scopes=scopes)
    return selectors.Owner(replace(owner.actor, only_person=only), scopes, only)
