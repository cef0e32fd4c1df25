"""What the coded signs of visits say: at once, or several of them together."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.db.models.functions import Greatest

from cordee.access.stencil import Stencil, filled_up
from cordee.vigilance.models import Alert, Visit
from cordee.vigilance.rules import standing
from cordee.vigilance.rules.following import Verdict
from cordee.vigilance.rules.marks import MARKS
from cordee.vigilance.rules.standing import Known, Setting, lesser, setting_on
from cordee.vigilance.rules.trend import Signal
from cordee.vigilance.rules.urgency import Immediate, immediate
from cordee.vigilance.services.noted import Noted, Raising

PARIS = ZoneInfo("Europe/Paris")


def at_once(visits: Iterable[Noted]) -> Iterable[Raising]:
    """Say what visits raise at once, but for what stands and was closed as known.

    One query when something is said.
    """
    found = [(one, said) for one in visits if (said := _said(one))]
    if not found:
        return
    known = _known(Signal.IMMEDIATE, [one for one, _ in found])
    for visit, said in found:
        setting, mine = setting_on(_day(visit.happened_at)), known[visit.person_id]
        levels = _levels(visit)
        if standing.is_new(said, levels, at=visit.happened_at, known=mine, setting=setting):
            yield Raising(
                Signal.IMMEDIATE, visit, said.weight, said.marks, said.signs, said.said_urgent
            )


def together(visits: Iterable[Noted]) -> Iterable[Raising]:
    """Say what lesser signs say together with those of the days before, since they were last told.

    Three queries when a visit has one.
    """
    found = [one for one in visits if lesser(one.signs)]
    if not found:
        return
    known, told_until = _known(Signal.REPEATED, found), _told_until(found)
    seen, judged = _seen(found), {one.id for one in found}
    for visit in found:
        setting = setting_on(_day(visit.happened_at))
        since, told = visit.happened_at - setting.within, told_until.get(visit.person_id)
        mine = [
            (_day(one.happened_at), one.signs)
            for one in seen[visit.person_id]
            if since < one.happened_at <= visit.happened_at
            and (told is None or one.received_at > told or one.id in judged)
        ]
        still = _lately(known[visit.person_id], visit.happened_at, setting)
        if said := standing.together(mine, known=still, setting=setting):
            yield Raising(Signal.REPEATED, visit, said.times, (), said.signs)


def _said(visit: Noted) -> Immediate | None:
    return immediate(_levels(visit), visit.signs, urgent=visit.urgent)


def _levels(visit: Noted) -> dict[str, int | None]:
    return dict(zip(MARKS, visit.marks, strict=True))


def _day(moment: datetime) -> date:
    return moment.astimezone(PARIS).date()


def _lately(known: Iterable[Known], at: datetime, setting: Setting) -> list[Known]:
    return [one for one in known if at < one.closed_at + setting.known_for]


def _known(signal: Signal, visits: Collection[Noted]) -> dict[UUID, list[Known]]:
    """List what was closed as known of persons, long enough ago for the earliest visit."""
    first = min(one.happened_at for one in visits)
    since = first - setting_on(_day(first)).known_for
    persons = filled_up({one.person_id for one in visits})
    found: dict[UUID, list[Known]] = defaultdict(list)
    for person, signs, marks, closed_at, *levels in _closed_as_known(
        persons=persons, signal=signal.value, since=since
    ):
        seen = dict(zip(MARKS, levels, strict=True))
        found[person].append(Known(frozenset(signs), frozenset(marks), seen, closed_at))
    return found


@Stencil
def _closed_as_known(persons: list[UUID], signal: str, since: datetime) -> QuerySet[Alert, Any]:
    rows = Alert.objects.filter(person__in=persons, signal=signal, closed_at__gte=since)
    known = rows.filter(verdict=Verdict.KNOWN.value).order_by("closed_at", "pk")
    levels = [f"visit__{name}_mark" for name in MARKS]
    return known.values_list("person_id", "signs", "marks", "closed_at", *levels)


def _told_until(visits: Collection[Noted]) -> dict[UUID, datetime]:
    """Until when what was received of persons was told: their last closing.

    Not what happened until then: a visit that a phone sends later was told to nobody, whenever it
    was marked. Nor what was received a moment before it and is only judged now. A visit that
    confirmed the alert while somebody was closing it was told with it, though received later.
    """
    rows = Alert.objects.filter(
        person__in={one.person_id for one in visits},
        signal=Signal.REPEATED.value,
        closed_at__isnull=False,
    ).annotate(told_at=Greatest("closed_at", "latest_at"))
    return dict(rows.order_by("told_at", "pk").values_list("person_id", "told_at"))


@dataclass(frozen=True, slots=True)
class _Seen:
    id: UUID
    happened_at: datetime
    received_at: datetime
    signs: list[str]


def _seen(visits: Collection[Noted]) -> dict[UUID, list[_Seen]]:
    """List the visits of persons that have a lesser sign, around those looked at. One query."""
    first = min(one.happened_at for one in visits)
    rows = Visit.objects.filter(
        person__in={one.person_id for one in visits},
        happened_at__gt=first - setting_on(_day(first)).within,
        happened_at__lte=max(one.happened_at for one in visits),
        signs__overlap=list(standing.LESSER),
    )
    found: dict[UUID, list[_Seen]] = defaultdict(list)
    for person, *columns in rows.order_by("happened_at", "pk").values_list(
        "person_id", "id", "happened_at", "received_at", "signs"
    ):
        found[person].append(_Seen(*columns))
    return found
