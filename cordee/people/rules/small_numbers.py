"""The least number of persons of whom a figure may be shown: fewer are masked."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Smallest:
    """The least number of persons that may be shown, from a day on, and where it comes from."""

    since: date
    persons: int
    source: str


SMALLEST = (
    Smallest(
        since=date(2026, 1, 1),
        persons=11,
        source="usage des études sur les données nationales de santé : pas d’effectif de moins "
        "de onze personnes (connu, à vérifier)",
    ),
)


def smallest_on(day: date) -> Smallest:
    """Return the setting in force on a day. Raises LookupError before the first."""
    known = [one for one in SMALLEST if one.since <= day]
    if not known:
        raise LookupError(f"no setting of small numbers on {day}")
    return max(known, key=lambda one: one.since)
