"""The visits of a service, as its board sums them up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from cordee.access.actor import Actor, Role
from cordee.directory.kinds import OrganizationKind
from cordee.directory.models import Organization
from cordee.people.models import CircleMember, Person
from cordee.vigilance.models import Alert, PlannedVisit, Visit
from cordee.vigilance.rules import figures as rules
from cordee.vigilance.rules.figures import AlertLine, Figures, Share, VisitLine
from cordee.vigilance.rules.marks import Kind
from cordee.vigilance.selectors.safety import safety_counted

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
        """Whether the intervals of persons who had a low visit are apart; None when unknown."""
        return rules.is_apart(self.before.worried, self.after.worried)


def board(actor: Actor, days: int, now: datetime) -> Board:
    """Read the visits that the structures of the actor make, or that are made to whom they follow.

    Of what the actor may read only. Fourteen queries at most."""
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
    read = rules.figures(map(_line, _read(visits)), planned.count(), unmarked)
    alerts = Alert.objects.visible_to(actor).filter(ours, raised_at__gte=since, raised_at__lt=until)
    rows = alerts.order_by().values_list("person_id", "raised_at", "acted_at")
    lines = [AlertLine(who, acted - at if acted else None) for who, at, acted in rows]
    return _safe(actor, rules.with_alerts(read, lines), since, until)


def _safe(actor: Actor, read: Figures, since: datetime, until: datetime) -> Figures:
    """Add what helpers said of their own safety, for who leads their service alone."""
    led = Organization.objects.filter(pk__in=actor.organizations, kind=HOME_HELP)
    services = list(led.order_by("pk").values_list("pk", flat=True))
    if actor.role is not Role.COORDINATOR or not services:
        return read
    return rules.with_safety(read, *safety_counted(services, since, until))


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
    """The board as lines of a file that leaves the screen: each small number is masked.

    `least`: the fewest persons of whom a figure may speak.
    """
    rows = [["Indicateur", "Période", "Valeur", "Sur"]]
    for period, one in (("avant", found.before), ("après", found.after)):
        for name, about, cells in _cells(one):
            few = rules.masked(one.about.get(about, 0), least)
            shown = [f"moins de {least} personnes", ""] if few else cells
            rows.append([name, period, *shown])
    return rows


def _cells(one: Figures) -> list[tuple[str, str, list[str]]]:
    """Each figure: its name, of whom it speaks, its value and of how many."""
    waited = "" if one.acted_after is None else str(int(one.acted_after.total_seconds() // 60))
    said = [("Alertes de sécurité des aides", "safety", [str(one.safety), ""])]
    return [
        *(said if one.safety is not None else []),
        ("Alertes suivies d’une action", "alerts", _share(one.acted)),
        ("De l’alerte à l’action, minutes (médiane)", "alerts", [waited, ""]),
        ("Visites notées", "visits", [str(one.visits), ""]),
        ("Personnes vues ou signalées", "visits", [str(one.persons), ""]),
        ("Besoins signalés", "needs", [str(one.needs), ""]),
        ("Logement dit dangereux", "home_unsafe", [str(one.home_unsafe), ""]),
        ("Visites avec une note basse ou dites urgentes", "low", _share(one.low)),
        ("Personnes qui en ont eu une", "low", _share(one.worried)),
        ("Signaux vus par la coordination", "seen", _share(one.seen)),
        ("Visites prévues restées sans note", "visits", _share(one.unmarked)),
    ]


def _share(share: Share) -> list[str]:
    return [str(share.part), str(share.whole)]


def persons_shown(found: Board) -> list[UUID]:
    """Whose name the board shows, for the trace."""
    return [one.person.pk for one in found.silent]
