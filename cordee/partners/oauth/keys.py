"""The public keys of a client: those that were given, or those that its address shows.

What an address showed is kept in the memory of the process for some minutes: a client that turns
its keys is believed at once, because a `kid` that is not known has it asked again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

from joserfc import jwk
from joserfc.errors import JoseError

from cordee.partners.gateways.keys import Unreachable, fetch_keys
from cordee.partners.models import Client
from cordee.partners.rules.keys import Unfit, read_keys

FRESH, AGAIN = timedelta(minutes=5), timedelta(seconds=20)
"""What was fetched is good for so long; and is not asked again sooner, whatever comes."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an address showed, and when it was asked."""

    url: str
    keys: dict[str, Any]
    at: datetime


_kept: dict[UUID, Kept] = {}
_asking = Lock()


def keys_of(client: Client, kid: str, now: datetime) -> jwk.KeySet | None:
    """Give the one key of that name; None when there is none, or its address does not answer."""
    keys = client.jwks if client.jwks else _shown(client, kid, now)
    found = [one for one in keys.get("keys", []) if one.get("kid") == kid]
    try:
        return jwk.KeySet.import_key_set({"keys": found}) if found else None
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _shown(client: Client, kid: str, now: datetime) -> dict[str, Any]:
    kept = _kept.get(client.pk)
    if kept and kept.url == client.jwks_url:
        known = any(one.get("kid") == kid for one in kept.keys.get("keys", []))
        if now - kept.at < (FRESH if known else AGAIN):
            return kept.keys
    with _asking:
        try:
            keys = read_keys(fetch_keys(client.jwks_url))
        except (Unreachable, Unfit):
            keys = {}
        _kept[client.pk] = Kept(client.jwks_url, keys, now)
        return keys


def forget() -> None:
    """Begin again: a test."""
    _kept.clear()
