"""Secrets of machines: drawn at random, kept as a hash; the house's own keys, sealed.

AES-256-GCM under a key drawn from the house's secret: a copy of the database signs nothing.
"""

import hashlib
import os
import secrets
from functools import cache
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE = 12


@cache
def _box(secret: str) -> AESGCM:
    info = b"cordee.partners.sealing/aes-gcm"
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(secret.encode()))


def seal(words: bytes, key_id: UUID) -> bytes:
    """Close a private key, bound to its name."""
    nonce = os.urandom(NONCE)
    return nonce + _box(settings.SECRET_KEY).encrypt(nonce, words, key_id.bytes)


def unseal(sealed: bytes | memoryview, key_id: UUID) -> bytes:
    """Open it. Raises InvalidTag when the house's secret has changed."""
    closed = bytes(sealed)
    return _box(settings.SECRET_KEY).decrypt(closed[:NONCE], closed[NONCE:], key_id.bytes)


def new_secret() -> str:
    """Draw a key: 256 bits."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> bytes:
    """What is kept of it: 256 bits at random need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
