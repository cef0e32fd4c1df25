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
        try:
            _ = parts.port
        except ValueError:
            raise ValueError("un port entre 1 et 65535 est attendu") from None
        return value

    return parse


def origin(*schemes: str) -> Callable[[str], str]:
    """Read the address of a whole site: what is written after it in a link must stand alone."""

    def parse(value: str) -> str:
        value = address(*schemes)(value)
        parts = urlsplit(value)
        if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("une adresse sans chemin, ni question, ni identifiant est attendue")
        return value

    return parse


def mailbox(value: str) -> str:
    """Read the address that a mail comes from, with or without a name before it."""
    value = value.strip()
    bare = r"[^<>@\s]+@[^<>@\s]+\.[^<>@\s.]+"
    if value and not re.fullmatch(rf"{bare}|[^<>@\r\n]+ <{bare}>", value):
        raise ValueError("une adresse électronique est attendue")
    return value


def sender(value: str) -> str:
    """Read who a text comes from, as carriers take it: a number, or a name of eleven letters."""
    value = value.strip()
    if value and not re.fullmatch(r"\+?[0-9]{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 ._-]{1,11}", value):
        raise ValueError("un numéro, ou un nom de onze lettres sans accent, est attendu")
    return value


def existing_file(value: str) -> str:
    """Read the path of a file that is there."""
    value = value.strip()
    if value and not Path(value).is_file():
        raise ValueError("ce fichier n’existe pas")
    return value


def names(value: str) -> tuple[str, ...]:
    """Read how a carrier names our fields: « to=numero,text=message »."""
    ours = ["to", "text", "sender", "id", "from", "status", "reason"]
    pairs = words(value)
    for pair in pairs:
        name, _, theirs = pair.partition("=")
        if name.strip() not in ours or not theirs.strip():
            raise ValueError("des paires « nom=nom » sont attendues, parmi " + ", ".join(ours))
    return pairs


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
