"""Codes de réponse et secrets de lien : tirés au sort, jamais devinables, jamais en clair."""

import hashlib
import secrets
from collections.abc import Collection, Iterator
from datetime import timedelta

SECRET_BYTES = 24
CODES = 9_000
# Un expéditeur se falsifie : quatre chiffres se devineraient en quelques milliers de SMS. Au-delà,
# le numéro ne répond plus que par son lien, qui demande un code envoyé au vrai téléphone.
MOST_WRONG_CODES = 5
WRONG_CODES_WITHIN = timedelta(hours=1)


def draw_code(taken: Collection[str]) -> str | None:
    """Draw four digits that this phone does not have in use; None when all are in use."""
    free = CODES - len(set(taken))
    if free <= 0:
        return None
    rank = secrets.randbelow(free)
    return next(code for place, code in enumerate(_free_codes(taken)) if place == rank)


def _free_codes(taken: Collection[str]) -> Iterator[str]:
    used = set(taken)
    return (code for number in range(1_000, 10_000) if (code := str(number)) not in used)


def draw_secret() -> str:
    """Draw the secret of a link: 192 bits, safe in an address."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> bytes:
    """Give the only form of a secret that is stored."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def tries_codes(wrong: Collection[str]) -> bool:
    """Tell somebody who tries codes from somebody who mistypes one: by how many different ones."""
    return len(set(wrong)) >= MOST_WRONG_CODES
