"""Reads of the room, by noun."""

from cordee.partners.selectors.clients import (
    apps_beside,
    calls_of,
    client_known_as,
    clients,
    figures_of,
    get_client,
    own_clients,
)
from cordee.partners.selectors.grants import get_grant, own_grants
from cordee.partners.selectors.hats import hat_worn
from cordee.partners.selectors.holders import Holder, Unadmitted, holder_of, system_now, token_told
from cordee.partners.selectors.keys import published_keys, signing_key
from cordee.partners.selectors.subscribers import Owner, Silenced, may_be_told, owner_of
from cordee.partners.selectors.subscriptions import (
    dead_letter,
    dead_letters,
    dead_of,
    events_between,
    own_subscriptions,
    standings,
    subscription_of,
    subscriptions_due,
    subscriptions_read_for,
    undelivered,
)

__all__ = [
    "Holder",
    "Owner",
    "Silenced",
    "Unadmitted",
    "apps_beside",
    "calls_of",
    "client_known_as",
    "clients",
    "dead_letter",
    "dead_of",
    "dead_letters",
    "events_between",
    "figures_of",
    "get_client",
    "get_grant",
    "hat_worn",
    "holder_of",
    "may_be_told",
    "own_clients",
    "own_grants",
    "own_subscriptions",
    "owner_of",
    "published_keys",
    "signing_key",
    "standings",
    "subscription_of",
    "subscriptions_due",
    "subscriptions_read_for",
    "system_now",
    "token_told",
    "undelivered",
]
