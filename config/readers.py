"""How the value of a variable is read: returned, or refused in French."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


def text(value: str) -> str:
    """Keep words as they are, without the spaces around them."""
    return value.strip()


def number(least: int, most: int) -> Callable[[str], int]:
    """Read a whole number between two bounds."""

    def parse(value: str) -> int:
        if not value.strip().isdecimal() or not least <= int(value) <= most:
            raise ValueError(f"un nombre entier entre {least} et {most} est attendu")
        return int(value)

    return parse


def one_of(*choices: str) -> Callable[[str], str]:
    """Read one word of a short list."""

    def parse(value: str) -> str:
        if value.strip() not in choices:
            raise ValueError("les valeurs possibles sont : " + ", ".join(choices))
        return value.strip()

    return parse


def yes_or_no(value: str) -> bool:
    """Read `oui` or `non`."""
    return one_of("oui", "non")(value) == "oui"


def folder(value: str) -> Path:
    """Read a folder; a relative one starts from the project."""
    return (ROOT / Path(value.strip()).expanduser()).resolve()


def words(value: str) -> tuple[str, ...]:
    """Read a list separated by commas."""
    return tuple(word for word in (part.strip() for part in value.split(",")) if word)


def address(*schemes: str) -> Callable[[str], str]:
    """Read a URL of one of the given schemes, or nothing."""

    def parse(value: str) -> str:
        value = value.strip().rstrip("/")
        parts = urlsplit(value)
        if value and (parts.scheme not in schemes or not parts.hostname):
            raise ValueError(
                "une adresse commençant par " + " ou ".join(schemes) + ":// est attendue"
            )
        _ = parts.port  # raises ValueError when the port is no number
        return value

    return parse


def at_least(length: int) -> Callable[[str], str]:
    """Read a secret, refusing one that is too short to protect anything."""

    def parse(value: str) -> str:
        if value and len(value) < length:
            raise ValueError(f"au moins {length} caractères sont attendus")
        return value

    return parse


def hexadecimal(octets: int) -> Callable[[str], str]:
    """Read a key of so many octets, written in hexadecimal."""

    def parse(value: str) -> str:
        value = value.strip().lower()
        if value and not re.fullmatch(f"[0-9a-f]{{{octets * 2}}}", value):
            raise ValueError(f"{octets * 2} chiffres hexadécimaux sont attendus")
        return value

    return parse
