"""How long the files of an export wait for whoever asked for them. Dated. Pure.

Bulk Data Access 2.0.0 fixes no duration (« Expires » says it to the client). What no text fixes
is our choice, said as such: long enough to take a failed night up again, no longer.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Keeping:
    """What holds from one day on."""

    since: date
    source: str
    files: timedelta
    """From the end of an export to the removal of its files."""
    silence: timedelta
    """An export that has not moved for so long is broken."""


DATED = (
    Keeping(
        since=date(2026, 1, 1),
        source="choix de la maison",
        files=timedelta(hours=24),
        silence=timedelta(hours=1),
    ),
)


def keeping(now: datetime) -> Keeping:
    """Give what holds at a moment."""
    held = [one for one in DATED if one.since <= now.date()]
    return max(held or DATED[:1], key=lambda one: one.since)
