"""La dose de coordination : ce qu’une situation demande, face à ce qui lui a été donné. Pur.

Source : usage local de Cordée. Le besoin est celui de la fiche « Besoin de coordination » ; ce qui
est donné se compte (contacts, intervenants, passages de relais, temps noté). Aucun texte connu ne
dit combien un besoin demande de contacts ou d’heures : rien n’est jugé ici, et nul n’est classé par
son travail ; qui a le plus besoin et a reçu le moins vient d’abord, pour être regardé d’abord.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from cordee.liaison.rules import Tally

PERIODS = {30: "30 jours", 90: "90 jours", 365: "12 mois"}
USUAL = 90
UNKNOWN = -1
"""Where who was not evaluated stands: after the others, as nothing says what she needs."""


@dataclass(frozen=True)
class Dose:
    """What one person needs, from 0 upward (UNKNOWN: nobody said), and what she was given."""

    need: int
    contacts: Tally = Tally()
    people: int = 0
    organizations: int = 0
    passed_on: int = 0

    @property
    def order(self) -> tuple[int, int, int, int]:
        """The greatest need first; of the same need, who was given least."""
        return (-self.need, self.contacts.reached, self.contacts.minutes, self.people)


@dataclass(frozen=True)
class Level:
    """What persons of one need were given, all together."""

    need: int
    persons: int
    contacts: Tally
    usual: Decimal
    """Contacts reached of who is in the middle."""
    without: int
    """Persons of whom nobody was reached, nor around them."""


def by_need(doses: Iterable[Dose]) -> list[Level]:
    """Group doses by need, the greatest first; those that nobody evaluated come last."""
    groups: dict[int, list[Dose]] = {}
    for dose in doses:
        groups.setdefault(dose.need, []).append(dose)
    return [level(need, groups[need]) for need in sorted(groups, reverse=True)]


def level(need: int, doses: list[Dose]) -> Level:
    """Sum doses. Raises StatisticsError for none."""
    reached = [one.contacts.reached for one in doses]
    return Level(
        need=need,
        persons=len(doses),
        contacts=sum((one.contacts for one in doses), Tally()),
        usual=Decimal(median(reached)),
        without=sum(not one for one in reached),
    )
