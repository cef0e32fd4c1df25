"""What a text says of itself at its head, even while the rest cannot be read yet."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from cordee.protocols.rules.document import parsed
from cordee.protocols.rules.protocol import Refused

UNTITLED = "Protocole sans titre"
UNNAMED = "sans-nom"
_EDITION = re.compile(r"^version:.*$", re.M)


@dataclass(frozen=True, slots=True)
class Heading:
    """The short name, the version and the title of a document; what is not said is made up."""

    name: str
    edition: str
    title: str


def heading_of(text: str) -> Heading:
    """Read the head of a text, as far as it can be read. Raises nothing."""
    try:
        value = parsed(text).value
    except Refused:
        value = None
    said = value if isinstance(value, dict) else {}

    def word(key: str, most: int, otherwise: str) -> str:
        found = said.get(key)
        return found[:most] if isinstance(found, str) and found else otherwise

    return Heading(
        word("protocole", 80, UNNAMED), word("version", 40, "1"), word("titre", 200, UNTITLED)
    )


def as_next_edition(text: str, taken: Collection[str]) -> str:
    """Return the text under the first whole number that is not taken; as it is if it is free."""
    if heading_of(text).edition not in taken:
        return text
    number = next(rank for rank in range(1, len(taken) + 2) if str(rank) not in taken)
    return _EDITION.sub(f"version: '{number}'", text, count=1)
