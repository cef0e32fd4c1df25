"""Pages that do not move: each begins after the last row of the one before, by key, never by rank.

The address of the next page says nothing: what was asked and where one stands are sealed in it, for
its caller alone. A name searched by POST therefore stands in no address.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from time import time
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import F, Q, QuerySet

from cordee.fhir.caller import Caller
from cordee.fhir.outcome import Refusal, invalid

DAY = 24 * 3600
LASTS = DAY  # seconds for which the address of a page is good
ASTRAY = 60  # seconds by which the clocks of two machines of the house may differ
MOMENT, NONCE = 5, 12  # octets, before what is sealed
Order = Sequence[tuple[str, bool]]


@dataclass(frozen=True)
class Place:
    """Where a page begins: the search, and what the last row shown is sorted by."""

    query: str
    after: tuple[Any, ...] = ()


def ordered(rows: QuerySet[Any], order: Order) -> QuerySet[Any]:
    """Sort rows: what is not known comes last, and the key settles."""
    terms = [
        F(path).desc(nulls_last=True) if descending else F(path).asc(nulls_last=True)
        for path, descending in order
    ]
    return rows.order_by(*terms, "pk")


def after(order: Order, place: Sequence[Any]) -> Q:
    """The rows that come after a place, in that order."""
    *keys, last = place
    found = Q(pk__gt=last)
    for (path, descending), key in reversed(list(zip(order, keys, strict=True))):
        empty = Q(**{f"{path}__isnull": True})
        if key is None:
            found = empty & found
        else:
            beyond = Q(**{f"{path}__{'lt' if descending else 'gt'}": key}) | empty
            found = beyond | (Q(**{path: key}) & found)
    return found


def first_of(sorted_rows: Sequence[tuple[QuerySet[Any], Order]], count: int) -> list[Any]:
    """The first rows of one table, or of several sorted alike, as if they were of one."""
    if len(sorted_rows) == 1:
        return list(sorted_rows[0][0][:count])
    met = [(place_of(row, order), row) for rows, order in sorted_rows for row in rows[:count]]
    met.sort(key=lambda one: one[0][-1])
    for rank, (_, descending) in reversed(list(enumerate(sorted_rows[0][1]))):
        known = [one for one in met if one[0][rank] is not None]
        known.sort(key=lambda one, rank=rank: one[0][rank], reverse=descending)  # type: ignore[misc]
        met = [*known, *(one for one in met if one[0][rank] is None)]
    return [row for _, row in met[:count]]


def place_of(row: Any, order: Order) -> tuple[Any, ...]:
    """What a row is sorted by."""
    return (*(_at(row, path) for path, _ in order), row.pk)


def _at(row: Any, path: str) -> Any:
    value = row
    for step in path.split("__"):
        value = getattr(value, step, None)
    return value


def sealed(place: Place, caller: Caller, type_name: str) -> str:
    """The address of a page, for its caller alone."""
    moment, nonce = int(time()), os.urandom(NONCE)
    told = orjson.dumps([place.query, [_said(one) for one in place.after]])
    closed = _box(moment).encrypt(nonce, told, _bound(moment, caller, type_name))
    return urlsafe_b64encode(moment.to_bytes(MOMENT, "big") + nonce + closed).decode()


def opened(cursor: str, caller: Caller, type_name: str) -> Place:
    """The place that an address names. Raises Refusal: it is another’s, too old, or none."""
    try:
        octets = urlsafe_b64decode(cursor)
        moment, closed = int.from_bytes(octets[:MOMENT], "big"), octets[MOMENT:]
        if not -ASTRAY <= time() - moment <= LASTS:
            raise _lost()
        bound = _bound(moment, caller, type_name)
        query, after = orjson.loads(_box(moment).decrypt(closed[:NONCE], closed[NONCE:], bound))
    except (InvalidTag, ValueError):
        raise _lost() from None
    return Place(query, tuple(_heard(one) for one in after))


def _bound(moment: int, caller: Caller, type_name: str) -> bytes:
    """What an address is good for, which it does not say: it opens with nothing else."""
    told = moment, caller.actor.account_id, caller.client_id or "", type_name
    return " ".join(map(str, told)).encode()


def _box(moment: int) -> AESGCM:
    return _box_of(settings.SECRET_KEY, moment // DAY)


@lru_cache(3)
def _box_of(secret: str, day: int) -> AESGCM:
    """The key of a day: what is drawn at random for each address may not come twice under one."""
    info = b"cordee.fhir.cursor/aes-gcm %d" % day
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(secret.encode()))


def _said(value: Any) -> list[str | None]:
    if value is None:
        return ["", None]
    for kind in (UUID, datetime, date, bool, int, float, str):
        if isinstance(value, kind):
            text = value.isoformat() if isinstance(value, (date, datetime)) else str(value)
            return [kind.__name__, text]
    return ["str", str(value)]


def _heard(said: list[Any]) -> Any:
    kind, text = said
    readers: dict[str, Callable[[str], Any]] = {
        "UUID": UUID,
        "datetime": datetime.fromisoformat,
        "date": date.fromisoformat,
        "int": int,
        "float": float,
        "bool": lambda one: one == "True",
    }
    return None if text is None else readers.get(kind, str)(text)


def _lost() -> Refusal:
    return invalid(
        "search.cursor",
        "Cette adresse de page n’est plus valable : refaites la recherche.",
        "The page address is no longer valid: search again.",
        "_cursor",
    )
