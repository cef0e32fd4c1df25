"""The key of a phone is kept sealed: a copy of the database opens no phone.

AES-256-GCM under a key drawn from the house's secret, bound to the phone it was made for. The house
gives it again to a phone that forgot it, unless it was taken back: then it opens what it is handed.
"""

import hashlib
import os
from base64 import b64decode
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE = 12


@cache
def _box(secret: str) -> AESGCM:
    info = b"cordee.vigilance.sealing/aes-gcm"
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(secret.encode()))


def seal(key: bytes, device_id: UUID) -> bytes:
    """Close the key of a phone."""
    nonce = os.urandom(NONCE)
    return nonce + _box(settings.SECRET_KEY).encrypt(nonce, key, device_id.bytes)


def unseal(sealed: bytes | memoryview, device_id: UUID) -> bytes:
    """Open it. Raises InvalidTag when the house's secret has changed, or nothing was sealed."""
    closed = bytes(sealed)
    if len(closed) <= NONCE:
        raise InvalidTag
    return _box(settings.SECRET_KEY).decrypt(closed[:NONCE], closed[NONCE:], device_id.bytes)


def opened(box: Any, key: bytes) -> Any:
    """Read a record that a phone sends closed, for it has its key no more; as it came otherwise."""
    if not isinstance(box, dict) or not isinstance(box.get("box"), str):
        return box
    try:
        iv, closed = b64decode(str(box.get("iv"))), b64decode(box["box"])
        return orjson.loads(AESGCM(key).decrypt(iv, closed, None))
    except (InvalidTag, ValueError):
        return box


def hash_of(secret: str) -> bytes:
    """What is kept of the secret that a phone sends by: 256 bits at random need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
