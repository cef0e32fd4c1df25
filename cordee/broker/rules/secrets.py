"""Codes de réponse et secrets de lien : tirés au sort, jamais devinables, jamais en clair."""

import hashlib
import secrets
from collections.abc import Collection
from collections.abc import Set as AbstractSet
from datetime import timedelta

SECRET_BYTES = 24
FIRST_CODE, CODES = 1_000, 9_000
TRIES = 8
# Un expéditeur se falsifie : quatre chiffres se devineraient en quelques milliers de SMS. Au-delà,
# le numéro ne répond plus que par son lien, qui demande un code envoyé au vrai téléphone.
MOST_WRONG_CODES = 5
WRONG_CODES_WITHIN = timedelta(hours=1)


def draw_code(taken: AbstractSet[str]) -> str | None:
    """Draw four digits that this phone does not have in use; None when all are in use."""
    for _ in range(TRIES):
        if (code := str(secrets.randbelow(CODES) + FIRST_CODE)) not in taken:
            return code
    free = [code for number in range(CODES) if (code := str(number + FIRST_CODE)) not in taken]
    return secrets.choice(free) if free else None


def draw_secret() -> str:
    """Draw the secret of a link: 192 bits, safe in an address."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> bytes:
    """Give the only form of a secret that is stored."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def tries_codes(wrong: Collection[str]) -> bool:
    """Tell somebody who tries codes from somebody who mistypes one: by how many different ones."""
    return len(set(wrong)) >= MOST_WRONG_CODES
