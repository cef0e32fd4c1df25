"""Secrets of a message (its link, a one-time code) are kept sealed, not readable in the tables.

Only their hash is kept by the rooms that check them; the outbox must still be able to write them,
once, into what leaves. The key comes from the house's secret: a copy of the database opens nothing.
"""

import base64
import json
from functools import cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

HIDDEN = "••••"


@cache
def _box(secret: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"cordee.messaging.sealing")
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))


def seal(words: dict[str, str]) -> bytes:
    """Close the words of a message that only its addressee may read."""
    return _box(settings.SECRET_KEY).encrypt(json.dumps(words).encode()) if words else b""


def unseal(sealed: bytes | memoryview) -> dict[str, str]:
    """Open them for the carrier. Raises InvalidToken when the house's secret has changed."""
    opened = _box(settings.SECRET_KEY).decrypt(bytes(sealed)) if sealed else b"{}"
    words: dict[str, str] = json.loads(opened)
    return words
