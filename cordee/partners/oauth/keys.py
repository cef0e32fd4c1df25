"""The public keys of a client: those that were given, or those that its address shows.

What an address showed is kept in the memory of the process for some minutes: a client that turns
its keys is believed at once, because a `kid` that is not known has it asked again.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

from joserfc import jwk, jws
from joserfc.errors import JoseError

from cordee.partners.gateways.keys import fetch_keys
from cordee.partners.gateways.outside import Unreachable
from cordee.partners.models import Client
from cordee.partners.rules.keys import Unfit, read_keys
from cordee.partners.selectors.clients import client_known_as

FRESH, AGAIN = timedelta(minutes=5), timedelta(seconds=20)
"""What was fetched is good for so long; and is not asked again sooner, whatever comes."""
HELD = FRESH + timedelta(minutes=1)
"""How long it is believed while it is asked again: by another call, or of who does not answer."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an address showed, when it did, and when it was last asked."""

    url: str
    keys: dict[str, Any]
    at: datetime
    asked_at: datetime


_kept: dict[UUID, Kept] = {}
_asking: dict[UUID, Lock] = {}


def keys_of(client: Client, kid: str, now: datetime) -> jwk.KeySet | None:
    """Give the one key of that name; None when there is none, or its address showed none.

    It fetches nothing: see `fetch_ahead`.
    """
    kept = _kept_of(client)
    shown = kept.keys if kept and now - kept.at < HELD else {}
    keys = client.jwks if client.jwks else shown
    found = [one for one in keys.get("keys", []) if one.get("kid") == kid]
    try:
        return jwk.KeySet.import_key_set({"keys": found}) if found else None
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def fetch_ahead(assertion: str, now: datetime) -> None:
    """Fetch the keys that a proof needs, before the gesture that reads it: a slow address holds
    neither a transaction, nor another client; nor two calls of the same one."""
    kid, client_id = _named(assertion)
    client = client_known_as(client_id) if kid and client_id else None
    if client is None or client.jwks or client.suspended_at or _is_enough(client, kid, now):
        return
    asking = _asking.setdefault(client.pk, Lock())
    if not asking.acquire(blocking=False):
        return
    try:
        if not _is_enough(client, kid, now):
            _kept[client.pk] = _fetched(client, now)
    finally:
        asking.release()


def _named(assertion: str) -> tuple[str, str]:
    """The key and the client that a proof names: nothing is believed of it yet."""
    try:
        said = jws.extract_compact(assertion.encode())
        kid, claims = said.headers().get("kid"), json.loads(said.payload)
    except (JoseError, ValueError):
        return "", ""
    client_id = claims.get("sub") if isinstance(claims, dict) else None
    return (kid, client_id) if isinstance(kid, str) and isinstance(client_id, str) else ("", "")


def _kept_of(client: Client) -> Kept | None:
    kept = _kept.get(client.pk)
    return kept if kept and kept.url == client.jwks_url else None


def _is_enough(client: Client, kid: str, now: datetime) -> bool:
    kept = _kept_of(client)
    if kept is None:
        return False
    known = any(one.get("kid") == kid for one in kept.keys.get("keys", []))
    return now - kept.asked_at < AGAIN or (known and now - kept.at < FRESH)


def _fetched(client: Client, now: datetime) -> Kept:
    try:
        return Kept(client.jwks_url, read_keys(fetch_keys(client.jwks_url)), now, now)
    except (Unreachable, Unfit):
        former = _kept_of(client)
        return replace(former, asked_at=now) if former else Kept(client.jwks_url, {}, now, now)


def forget() -> None:
    """Begin again: a test."""
    _kept.clear()
