"""Visits that were just recorded are judged in the same transaction: some raise an alert."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain, groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.stencil import Stencil, filled_up
from cordee.kernel.queue import later
from cordee.vigilance.models import Alert, Leaning, Visit, Watch
from cordee.vigilance.rules import trend
from cordee.vigilance.rules.marks import MARKS
from cordee.vigilance.rules.trend import QUIET, TRENDS, UNKNOWN, Limits, Severity, Trend
from cordee.vigilance.services.noted import Noted, Raising
from cordee.vigilance.services.raising import hold, raise_all
from cordee.vigilance.services.remembered import remember, remembered
from cordee.vigilance.services.signs import at_once, together

REMEMBERED = 400
"""Visits that are read again when one comes late: more than the detector can remember."""
COLUMNS = ("id", "person_id", "organization_id", "helper_id", "happened_at", "signs", "urgent")

log = logging.getLogger(__name__)


def judge(visits: Sequence[Noted], now: datetime, *, careful: bool = True) -> None:
    """Raise what visits say, inside the gesture that records them. Ten queries when
    one raises an alert.

    What cannot be judged never keeps a visit from being recorded: it is judged person by person,
    what waits for nobody apart from trends; what is left is judged later. Without care it raises:
    whoever asks does the gesture again.
    """
    if not careful:
        _judge(visits, now, *PARTS)
        return
    if not visits or _is_judged(visits, now, *PARTS):
        return
    ordered = sorted(visits, key=lambda one: (one.person_id, one.happened_at, one.id))
    for _, group in groupby(ordered, key=lambda one: one.person_id):
        mine = list(group)
        for part in PARTS:
            if not _is_judged(mine, now, part):
                keys = [str(one.id) for one in mine]
                later("cordee.vigilance.jobs.judge_again", visits=keys, part=part)


def _is_judged(visits: Sequence[Noted], now: datetime, *parts: str) -> bool:
    try:
        with transaction.atomic():
            _judge(visits, now, *parts)
    except Exception:
        log.exception("visits are not judged yet")
        return False
    return True


def _judge(visits: Sequence[Noted], now: datetime, *parts: str) -> None:
    raise_all([one for part in parts for one in PARTS[part](visits)], now)


@action("vigilance.judge", on=None)
def judge_again(*, actor: Actor, visits: Collection[UUID], part: str, now: datetime) -> None:
    """Judge visits that could not be when they were recorded."""
    rows = Visit.objects.filter(pk__in=visits).order_by("happened_at", "pk")
    hold(set(rows.order_by().values_list("person", flat=True)))
    marks = [f"{name}_mark" for name in MARKS]
    _judge([Noted.of(row) for row in rows.values(*COLUMNS, *marks)], now, part)


def _in_time(visits: Iterable[Noted]) -> Iterable[Raising]:
    marked = [one for one in visits if any(one.marks)]
    if not marked:
        return
    watches = remembered({one.person_id for one in marked})
    marked.sort(key=lambda one: (one.person_id, one.happened_at, one.id))
    by_person = {pk: list(mine) for pk, mine in groupby(marked, key=lambda one: one.person_id)}
    kept = {pk: _remembered(watches[pk], mine[0]) for pk, mine in by_person.items()}
    histories = histories_of([pk for pk, trend in kept.items() if trend is None])
    read = [*marked, *chain.from_iterable(histories.values())]
    severities = severities_of({one.helper_id for one in read})
    found: list[Raising] = []
    for person, mine in by_person.items():
        watch, trend = watches[person], kept[person]
        if trend is not None:
            found += _taken(watch, trend, mine, severities)
        else:
            found += _read_again(watch, mine, histories[person], severities)
    remember(watches.values())
    yield from found


PARTS: dict[str, Callable[[Iterable[Noted]], Iterable[Raising]]] = {
    "at_once": at_once,
    "in_time": _in_time,
    "together": together,
}
"""What waits for nobody first; then what visits say together with those before."""


def severities_of(helpers: Collection[UUID]) -> dict[UUID, Severity]:
    """Read how helpers mark, for the detector alone; what cannot be read is unknown. One query."""
    return {
        helper: Severity(tuple(offsets), spread, doubt)
        for helper, offsets, spread, doubt in _leanings(helpers=filled_up(helpers))
        if len(offsets) == len(MARKS)
    }


@Stencil
def _leanings(helpers: list[UUID]) -> QuerySet[Leaning, Any]:
    rows = Leaning.objects.filter(helper__in=helpers)
    return rows.values_list("helper_id", "offsets", "spread", "doubt")


def _read_again(
    watch: Watch, mine: list[Noted], history: list[Noted], severities: dict[UUID, Severity]
) -> list[Raising]:
    """Take a visit that comes late into account: all of hers are read again.

    Read in its place, a late visit may have others say what they did not: that is raised too.
    """
    fresh = {one.id for one in mine}
    watch.latest_at = None
    found = _taken(watch, Trend(), history, severities)
    late = [one for one in found if _order(one.visit) >= _order(mine[0])]
    untold = _untold(watch.pk, [one for one in late if one.visit.id not in fresh], history)
    return [one for one in late if one.visit.id in fresh or one in untold]


def _remembered(watch: Watch, first: Noted) -> Trend | None:
    """Read what is remembered before a visit; None when it comes late, or was written otherwise."""
    if watch.latest_at is not None and first.happened_at <= watch.latest_at:
        return None
    try:
        return Trend.of(watch.numbers) if watch.numbers else Trend()
    except ValueError:
        return None


def _taken(
    watch: Watch, kept: Trend, visits: Iterable[Noted], severities: dict[UUID, Severity]
) -> list[Raising]:
    limits = Limits(watch.drop_limit, watch.decline_limit)
    found, latest = [], watch.latest_at
    for visit in visits:
        days = (visit.happened_at - latest) / timedelta(days=1) if latest else 0.0
        severity = severities.get(visit.helper_id, UNKNOWN)
        kept, raised = trend.after(kept, visit.marks, days=days, severity=severity, limits=limits)
        latest = visit.happened_at
        found += [Raising(one.signal, visit, one.strength, one.marks) for one in raised]
    watch.numbers, watch.latest_at = kept.as_list(), latest
    return found


def _order(visit: Noted) -> tuple[datetime, UUID]:
    return visit.happened_at, visit.id


def _untold(person: UUID, found: list[Raising], history: list[Noted]) -> list[Raising]:
    """Keep the trends that no alert told: none of the same signal so near. One query."""
    if not found:
        return []
    places = {one.id: place for place, one in enumerate(history)}
    alerts = Alert.objects.filter(person=person, signal__in=[one.value for one in TRENDS])
    told = [
        (signal, places[visit] - QUIET, max(places[visit] + QUIET, _place(history, until)))
        for signal, visit, until in alerts.order_by("pk").values_list(
            "signal", "visit_id", "latest_at"
        )
        if visit in places
    ]
    return [
        one
        for one in found
        if not any(
            one.signal.value == signal and first <= places[one.visit.id] <= last
            for signal, first, last in told
        )
    ]


def _place(history: list[Noted], until: datetime) -> int:
    return sum(one.happened_at <= until for one in history) - 1


def histories_of(persons: Collection[UUID]) -> dict[UUID, list[Noted]]:
    """Read the latest marked visits of persons again, each in its order. One query, or none."""
    found: dict[UUID, list[Noted]] = {pk: [] for pk in persons}
    for row in _latest(persons=filled_up(found)):
        noted = Noted.read(row)
        if any(noted.marks):
            found[noted.person_id].append(noted)
    return found


@Stencil
def _latest(persons: list[UUID]) -> QuerySet[Visit, Any]:
    newest = Window(RowNumber(), partition_by="person", order_by=["-happened_at", "-pk"])
    rows = Visit.objects.filter(person__in=persons, kind="visit").annotate(rank=newest)
    latest = rows.filter(rank__lte=REMEMBERED).order_by("person", "happened_at", "pk")
    return latest.values_list(*COLUMNS, *(f"{name}_mark" for name in MARKS))


def watch_again(person_id: UUID, now: datetime) -> None:
    """Make again what is remembered of somebody, from the visits that are hers now.

    What the last of them say together, and nobody was told, is raised.
    """
    hold([person_id])
    watch = remembered({person_id}).get(person_id)
    if watch is None:
        return
    watch.numbers, watch.latest_at = [], None
    mine = histories_of([person_id])[person_id]
    found = _taken(watch, Trend(), mine, severities_of({one.helper_id for one in mine}))
    remember([watch])
    recent = {one.id for one in mine[-QUIET:]}
    raise_all(_untold(person_id, [one for one in found if one.visit.id in recent], mine), now)
