"""Where an application may be answered: exact addresses, that nobody else can listen at.

Source: RFC 9700 (exact comparison), RFC 8252 (applications of a device: loopback, or a scheme that
is the application's own name written backwards).
"""

import re
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_OWN = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")


def fault_of_return(address: str) -> str:
    """Say in French what is wrong with an address of return; nothing when it may serve."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return "cette adresse ne se lit pas"
    if "#" in address or "*" in address or re.search(r"[\s\\]", address):
        return "ni «\u00a0#\u00a0», ni «\u00a0*\u00a0», ni espace dans une adresse de retour"
    if parts.username or parts.password:
        return "une adresse de retour ne porte pas d’identifiant"
    if parts.scheme == "https" and host:
        return ""
    if parts.scheme == "http" and host in LOOPBACK:
        return ""
    if _OWN.fullmatch(parts.scheme) and not host:
        return ""
    return "une adresse en https:// est attendue, ou celle d’un appareil (RFC\u00a08252)"


def origin_of(address: str) -> str:
    """What the content policy names: the origin of a page, or the scheme of an application."""
    parts = urlsplit(address)
    if parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"


def place_of(address: str) -> str:
    """The address as one reads it: where one goes after."""
    parts = urlsplit(address)
    return parts.hostname or parts.scheme
