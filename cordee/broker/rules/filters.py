"""Filtres stricts : ce qui empêche de solliciter un professionnel, toujours avec sa raison.

Ce que le professionnel a déclaré se juge dans l’annuaire (`directory.rules`) ; ici s’ajoute
ce que la recherche sait : profession, plafond de la semaine, choix de la personne, déjà demandé.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cordee.directory.rules import Declared, Window, obstacles_to


class Barrier(StrEnum):
    """One reason not to ask; the label is said to the team."""

    CLOSED = "closed"
    NO_MOBILE = "no_mobile"
    MOBILE_UNPROVED = "mobile_unproved"
    TIE_UNCONFIRMED = "tie_unconfirmed"
    STOPPED = "stopped"
    NO_KIND = "no_kind"
    NO_ZONE = "no_zone"
    NO_HOURS = "no_hours"
    OTHER_KIND = "other_kind"
    OUT_OF_ZONE = "out_of_zone"
    OUT_OF_HOURS = "out_of_hours"
    AWAY = "away"
    PROFESSION = "profession"
    CAP = "cap"
    EXCLUDED = "excluded"
    ASKED = "asked"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Barrier.CLOSED: "n’exerce plus d’après l’annuaire national",
    Barrier.NO_MOBILE: "pas de mobile déclaré",
    Barrier.MOBILE_UNPROVED: "mobile non vérifié",
    Barrier.TIE_UNCONFIRMED: "lien entre le mobile et le numéro RPPS à confirmer",
    Barrier.STOPPED: "a répondu STOP",
    Barrier.NO_KIND: "n’a pas déclaré de soins",
    Barrier.NO_ZONE: "n’a pas déclaré de zone",
    Barrier.NO_HOURS: "n’a pas déclaré d’heures",
    Barrier.OTHER_KIND: "ne propose pas ces soins",
    Barrier.OUT_OF_ZONE: "commune hors de sa zone",
    Barrier.OUT_OF_HOURS: "ne travaille pas à ces heures",
    Barrier.AWAY: "en pause ou en congés",
    Barrier.PROFESSION: "autre profession",
    Barrier.CAP: "nombre de nouvelles personnes de la semaine atteint",
    Barrier.EXCLUDED: "écarté par le choix de la personne, un refus ou un désistement",
    Barrier.ASKED: "déjà sollicité pour cette recherche",
}

NEVER_CALLED = frozenset({Barrier.CLOSED, Barrier.EXCLUDED})
"""What shuts the telephone too: whoever practises no more, and whom the person set aside."""
LASTING = frozenset(Barrier) - {Barrier.ASKED}


@dataclass(frozen=True)
class Need:
    """What the person needs, reduced to what filters look at. `communes`: any of them will do."""

    profession: str
    kinds: frozenset[str]
    communes: frozenset[str]
    window: Window
    excluded: frozenset[UUID] = frozenset()
    asked: frozenset[UUID] = frozenset()
    usual: UUID | None = None  # who already comes: no new person for them


@dataclass(frozen=True)
class Standing:
    """A professional as filters see them. No trait of the human being."""

    practitioner_id: UUID
    profession: str
    declared: Declared
    weekly_cap: int | None = None
    taken_this_week: int = 0


def is_full(standing: Standing) -> bool:
    """Say whether a professional has taken as many new persons this week as they wish."""
    cap = standing.weekly_cap
    return cap is not None and standing.taken_this_week >= cap


def barriers(need: Need, standing: Standing) -> tuple[Barrier, ...]:
    """List every reason not to ask this professional; empty means solicitable."""
    declared = standing.declared
    commune = min(need.communes & declared.communes or need.communes)
    found = obstacles_to(declared, kinds=need.kinds, commune=commune, window=need.window)
    met = {Barrier(obstacle.value) for obstacle in found}
    ours = {
        Barrier.PROFESSION: standing.profession != need.profession,
        Barrier.CAP: is_full(standing) and standing.practitioner_id != need.usual,
        Barrier.EXCLUDED: standing.practitioner_id in need.excluded,
        Barrier.ASKED: standing.practitioner_id in need.asked,
    }
    met |= {barrier for barrier, stands in ours.items() if stands}
    return tuple(barrier for barrier in Barrier if barrier in met)
