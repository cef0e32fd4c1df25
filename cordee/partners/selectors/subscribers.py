"""In whose name a subscription is told anything: judged again each time, as a token is."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor, Origin
from cordee.access.sight import by_the_house
from cordee.partners.models import Subscription
from cordee.partners.rules import silences
from cordee.partners.rules.scopes import Allowing, Scopes, read, within
from cordee.partners.selectors.holders import acting_as, wearing
from cordee.people.hats import actor_wearing


class Silenced(Exception):  # noqa: N818 — what it says
    """Nothing may be told any more: `code` says why (`rules.silences`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Owner:
    """In whose name, within which scopes, and about whom only."""

    actor: Actor
    scopes: Allowing
    patient_id: UUID | None = None


@by_the_house
def owner_of(subscription: Subscription, now: datetime) -> Owner:
    """Say in whose name a subscription is told. Raises Silenced. Three queries.

    By the house: nobody is known before the owner is.
    """
    whole = Subscription.objects.select_related("client__membership__account", "grant__account")
    one = whole.get(pk=subscription.pk)
    if one.client.suspended_at is not None:
        raise Silenced(silences.SUSPENDED)
    if one.ends_at is not None and one.ends_at <= now:
        raise Silenced(silences.ENDED)
    grant = one.grant
    if grant and (grant.ended_at is not None or grant.ends_at <= now):
        raise Silenced(silences.GRANT)
    account, hat = wearing(grant.account, grant.hat, now) if grant else acting_as(one.client, now)
    if account is None or hat is None:
        raise Silenced(silences.ROLE)
    scopes = _scopes(one)
    if scopes.is_of_one_person and (grant is None or grant.person_id is None):
        raise Silenced(silences.SCOPES)
    only = grant.person_id if grant and scopes.is_of_one_person else None
    actor = replace(actor_wearing(account, hat, one.holder), origin=Origin.FHIR, only_person=only)
    return Owner(actor, scopes, only)


def _scopes(one: Subscription) -> Scopes:
    """What it was made within, as far as its client and its grant still are. Raises Silenced."""
    found = within(read(one.scopes), one.client.most)
    if one.grant:
        found = within(found, read(one.grant.scopes))
    if not may_be_told(found, one.kind, one.content):
        raise Silenced(silences.SCOPES)
    return found


def may_be_told(scopes: Allowing, kind: str, content: str) -> bool:
    """Whether scopes let a type be watched, and told as it is asked for."""
    is_whole = content == Subscription.Content.FULL
    return scopes.allow(kind, "s") and (scopes.allow(kind, "r") or not is_whole)
