"""The visits of a service, as its board sums them up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from cordee.access.actor import Actor
from cordee.directory.kinds import OrganizationKind
from cordee.people.models import CircleMember, Person
from cordee.vigilance.models import PlannedVisit, Visit
from cordee.vigilance.rules import figures as rules
from cordee.vigilance.rules.figures import Figures, VisitLine
from cordee.vigilance.rules.marks import Kind

SILENT = timedelta(days=7)
MOST = 200
HOME_HELP = OrganizationKind.HOME_HELP


@dataclass(frozen=True)
class Silent:
    """Somebody of the service whom nobody visited for a week."""

    person: Person
    last_at: datetime | None


@dataclass(frozen=True)
class Board:
    """A period and the one before, of the same length."""

    days: int
    after: Figures
    before: Figures
    silent: list[Silent]

    @property
    def has_moved(self) -> bool | None:
        """Whether the share of low visits moved by more than chance; None when unknown."""
        return rules.is_apart(self.before.low, self.after.low)


def board(actor: Actor, days: int, now: datetime) -> Board:
    """Read the visits that the structures of the actor make, or that are made to whom they follow.

    Of what the actor may read only. Eight queries."""
    length = timedelta(days=days)
    return Board(
        days=days,
        after=_figures(actor, now - length, now),
        before=_figures(actor, now - 2 * length, now - length),
        silent=_silent(actor, now),
    )


def _figures(actor: Actor, since: datetime, until: datetime) -> Figures:
    ours = _ours(actor)
    visits = Visit.objects.visible_to(actor).filter(
        ours, happened_at__gte=since, happened_at__lt=until
    )
    planned = PlannedVisit.objects.visible_to(actor).filter(
        ours,
        cancelled_at=None,
        ends_at__gte=since,
        ends_at__lt=until,
    )
    marked = Visit.objects.filter(planned=OuterRef("pk"))
    unmarked = planned.filter(~Exists(marked)).count()
    return rules.figures(map(_line, _read(visits)), planned.count(), unmarked)


def _ours(actor: Actor) -> Q:
    """What the structures of the actor do, and what is done for whom they follow."""
    return Q(organization__in=actor.organizations) | Q(person__in=_stays(actor).values("person"))


def _stays(actor: Actor) -> QuerySet[CircleMember]:
    return CircleMember.objects.current().filter(organization__in=actor.organizations)


COLUMNS = (
    *("person_id", "happened_at", "visit_mark", "health_mark", "morale_mark", "fitness_mark"),
    *("urgent", "kind", "signs", "seconds", "received_at", "seen_at", "answered_at"),
)


def _read(visits: QuerySet[Visit]) -> Any:
    return visits.order_by().values_list(*COLUMNS).iterator(chunk_size=2_000)


def _line(row: tuple[Any, ...]) -> VisitLine:
    person, at, *marks, urgent, kind, signs, seconds, received, seen, answered = row
    return VisitLine(
        person=person,
        at=at,
        marks=tuple(marks),
        urgent=urgent,
        is_need=kind == Kind.NEED,
        home_unsafe="home_unsafe" in signs,
        seconds=seconds,
        seen_after=seen - received if seen else None,
        answered_after=answered - received if answered else None,
    )


def _silent(actor: Actor, now: datetime) -> list[Silent]:
    """Whom a home service visits and nobody visited for a week, the longest silence first."""
    visited = CircleMember.objects.current().filter(organization__kind=HOME_HELP)
    last = {
        row["person"]: row["last"]
        for row in Visit.objects.visible_to(actor)
        .filter(_ours(actor), kind=Kind.VISIT)
        .order_by()
        .values("person")
        .annotate(last=Max("happened_at"))
    }
    persons = Person.objects.visible_to(actor).filter(
        pk__in=_stays(actor).filter(person__in=visited.values("person")).values("person"),
        merged_into=None,
        deceased_on=None,
    )
    found = [
        Silent(person, last.get(person.pk))
        for person in persons.order_by("name_key", "pk")
        if _is_silent(last.get(person.pk), now)
    ]
    return sorted(found, key=lambda one: (one.last_at is not None, one.last_at or now))[:MOST]


def _is_silent(last: datetime | None, now: datetime) -> bool:
    return last is None or now - last > SILENT


def exported(found: Board, least: int) -> list[list[str]]:
    """The board as lines of a file that leaves the screen: small numbers are masked."""
    rows = [["Indicateur", "Période", "Valeur", "Sur", "Borne basse", "Borne haute"]]
    for period, one in (("avant", found.before), ("après", found.after)):
        few = rules.masked(one.persons, least)
        hide = f"moins de {least} personnes" if few else ""
        for name, value in (
            ("Visites notées", one.visits),
            ("Personnes visitées", one.persons),
            ("Besoins signalés", one.needs),
            ("Logement dangereux", one.home_unsafe),
        ):
            rows.append([name, period, hide or str(value), "", "", ""])
        for name, share in (
            ("Visites avec une note basse", one.low),
            ("Visites prévues sans note", one.unmarked),
            ("Signaux vus", one.seen),
        ):
            ends = share.interval or (0.0, 0.0)
            known = [str(share.part), str(share.whole), *(f"{end:.1f}" for end in ends)]
            rows.append([name, period, *([hide, "", "", ""] if few else known)])
    return rows


def persons_shown(found: Board) -> list[UUID]:
    """Whose name the board shows, for the trace."""
    return [one.person.pk for one in found.silent]
