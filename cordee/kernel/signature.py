"""The signature of the house (Ed25519), on what leaves the database and must be proved later."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings


def sign(octets: bytes) -> bytes:
    """Sign with the seal key."""
    return _key().sign(octets)


def is_signed(octets: bytes, signature: bytes) -> bool:
    """Say whether this house signed exactly this."""
    try:
        _key().public_key().verify(signature, octets)
    except InvalidSignature:
        return False
    return True


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.CORDEE.seal_key))
