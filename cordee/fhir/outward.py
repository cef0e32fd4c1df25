"""The addresses that partners give to the house: what is wrong with one, before any is gone to.

Whoever answers there is judged each time it is gone to (`cordee.partners.gateways.outside`).
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from cordee.partners.gateways.outside import is_public
from cordee.partners.rules.addresses import LOOPBACK


def fault_of(address: str, *, longest: int, has_query: bool) -> tuple[str, str] | None:
    """What is wrong with an address, in French and in English; None: it may be gone to.

    `has_query`: whether it may hold a « ? », as one that opens a file for a while does.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return UNREADABLE
    if len(address) > longest or not address.isascii() or any(map(str.isspace, address)):
        return UNREADABLE
    if parts.username or parts.password or parts.fragment or not host:
        return BARE[has_query]
    if parts.query and not has_query:
        return BARE[has_query]
    here = settings.CORDEE.is_demonstration and host in LOOPBACK
    if (parts.scheme != "https" and not here) or (_is_private(host) and not here):
        return PUBLIC
    return None


def _is_private(host: str) -> bool:
    try:
        return not is_public(ip_address(host))
    except ValueError:
        return False


PUBLIC = ("Une adresse publique en https:// est attendue.", "A public https address is expected.")
UNREADABLE = ("Cette adresse ne se lit pas.", "The address cannot be read.")
BARE = {
    False: (
        "Une adresse sans identifiant, sans « ? » ni « # » est attendue : rien d’une personne n’y "
        "tient.",
        "The address holds no credentials, no query and no fragment.",
    ),
    True: (
        "Une adresse sans identifiant ni « # » est attendue.",
        "The address holds no credentials and no fragment.",
    ),
}
