"""Alerts are raised, or confirmed when they are open already; each goes to who answers today."""

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.records import insert_rows
from cordee.access.stencil import Stencil, filled_up
from cordee.kernel.facts import publish_many
from cordee.kernel.identifiers import uuid7
from cordee.kernel.queue import Later
from cordee.people.models import Person
from cordee.vigilance.answering_desks import desk_for, routed
from cordee.vigilance.facts import AlertRaised
from cordee.vigilance.models import AlarmBudget, Alert
from cordee.vigilance.rules.following import MINUTES
from cordee.vigilance.rules.trend import Signal
from cordee.vigilance.services.feedback import tell_seen
from cordee.vigilance.services.noted import Raising

ONE_OPEN = "ON CONFLICT (person_id, signal) WHERE closed_at IS NULL AND NOT beside DO NOTHING"
TRIES = 5
"""Times an alert is written or confirmed, when others close it in between."""
CONFIRMED = 60
"""Visits that an alert remembers beside the one that raised it: their helpers are told of it."""
INSTANT = timedelta(microseconds=1)

log = logging.getLogger(__name__)


def hold(persons: Collection[UUID]) -> None:
    """Wait for what is being written of persons, in one order, before what is remembered of them.

    For what judges outside the gesture that records: see `following` on the order of locks.
    """
    rows = Person.objects.filter(pk__in=persons).order_by("pk").select_for_update(of=("self",))
    list(rows.values_list("pk"))


def raise_all(raised: Sequence[Raising], now: datetime) -> None:
    """Raise or confirm alerts, and queue what follows. What nobody may answer is written down."""
    services: dict[UUID, list[UUID]] = defaultdict(list)
    for one in raised:
        services[one.visit.person_id].append(one.visit.service_id)
    desks = routed(services) if services else {}
    for one in raised:
        if one.visit.person_id not in desks:
            log.error("nobody may answer what visit %s says", one.visit.id)
    rows = [
        (one, _row(one, desks[one.visit.person_id], now))
        for one in raised
        if one.visit.person_id in desks
    ]
    announce(_written(rows, now), now)


def _written(rows: list[tuple[Raising, dict[str, Any]]], now: datetime) -> list[dict[str, Any]]:
    """Write alerts, confirm those that are open; one that is closed in between is written again."""
    told = []
    for _ in range(TRIES):
        new = insert_rows(Alert, [row for _, row in rows], unless=ONE_OPEN).keys()
        told += [row for _, row in rows if row["id"] in new]
        left = []
        for one, row in [pair for pair in rows if pair[1]["id"] not in new]:
            alert = _open(one)
            if alert is None:
                left.append((one, row))
            elif _is_told_again(alert, one, row["organization_id"], now):
                told.append(_named(alert))
        rows = left
        if not rows:
            return told
    raise RuntimeError("alerts are closed as fast as they are raised")


def _open(one: Raising) -> Alert | None:
    rows = Alert.objects.open().filter(
        person=one.visit.person_id, signal=one.signal.value, beside=False
    )
    found: Alert | None = rows.select_for_update(of=("self",)).first()
    return found


def _is_told_again(alert: Alert, one: Raising, desk: UUID, now: datetime) -> bool:
    """Add to an open alert; it is told again when it waits again, or passes to somebody else."""
    was_waiting, moved = alert.is_waiting, alert.organization_id != desk
    if moved:
        _pass(alert, desk)
    past_seen = alert.seen_at + INSTANT if alert.seen_at else now  # seen since this gesture began
    alert.times, alert.latest_at = alert.times + 1, max(now, alert.latest_at, past_seen)
    alert.weight = max(alert.weight, float(one.weight))
    alert.marks = list(dict.fromkeys([*alert.marks, *one.marks]))
    alert.signs = list(dict.fromkeys([*alert.signs, *one.signs]))
    alert.said_urgent |= one.said_urgent
    if one.visit.id != alert.visit_id:
        visits = dict.fromkeys([*alert.confirmed_by, one.visit.id])
        alert.confirmed_by = list(visits)[-CONFIRMED:]
    alert.save()
    if not alert.is_waiting:  # seen already, and nobody will see it again for this visit
        tell_seen(alert, alert.seen_by_id, now)
    return moved or (alert.is_waiting and not was_waiting)


def _pass(alert: Alert, desk: UUID) -> None:
    """Give an alert to another structure, which has not seen it; what was done stays written."""
    alert.organization_id, alert.escalated_at, alert.escalated_to_id = desk, None, None
    if not alert.deed and not alert.advice:
        alert.seen_at, alert.seen_by_id = None, None


@action("vigilance.route", on=None)
def route(*, actor: Actor, person: UUID, now: datetime) -> None:
    """Her circle changed, or her choices: her open alerts go to who answers today."""
    hold([person])
    rows = Alert.objects.open().filter(person=person).order_by("pk")
    passed = []
    for alert in rows.select_for_update(of=("self",)):
        desk = desk_for(person, alert.service_id)
        if desk is not None and desk != alert.organization_id:
            _pass(alert, desk)
            alert.save()
            passed.append(_named(alert))
    announce(passed, now)


# --- what follows --------------------------------------------------------------------------------


def announce(told: Sequence[dict[str, Any]], now: datetime) -> None:
    """Publish alerts, and queue their text and who is told next. Two queries."""
    if not told:
        return
    waits = _waits({row["organization_id"] for row in told})
    usual = timedelta(minutes=MINUTES)
    texts = [Later("cordee.vigilance.jobs.tell", None, {"alert": str(row["id"])}) for row in told]
    nexts = [
        Later(
            "cordee.vigilance.jobs.escalate",
            now + waits.get(row["organization_id"], usual),
            {"alert": str(row["id"])},
        )
        for row in told
    ]
    publish_many([_fact(row) for row in told], jobs=[*texts, *nexts])


def _row(one: Raising, desk: UUID, now: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "person_id": one.visit.person_id,
        "organization_id": desk,
        "service_id": one.visit.service_id,
        "signal": one.signal.value,
        "visit_id": one.visit.id,
        "marks": list(one.marks),
        "signs": list(one.signs),
        "said_urgent": one.said_urgent,
        "weight": float(one.weight),
        "raised_at": now,
        "latest_at": now,
    }


def _named(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.pk,
        "person_id": alert.person_id,
        "organization_id": alert.organization_id,
        "signal": alert.signal,
    }


def _fact(row: dict[str, Any]) -> AlertRaised:
    return AlertRaised(
        person_id=row["person_id"],
        alert_id=row["id"],
        organization_id=row["organization_id"],
        urgent=row["signal"] == Signal.IMMEDIATE,
    )


def _waits(desks: Collection[UUID]) -> dict[UUID, timedelta]:
    return {pk: timedelta(minutes=said) for pk, said in _minutes(desks=filled_up(desks))}


@Stencil
def _minutes(desks: list[UUID]) -> QuerySet[AlarmBudget, Any]:
    rows = AlarmBudget.objects.filter(organization__in=desks).order_by("pk")
    return rows.values_list("organization_id", "minutes")
