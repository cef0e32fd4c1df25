"""A phone that is not heard of, or whose secret is guessed.

Règles d’organisation de Cordée, à valider par chaque service : aucun texte connu ne fixe ces
durées. Elles valent à partir de leur date ; une nouvelle s’ajoute au-dessus, avec sa source.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Silence:
    """After how many days without contact the house takes a phone back, from a day on."""

    since: date
    days: int
    source: str


SILENCES = (
    Silence(
        date(2026, 11, 1),
        30,
        "choix de Cordée : des congés de quatre semaines passent, un téléphone perdu non",
    ),
)
FREE = 5
"""Wrong secrets of one phone, one after the other, that make nobody wait."""
LONGEST = 60
FORGOTTEN = timedelta(minutes=30)
"""After this long without a wrong secret, the next one is the first again."""


def silence_on(day: date) -> Silence:
    """Give the rule of a day: the latest that began; the first one before any did."""
    begun = [one for one in SILENCES if one.since <= day]
    return max(begun or SILENCES[-1:], key=lambda one: one.since)


def count_after(count: int, last: datetime | None, now: datetime) -> int:
    """Count one more wrong secret."""
    return 1 if last is None or now - last > FORGOTTEN else count + 1


def wait_until(count: int, last: datetime | None) -> datetime | None:
    """Until when this phone is not listened to: 5, 10, 20, 40, then 60 seconds each time."""
    if last is None or count < FREE:
        return None
    return last + timedelta(seconds=min(LONGEST, 5 * 2 ** min(count - FREE, 4)))
