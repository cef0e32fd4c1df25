"""Réponses par SMS et par lien : tirage des codes et secrets, lecture tolérante."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

SECRET_BYTES = 24
CODES = 9_000


class Word(StrEnum):
    """What a text answers."""

    YES = "yes"
    NO = "no"
    LATER = "later"
    UNCLEAR = "unclear"


_YES = frozenset({"oui", "ouii", "ok", "okay", "accord", "daccord", "yes", "accepte", "volontiers"})
_NO = frozenset({"non", "no", "nan", "impossible", "refuse", "desole", "desolee", "indisponible"})
_PLEASANT = re.compile(r"\bpas (de |d )?(soucis?|problemes?)\b")
_IF = re.compile(
    r"\b(pas|partir|apres|plus|demain|mais|sauf|seulement|si|[a-z]+di|dimanche|\d+ ?h\d*)\b"
)
_CODE = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_SPACED_CODE = re.compile(r"(?<!\d)(\d(?:[ .-]?\d){3})(?![ .-]?\d)")


@dataclass(frozen=True)
class Reply:
    """One answer, and the code it is about when one is quoted."""

    word: Word
    code: str | None = None


def read_reply(text: str) -> tuple[Reply, ...]:
    """Read a text such as "Oui! 4821" or "oui 4821 non 5632", whatever its shape.

    A yes with a condition is never a yes: it is `later`. Yes and no together are unclear.
    """
    plain = normalized(text)
    pieces = _CODE.split(plain)
    if len(pieces) == 1:
        pieces = _SPACED_CODE.split(plain)
    if len(pieces) == 1:
        return (Reply(_word(plain)),)
    codes = [re.sub(r"\D", "", code) for code in pieces[1::2]]
    said = _attributed(pieces[0], pieces[2::2])
    return tuple(Reply(_word(words), code) for words, code in zip(said, codes, strict=True))


def _attributed(before: str, after: list[str]) -> list[str]:
    """Give each code its words: those before it, or those after when codes come first."""
    if not _answers(before):
        said = [before + " " + after[0], *after[1:]]
        return _inherited(said[::-1])[::-1]
    said = [before] + [""] * (len(after) - 1)
    for place, words in enumerate(after):
        follows = _answers(words) and place + 1 < len(said)
        said[place + 1 if follows else place] += " " + words
    return _inherited(said)


def _inherited(said: list[str]) -> list[str]:
    for place in range(1, len(said)):
        if not _answers(said[place]):
            said[place] = said[place - 1] + " " + said[place]
    return said


def _answers(words: str) -> bool:
    return _word(words) is not Word.UNCLEAR


def _word(text: str) -> Word:
    plain = _PLEASANT.sub(" ", text)
    words = set(re.findall(r"[a-z]+", plain))
    if words & _YES:
        if words & _NO:
            return Word.UNCLEAR
        return Word.LATER if _IF.search(plain) else Word.YES
    return Word.NO if words & (_NO | {"pas"}) else Word.UNCLEAR


def normalized(text: str) -> str:
    """Fold case, accents and digits of other scripts; drop what cannot be seen."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = (c for c in plain if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in kept).replace("’", " ")


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
