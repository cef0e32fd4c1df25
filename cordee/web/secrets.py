"""Secrets of links: long enough not to be guessed, kept only as a hash."""

import hashlib
import secrets


def new_secret() -> str:
    """Make the secret of a link: 256 bits."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> bytes:
    """The only thing of a secret that is kept."""
    return hashlib.sha256(secret.encode()).digest()
