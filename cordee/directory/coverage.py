"""Où quelqu’un pourrait venir, et où personne ne le pourrait : trois bandes, et ce qu’on y change.

Pure. Une bande dit combien d’infirmières peuvent venir : aucune, une ou deux (une absence suffit à
tout arrêter), trois ou plus. C’est une règle de lecture de Cordée, sans source officielle.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

ENOUGH = 3


class Band(IntEnum):
    """How many could come; the label is said with the number, never by a colour alone."""

    NOBODY = 0
    FEW = 1
    ENOUGH = 2

    @property
    def label(self) -> str:
        return ("personne", "une ou deux", "trois ou plus")[self]


def band_of(count: int) -> Band:
    """Say in which band a number of professionals puts a commune."""
    if not count:
        return Band.NOBODY
    return Band.FEW if count < ENOUGH else Band.ENOUGH


@dataclass(frozen=True, slots=True)
class Place:
    """A commune, its residents, and how many professionals could come."""

    code: str
    name: str
    residents: int
    epci: str
    epci_name: str
    count: int

    @property
    def band(self) -> Band:
        return band_of(self.count)


@dataclass(frozen=True, slots=True)
class Share:
    """One band of a territory: its communes and residents."""

    band: Band
    communes: int
    residents: int


def shares(places: Collection[Place]) -> list[Share]:
    """Count communes and residents by band, every band even when empty."""
    return [
        Share(
            band,
            sum(one.band is band for one in places),
            sum(one.residents for one in places if one.band is band),
        )
        for band in Band
    ]


@dataclass(frozen=True, slots=True)
class Change:
    """What one more professional would change: the communes that move up a band."""

    moved: Sequence[Place]

    @property
    def residents(self) -> int:
        """Residents of the communes that move."""
        return sum(one.residents for one in self.moved)


def one_more(places: Iterable[Place], zone: Collection[str]) -> Change:
    """Say which communes would change band if one more professional could come to these."""
    moved = [one for one in places if one.code in zone and band_of(one.count + 1) > one.band]
    return Change(sorted(moved, key=lambda one: (one.band, -one.residents, one.code)))


def zone_around(places: Iterable[Place], code: str) -> set[str]:
    """Give the communes of the same intercommunality, or the commune alone when it has none."""
    listed = list(places)
    epci = next((one.epci for one in listed if one.code == code), "")
    return {one.code for one in listed if epci and one.epci == epci} | {code}
