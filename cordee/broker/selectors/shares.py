"""How professionals are asked against what they declared, for the desk: counted by sets."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.broker import rules
from cordee.broker.selectors import pools
from cordee.directory import selectors as directory
from cordee.directory.kinds import Profession
from cordee.directory.models import Practice, Practitioner, TerritoryCommune
from cordee.directory.rules import PARIS

PAGE = 100


@dataclass
class Line:
    """A professional with what fairness compares; who it is, once the line is shown."""

    practitioner_id: UUID
    hours: float
    solicited: int
    expected: float
    is_fair: bool
    practitioner: Practitioner | None = None


@dataclass(frozen=True)
class Fairness:
    """The number, and every line that makes it: who was asked most beyond their share first."""

    share: float | None
    total: int
    lines: list[Line]


def fairness(actor: Actor, now: datetime, tolerance: float) -> Fairness:
    """Measure how nurses are asked against what they declared, over 30 days. Three queries."""
    practices = _nurses_of(actor)
    first = (now - pools.FAIRNESS_WINDOW).astimezone(PARIS).date()
    hours = directory.hours_declared(practices, first)
    asked = pools.solicited_of(hours, now)
    sent = {one: asked.get(one, 0) for one in hours}
    expected = rules.expected_solicitations(sent, hours)
    share = rules.fairness_share(sent, hours, tolerance)
    lines = [
        Line(one, hours[one], count, due, rules.within_tolerance(count, due, tolerance))
        for one, count in sent.items()
        for due in [expected[one]]
    ]
    lines.sort(key=lambda line: (line.expected - line.solicited, line.practitioner_id))
    return Fairness(share, sum(sent.values()), lines)


def fairness_page(actor: Actor, measured: Fairness, number: str | None) -> Page[Line]:
    """Give one page of the lines, each with who it is. One query."""
    page = Paginator(measured.lines, PAGE).get_page(number)
    seen = Practitioner.objects.visible_to(actor)
    people = seen.in_bulk([line.practitioner_id for line in page.object_list])
    for line in page.object_list:
        line.practitioner = people.get(line.practitioner_id)
    return page


def _nurses_of(actor: Actor) -> QuerySet[Practice]:
    """The nurses who may be asked in the actor's territories.

    The communes are left to the query: told one by one, PostgreSQL would compare them all with
    each zone, and not look at the index of zones.
    """
    communes = TerritoryCommune.objects.filter(territory__in=actor.territories).order_by()
    zone = ArraySubquery(communes.values("commune_id"))
    nurses = Practice.objects.visible_to(actor).filter(practitioner__profession=Profession.NURSE)
    return solicitable(nurses.filter(communes__overlap=zone))


def solicitable(practices: QuerySet[Practice]) -> QuerySet[Practice]:
    """Narrow to those whose mobile is proved and tied, and who said no STOP."""
    return practices.filter(
        mobile_proved_at__isnull=False,
        tie_confirmed_at__isnull=False,
        stopped_at=None,
        practitioner__closed_on=None,
    )
