"""The ways that the persons of a structure take through a protocol, counted by the database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.access.policy import require
from cordee.people.rules.small_numbers import Smallest
from cordee.protocols.models import ProtocolVersion
from cordee.protocols.rules.ways import ENTRY, EXIT, Leg, Ways, shown
from cordee.protocols.selectors.versions import protocol_if_readable

OUT = 999
_FIRST = datetime(1900, 1, 1, tzinfo=UTC)
_LAST = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Within:
    """Which pathways: those that began from a moment, before another, of whom lives where."""

    since: datetime | None = None
    until: datetime | None = None
    territory_id: UUID | None = None


@dataclass(frozen=True)
class Counted:
    """What the database counts, about nobody, before what is small is masked."""

    legs: tuple[Leg, ...]
    joined: int
    titles: dict[str, str]


@dataclass(frozen=True)
class Mapped:
    """The map of a protocol, with the name of each station."""

    ways: Ways
    titles: dict[str, str]


def ways_of(actor: Actor, protocol: str, period: Within, smallest: Smallest) -> Mapped:
    """Count the ways, mask what is small and round the rest. Raises Forbidden. Two queries."""
    counted = counted_ways(actor, protocol, period)
    ends = {ENTRY: "Entrée dans le parcours", EXIT: "Sortie"}
    ways = shown(counted.legs, counted.joined, smallest.persons)
    return Mapped(ways, counted.titles | ends)


def counted_ways(actor: Actor, protocol: str, period: Within) -> Counted:
    """Count the ways of those whom the structures of the actor follow on a protocol, whichever
    version. Not to be shown as it is. Raises Forbidden. Two queries."""
    require(actor, "protocols.read_ways")
    titles = _titles(actor, protocol)
    stations = list(titles)
    names = {0: ENTRY, OUT: EXIT} | dict(enumerate(stations, start=1))
    asked = [
        protocol,
        list(actor.organizations),
        period.territory_id,
        period.since or _FIRST,
        period.until or _LAST,
        stations,
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM protocols_ways(%s, %s, %s, %s, %s, %s)", asked)
        rows = cursor.fetchall()
    joined = sum(persons for origin, target, _, persons, _ in rows if origin == target == 0)
    legs = tuple(
        Leg(names[origin], names[target], persons, times, timedelta(seconds=median))
        for origin, target, times, persons, median in rows
        if target != 0
    )
    return Counted(legs, joined, titles)


def protocols_followed(actor: Actor) -> list[tuple[str, str]]:
    """List the protocols that the structures of the actor use or used: name, title. One query."""
    rows = _used(actor).filter(organization__in=actor.organizations)
    return sorted(dict(rows.values_list("name", "title")).items(), key=lambda one: one[1])


def _used(actor: Actor) -> QuerySet[ProtocolVersion]:
    used = (ProtocolVersion.State.APPROVED, ProtocolVersion.State.RETIRED)
    rows = ProtocolVersion.objects.visible_to(actor).filter(state__in=used)
    return rows.order_by("approved_at", "pk")


def _titles(actor: Actor, protocol: str) -> dict[str, str]:
    """The steps of every version that was in use and can be read, as the last of them says it.

    One query."""
    found: dict[str, str] = {}
    for version in _used(actor).filter(name=protocol):
        if read := protocol_if_readable(version):
            found |= {step.id: step.title for step in read.steps}
    return found
