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

__all__ = [
    "Holder",
    "Unadmitted",
    "apps_beside",
    "calls_of",
    "client_known_as",
    "clients",
    "figures_of",
    "get_client",
    "get_grant",
    "hat_worn",
    "holder_of",
    "own_clients",
    "own_grants",
    "published_keys",
    "signing_key",
    "system_now",
    "token_told",
]
