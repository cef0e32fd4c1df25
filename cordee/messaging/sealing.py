"""Secrets of a message (its link, a one-time code) are kept sealed, not readable in the tables.

Only their hash is kept by the rooms that check them; the outbox must still be able to write them,
once, into what leaves. The key comes from the house's secret: a copy of the database opens nothing.

AES-256-GCM, bound to the message it was written for: its words cannot be moved to another. Its
nonce is 96 bits at random, which one key may draw four thousand million times (NIST SP 800-38D,
8.3). What was sealed with Fernet, before, is still opened.
"""

import os
from base64 import urlsafe_b64encode
from functools import cache
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

HIDDEN = "••••"
AES_GCM = b"\x01"  # a Fernet token begins with the letter g
NONCE = 12


@cache
def _box(secret: str) -> AESGCM:
    return AESGCM(_derived(secret, b"cordee.messaging.sealing/aes-gcm"))


@cache
def _former_box(secret: str) -> Fernet:
    return Fernet(urlsafe_b64encode(_derived(secret, b"cordee.messaging.sealing")))


def _derived(secret: str, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=use).derive(secret.encode())


def seal(words: dict[str, str], message_id: UUID) -> bytes:
    """Close the words of one message that only its addressee may read."""
    if not words:
        return b""
    nonce = os.urandom(NONCE)
    closed = _box(settings.SECRET_KEY).encrypt(nonce, orjson.dumps(words), message_id.bytes)
    return AES_GCM + nonce + closed


def unseal(sealed: bytes | memoryview, message_id: UUID) -> dict[str, str]:
    """Open them for the carrier. Raises InvalidToken when the house's secret has changed, or the
    words are those of another message."""
    words: dict[str, str] = orjson.loads(_opened(bytes(sealed), message_id)) if sealed else {}
    return words


def _opened(sealed: bytes, message_id: UUID) -> bytes:
    if not sealed.startswith(AES_GCM):
        return _former_box(settings.SECRET_KEY).decrypt(sealed)
    nonce, closed = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
    try:
        return _box(settings.SECRET_KEY).decrypt(nonce, closed, message_id.bytes)
    except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
        raise InvalidToken from error
