"""Filtres stricts : ce qui empêche de solliciter un professionnel, toujours avec sa raison."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from cordee.broker.rules.quiet import PARIS


class Barrier(StrEnum):
    """One reason not to ask. The value is the code kept; the label is said on screens."""

    CLOSED = "closed"
    STOPPED = "stopped"
    PHONE = "phone"
    TIE = "tie"
    PROFESSION = "profession"
    ZONE = "zone"
    KIND = "kind"
    HOURS = "hours"
    PAUSE = "pause"
    CAP = "cap"
    EXCLUDED = "excluded"
    ASKED = "asked"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Barrier.CLOSED: "n’exerce plus d’après l’annuaire national",
    Barrier.STOPPED: "a répondu STOP",
    Barrier.PHONE: "numéro de mobile non vérifié",
    Barrier.TIE: "lien entre le mobile et le numéro RPPS non confirmé",
    Barrier.PROFESSION: "autre profession",
    Barrier.ZONE: "commune hors de sa zone",
    Barrier.KIND: "ne fait pas ce type de soins",
    Barrier.HOURS: "ne travaille pas à cette heure",
    Barrier.PAUSE: "en pause ou en congés",
    Barrier.CAP: "nombre de nouvelles personnes par semaine atteint",
    Barrier.EXCLUDED: "écarté par le choix de la personne ou après un désistement",
    Barrier.ASKED: "déjà sollicité pour cette recherche",
}


@dataclass(frozen=True)
class Need:
    """What the person needs, reduced to what filters look at."""

    profession: str
    kinds: frozenset[str]
    commune_code: str
    begins_at: datetime
    excluded: frozenset[UUID] = frozenset()
    asked: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Declared:
    """What a professional declared about their practice. No trait of the human being."""

    practitioner_id: UUID
    profession: str
    communes: frozenset[str]
    kinds: frozenset[str]
    hours: tuple[tuple[int, time, time], ...] = ()
    absences: tuple[tuple[datetime, datetime], ...] = ()
    weekly_cap: int | None = None
    taken_this_week: int = 0
    closed: bool = False
    stopped: bool = False
    phone_proved: bool = True
    tie_confirmed: bool = True


def barriers(need: Need, declared: Declared) -> tuple[Barrier, ...]:
    """List every reason not to ask this professional; empty means solicitable."""
    tests = {
        Barrier.CLOSED: declared.closed,
        Barrier.STOPPED: declared.stopped,
        Barrier.PHONE: not declared.phone_proved,
        Barrier.TIE: not declared.tie_confirmed,
        Barrier.PROFESSION: declared.profession != need.profession,
        Barrier.ZONE: need.commune_code not in declared.communes,
        Barrier.KIND: not need.kinds <= declared.kinds,
        Barrier.HOURS: not works_at(declared.hours, need.begins_at),
        Barrier.PAUSE: any(start <= need.begins_at < end for start, end in declared.absences),
        Barrier.CAP: declared.weekly_cap is not None
        and declared.taken_this_week >= declared.weekly_cap,
        Barrier.EXCLUDED: declared.practitioner_id in need.excluded,
        Barrier.ASKED: declared.practitioner_id in need.asked,
    }
    return tuple(barrier for barrier, stands in tests.items() if stands)


def works_at(
    hours: tuple[tuple[int, time, time], ...], at: datetime, zone: ZoneInfo = PARIS
) -> bool:
    """Say whether declared hours (weekday, opens, closes) hold at a moment.

    Nothing declared means not known, hence not a barrier. A range that ends before it
    begins goes on after midnight; 00:00 as an end is the end of the day.
    """
    if not hours:
        return True
    wall = at.astimezone(zone)
    today, yesterday = wall.weekday(), (wall - timedelta(days=1)).weekday()
    for weekday, opens, closes in hours:
        overnight = closes <= opens
        if weekday == today and opens <= wall.time() and (overnight or wall.time() < closes):
            return True
        if overnight and weekday == yesterday and wall.time() < closes:
            return True
    return False
