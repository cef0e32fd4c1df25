"""Visits that were just recorded are judged in the same transaction: some raise an alert."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from cordee.access.records import insert_rows
from cordee.kernel.facts import publish_many
from cordee.kernel.identifiers import uuid7
from cordee.kernel.queue import Later, later_many
from cordee.vigilance import answering_desks
from cordee.vigilance.facts import AlertRaised
from cordee.vigilance.models import AlarmBudget, Alert, Leaning, Visit, Watch
from cordee.vigilance.rules import trend
from cordee.vigilance.rules.following import MINUTES
from cordee.vigilance.rules.limits import USUAL
from cordee.vigilance.rules.marks import MARKS
from cordee.vigilance.rules.trend import UNKNOWN, Limits, Severity, Signal, Trend
from cordee.vigilance.rules.urgency import immediate

REMEMBERED = 400
"""Visits that are read again when one comes late: more than the detector can remember."""
ONE_OPEN = "ON CONFLICT (person_id, signal) WHERE closed_at IS NULL AND NOT beside DO NOTHING"


@dataclass(frozen=True, slots=True)
class Noted:
    """What judging reads of a visit."""

    id: UUID
    person_id: UUID
    service_id: UUID
    helper_id: UUID
    happened_at: datetime
    marks: tuple[int | None, ...]
    signs: tuple[str, ...]
    urgent: bool

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Noted":
        """Read a row as it is written."""
        return cls(
            id=row["id"],
            person_id=row["person_id"],
            service_id=row["organization_id"],
            helper_id=row["helper_id"],
            happened_at=row["happened_at"],
            marks=tuple(row[f"{name}_mark"] for name in MARKS),
            signs=tuple(row["signs"]),
            urgent=row["urgent"],
        )


@dataclass(frozen=True, slots=True)
class Raising:
    """An alert to raise, or to confirm when it is open already."""

    signal: Signal
    visit: Noted
    weight: float
    marks: tuple[str, ...]
    signs: tuple[str, ...] = ()
    said_urgent: bool = False


def judge(visits: Sequence[Noted], now: datetime) -> None:
    """Raise what visits say, inside the gesture that records them: five queries when all is well.

    What waits for nobody first; then what they say together with those before.
    """
    raised = [*_at_once(visits), *_in_time(visits)]
    if raised:
        _raise(raised, now)


def _at_once(visits: Iterable[Noted]) -> Iterable[Raising]:
    for visit in visits:
        named = dict(zip(MARKS, visit.marks, strict=True))
        if said := immediate(named, visit.signs, urgent=visit.urgent):
            yield Raising(
                Signal.IMMEDIATE, visit, said.weight, said.marks, said.signs, said.said_urgent
            )


def _in_time(visits: Iterable[Noted]) -> Iterable[Raising]:
    marked = [one for one in visits if any(one.marks)]
    if not marked:
        return
    watches = _watches({one.person_id for one in marked})
    marked.sort(key=lambda one: (one.person_id, one.happened_at, one.id))
    severities = severities_of({one.helper_id for one in marked})
    found: list[Raising] = []
    for person, mine in groupby(marked, key=lambda one: one.person_id):
        found += _watched(watches[person], list(mine), severities)
    changed = ["numbers", "latest_at"]
    Watch.objects.bulk_create(
        watches.values(), update_conflicts=True, unique_fields=["id"], update_fields=changed
    )
    yield from found


def _watches(persons: Collection[UUID]) -> dict[UUID, Watch]:
    """Lock what is remembered of each person, in one order; new ones begin."""
    keys = sorted(persons)
    usual = {"drop_limit": USUAL.drop, "decline_limit": USUAL.decline}
    Watch.objects.bulk_create(
        [Watch(id=key, person_id=key, **usual) for key in keys], ignore_conflicts=True
    )
    rows = Watch.objects.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
    return {one.pk: one for one in rows}


def severities_of(helpers: Collection[UUID]) -> dict[UUID, Severity]:
    """Read how helpers mark, for the detector alone. One query."""
    rows = Leaning.objects.filter(helper__in=helpers).order_by("pk")
    return {one.helper_id: Severity(tuple(one.offsets), one.spread, one.doubt) for one in rows}


def _watched(
    watch: Watch, mine: list[Noted], severities: dict[UUID, Severity]
) -> Iterable[Raising]:
    """Take visits of one person into account; one that comes late has all of them read again."""
    fresh = {one.id for one in mine}
    kept, latest = Trend.of(watch.numbers) if watch.numbers else Trend(), watch.latest_at
    if latest and mine[0].happened_at < latest:
        mine = history_of(watch.pk, before=None)
        severities = severities | severities_of({one.helper_id for one in mine})
        kept, latest = Trend(), None
    limits = Limits(watch.drop_limit, watch.decline_limit)
    found = []
    for visit in mine:
        days = (visit.happened_at - latest) / timedelta(days=1) if latest else 0.0
        severity = severities.get(visit.helper_id, UNKNOWN)
        kept, raised = trend.after(kept, visit.marks, days=days, severity=severity, limits=limits)
        latest = visit.happened_at
        if visit.id in fresh:
            found += [Raising(one.signal, visit, one.strength, one.marks) for one in raised]
    watch.numbers, watch.latest_at = kept.as_list(), latest
    return found


def history_of(person_id: UUID, before: datetime | None) -> list[Noted]:
    """Read the latest marked visits of somebody again, in their order. One query."""
    rows = Visit.objects.filter(person=person_id, kind="visit")
    if before:
        rows = rows.filter(happened_at__lt=before)
    columns = ["id", "person_id", "organization_id", "helper_id", "happened_at", "signs", "urgent"]
    columns += [f"{name}_mark" for name in MARKS]
    latest = rows.order_by("-happened_at", "-pk").values(*columns)[:REMEMBERED]
    noted = [Noted.of(row) for row in latest]
    return [one for one in reversed(noted) if any(one.marks)]


def watch_again(person_id: UUID) -> None:
    """Make again what is remembered of somebody, from the visits that are hers now."""
    watch = _watches({person_id}).get(person_id)
    if watch is None:
        return
    watch.numbers, watch.latest_at = [], None
    mine = history_of(person_id, before=None)
    _watched(watch, mine, severities_of({one.helper_id for one in mine}))
    watch.save(update_fields=["numbers", "latest_at"])


# --- raising -------------------------------------------------------------------------------------


def _raise(raised: Sequence[Raising], now: datetime) -> None:
    asked = {(one.visit.person_id, one.visit.service_id) for one in raised}
    desks = {pair: answering_desks.desk_for(*pair) for pair in sorted(asked)}
    rows = []
    for one in raised:
        if desk := desks[one.visit.person_id, one.visit.service_id]:
            rows.append((one, _row(one, desk, now)))
    new = insert_rows(Alert, [row for _, row in rows], unless=ONE_OPEN).keys()
    told = [row for _, row in rows if row["id"] in new]
    told += _confirmed([one for one, row in rows if row["id"] not in new], now)
    publish_many([_fact(row) for row in told])
    waits = _waits({row["organization_id"] for row in told})
    later_many(
        [Later("cordee.vigilance.jobs.tell", None, {"alert": str(row["id"])}) for row in told]
        + [
            Later(
                "cordee.vigilance.jobs.escalate",
                now + waits.get(row["organization_id"], timedelta(minutes=MINUTES)),
                {"alert": str(row["id"])},
            )
            for row in told
        ]
    )


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


def _confirmed(again: Sequence[Raising], now: datetime) -> list[dict[str, Any]]:
    """Add to alerts that are open already; what cannot wait is told again once it was seen."""
    told = []
    for one in again:
        alert = (
            Alert.objects.open()
            .filter(person=one.visit.person_id, signal=one.signal.value, beside=False)
            .select_for_update(of=("self",))
            .first()
        )
        if alert is None:
            continue
        was_waiting = alert.is_waiting
        alert.times, alert.latest_at = alert.times + 1, now
        alert.weight = max(alert.weight, float(one.weight))
        alert.marks = list(dict.fromkeys([*alert.marks, *one.marks]))
        alert.signs = list(dict.fromkeys([*alert.signs, *one.signs]))
        alert.said_urgent |= one.said_urgent
        alert.save()
        if alert.is_waiting and not was_waiting:
            told.append(
                {
                    "id": alert.pk,
                    "person_id": alert.person_id,
                    "organization_id": alert.organization_id,
                    "signal": alert.signal,
                }
            )
    return told


def _fact(row: dict[str, Any]) -> AlertRaised:
    return AlertRaised(
        person_id=row["person_id"],
        alert_id=row["id"],
        organization_id=row["organization_id"],
        urgent=row["signal"] == Signal.IMMEDIATE,
    )


def _waits(desks: Collection[UUID]) -> dict[UUID, timedelta]:
    rows = AlarmBudget.objects.filter(organization__in=desks).order_by("pk")
    return {one.organization_id: timedelta(minutes=one.minutes) for one in rows}
