"""What of a meeting may leave the house, for calendars that others read.

Source : L.1110-4 du CSP, lu avec prudence : qu’une personne soit suivie est déjà un secret. Une
invitation ne porte donc que la référence, le moment et le lieu (règle de Cordée).
"""

from collections.abc import Iterable

from cordee.messaging.rules import CARE_IN_LINKS, spelt
from cordee.people.rules.traits import folded

SUBJECT = "Concertation"
INSIDE = "Lieu indiqué dans Cordée"
SHORTEST = 3  # letters of a name that is looked for


def travels(place: str, names: Iterable[str]) -> str:
    """Give the place as it may travel: one that holds a name of the person stays inside."""
    words = set("".join(c if c.isalnum() else " " for c in folded(place)).split())
    parts = {part for name in names for part in folded(name).replace("-", " ").split()}
    return INSIDE if words & {part for part in parts if len(part) >= SHORTEST} else place


def is_about_care(text: str) -> bool:
    """Say whether a text spells a word of care: nothing of it goes by mail."""
    return bool(spelt(text, CARE_IN_LINKS))


def link_travels(link: str, names: Iterable[str]) -> bool:
    """Say whether a link may travel: none that holds a name of the person."""
    parts = {part for name in names for part in folded(name).replace("-", " ").split()}
    return not any(part in folded(link) for part in parts if len(part) >= SHORTEST)
