"""Alerts as a team reads them: grouped by person, ranked, with the budget they keep to."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, When

from cordee.access.actor import Actor
from cordee.access.fetched import Fetch
from cordee.access.policy import get_visible
from cordee.access.stencil import Stencil
from cordee.directory import selectors as directory
from cordee.people.models import Person
from cordee.vigilance.models import AlarmBudget, Alert
from cordee.vigilance.rules.following import MINUTES, RANK, Record, Standing, by_person, rank
from cordee.vigilance.rules.limits import USUAL_BUDGET, Budget, budget
from cordee.vigilance.rules.trend import Signal
from cordee.vigilance.selectors.learnt import TREND_CODES, record_of, visits_per_week, watched_by
from cordee.vigilance.selectors.phones import PARIS

SHOWN = 300
FAR = 1e9  # past any weight: what is taken from it is never below zero
RECORDED_OVER = timedelta(weeks=12)


@dataclass(frozen=True, slots=True)
class Spent:
    """The budget of a team, what this week took of it, and what alerts were worth."""

    per_week: Decimal
    minutes: int
    mobile: str
    is_chosen: bool
    this_week: int
    at_once: int
    reach: Budget
    visits: Decimal
    record: Record
    correction: Decimal

    @property
    def figures(self) -> dict[str, Decimal]:
        """What the budget comes to, as it is shown."""
        return {
            "expected": _shown(self.reach.expected_per_week),
            "each": _shown(self.reach.visits_per_alert, 0),
            "drop": _shown(self.reach.limits.drop),
            "decline": _shown(self.reach.limits.decline),
        }


def open_alerts(actor: Actor, person: UUID | None = None) -> list[list[Alert]]:
    """Alerts that nobody closed, by person or of one, the first to see first; SHOWN of them. Two
    queries, planned once."""
    in_order = _shown_as.in_order(pk for (pk,) in _open(actor=actor, person=person, most=SHOWN))
    return by_person(sorted(in_order, key=lambda one: rank(_standing(one))))


_shown_as = Fetch(
    lambda: Alert.objects.select_related(
        "person__commune", "service", "organization", "seen_by", "escalated_to"
    )
)


@Stencil
def _open(actor: Actor, person: UUID | None, most: int) -> QuerySet[Alert, Any]:
    rows = Alert.objects.visible_to(actor).open().order_by(*_ranked())
    if person is not None:
        rows = rows.filter(person=person)
    return rows.values_list("pk")[:most]


def place_of(alert: Alert) -> str:
    """Say where an alert stands among the open ones, as text that sorts as `rank` does."""
    is_seen, kind, weight, raised_at = rank(_standing(alert))
    return f"{is_seen:d}{kind}{FAR + weight:017.6f}{raised_at.timestamp():017.6f}"


def alert_records(actor: Actor) -> QuerySet[Alert]:
    """List the alerts that the actor may see, closed ones too, in no order. One query."""
    return Alert.objects.visible_to(actor).select_related("service", "organization")


def hidden_alerts(actor: Actor, shown: int) -> int:
    """Count the open alerts that the page does not show. One query, none while all are shown."""
    if shown < SHOWN:
        return 0
    return max(Alert.objects.visible_to(actor).open().count() - SHOWN, 0)


def _ranked() -> list[Any]:
    """Order alerts as `rules.following.rank` does: they are cut by the database."""
    again = Q(signal=Signal.IMMEDIATE.value, latest_at__gt=F("seen_at"))
    waits = Case(When(Q(seen_at=None) | again, then=0), default=1)
    places = [When(signal=one.value, then=place) for one, place in RANK.items()]
    return [waits, Case(*places, default=len(places)), "-weight", "raised_at", "pk"]


def closed_alerts(actor: Actor) -> QuerySet[Alert]:
    """The last ones that were closed. Two queries."""
    rows = Alert.objects.visible_to(actor).filter(closed_at__isnull=False)
    return rows.select_related("person", "closed_by").order_by("-closed_at", "-pk")[:20]


def alerts_of(actor: Actor, person: Person) -> QuerySet[Alert]:
    """The alerts of somebody, the latest first. One query."""
    rows = Alert.objects.visible_to(actor).filter(person=person)
    return rows.select_related("service", "seen_by", "closed_by").order_by("-raised_at", "-pk")


def get_alert(actor: Actor, pk: UUID) -> Alert:
    """One alert. Raises Http404."""
    rows = Alert.objects.select_related(
        "person", "organization", "service", "visit__helper", "visit__organization", "seen_by"
    )
    return get_visible(actor, rows, pk)


def alert_now(pk: UUID) -> Alert | None:
    """Fetch an alert as it stands, for jobs and for the conductor. One query."""
    found: Alert | None = Alert.objects.select_related("organization").filter(pk=pk).first()
    return found


def open_about(person_id: UUID) -> QuerySet[Alert]:
    """The alerts of somebody that nobody closed, for the conductor. One query."""
    return Alert.objects.open().filter(person=person_id).order_by("raised_at", "pk")


def persons_alerted() -> list[UUID]:
    """List the persons who have an open alert, for jobs. One query."""
    rows = Alert.objects.open().order_by("raised_at", "pk").values_list("person_id", flat=True)
    return list(dict.fromkeys(rows))


def late_alerts(now: datetime) -> list[UUID]:
    """List the alerts that nobody saw nor passed on, past the longest of usual waits. One query."""
    rows = Alert.objects.open().filter(
        Q(seen_at=None), escalated_at=None, raised_at__lt=now - timedelta(minutes=MINUTES)
    )
    budgets = dict(AlarmBudget.objects.values_list("organization_id", "minutes"))
    asked = rows.order_by("raised_at", "pk").values_list("pk", "organization_id", "raised_at")
    return [
        pk
        for pk, desk, raised_at in asked
        if now - raised_at >= timedelta(minutes=budgets.get(desk, MINUTES))
    ]


def unseen_at_once() -> list[UUID]:
    """List the alerts that cannot wait and that nobody saw. One query."""
    rows = Alert.objects.waiting().filter(signal=Signal.IMMEDIATE.value)
    return list(rows.order_by("raised_at", "pk").values_list("pk", flat=True))


def waiting_for(account: UUID, now: datetime) -> list[UUID]:
    """List the alerts that nobody saw where somebody works. Two queries."""
    desks = [one.organization_id for one in directory.memberships_of(account, now)]
    rows = Alert.objects.waiting().filter(organization__in=desks)
    return list(rows.order_by("raised_at", "pk").values_list("pk", flat=True))


def stands_in_for(alert: Alert, now: datetime, *, desk_is_open: bool) -> UUID | None:
    """Say who is told of an alert that nobody saw: who holds the desk, on call included.

    When that one is away, who covers them. None: nobody is on the roster, the whole team is told.
    """
    return next(iter(_roster(alert, now, desk_is_open=desk_is_open)), None)


def texted_for(alert: Alert, now: datetime, *, desk_is_open: bool) -> list[UUID]:
    """List whose own mobile is tried, in order: who is on the roster at that moment.

    Nobody while the desk is open, as long as it was not passed on. Who it was passed to stands
    first as long as their turn lasts; then who comes on call is told of what still waits.
    """
    is_passed = bool(alert.escalated_at and alert.escalated_at >= alert.latest_at)
    if desk_is_open and not is_passed:
        return []
    return _roster(alert, now, desk_is_open=desk_is_open)


def _roster(alert: Alert, now: datetime, *, desk_is_open: bool) -> list[UUID]:
    return directory.standing_by(alert.organization_id, now, on_call_first=not desk_is_open)


def number_of(desk: UUID) -> str:
    """The number that a team asked to be told at; nothing when it did not. One query."""
    found = AlarmBudget.objects.filter(organization=desk).values_list("mobile", flat=True).first()
    return found or ""


def spent_by(actor: Actor, desk: UUID, now: datetime) -> Spent:
    """Read the budget of the team worked for. Eight queries, and one for each team around."""
    kept = AlarmBudget.objects.visible_to(actor).filter(organization=desk).first()
    midnight = datetime.combine(now.astimezone(PARIS).date(), time.min, tzinfo=PARIS)
    monday = midnight - timedelta(days=midnight.weekday())
    raised = Alert.objects.visible_to(actor).filter(organization=desk, raised_at__gte=monday)
    week = raised.order_by().values_list("signal", flat=True)
    signals = list(week)
    per_week, correction = (float(kept.per_week), kept.correction) if kept else (USUAL_BUDGET, 1.0)
    visits = visits_per_week(watched_by(desk), now)
    return Spent(
        per_week=_shown(per_week),
        minutes=kept.minutes if kept else MINUTES,
        mobile=kept.mobile if kept else "",
        is_chosen=kept is not None,
        this_week=sum(one in TREND_CODES for one in signals),
        at_once=sum(one not in TREND_CODES for one in signals),
        reach=budget(per_week=per_week, visits_per_week=visits, correction=correction),
        visits=_shown(visits),
        record=record_of(desk, now - RECORDED_OVER),
        correction=_shown(correction),
    )


def _shown(number: float, places: int = 1) -> Decimal:
    return Decimal(str(round(number, places)))


def _standing(alert: Alert) -> Standing:
    return Standing(Signal(alert.signal), alert.weight, alert.raised_at, not alert.is_waiting)
