"""Need against what was given: to one person, and to those whom a structure follows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from cordee.access.actor import Actor
from cordee.assessments import selectors as assessments
from cordee.assessments.rules.results import Result
from cordee.liaison import selectors as liaison
from cordee.liaison.models import Contact
from cordee.liaison.rules import Tally, Way, Whom
from cordee.pathways.caseload import NEED, Followed, Load, caseload, need_of
from cordee.pathways.rules.dose import UNKNOWN, Dose, Level, by_need, level
from cordee.people.models import Person
from cordee.people.selectors import Part, took_part

PASSED_ON = Q(kind__in=("plans.plan_handed_over", "intake.request_handed_on")) | Q(
    kind="pathways.task_moved", told__data__how="handed_over"
)
"""Lines of a thread that say that somebody else answers from now on."""
Counted = Mapping[tuple[str, str], Tally]


@dataclass(frozen=True)
class Given:
    """One person: what she needs, what she was given, and each contact."""

    dose: Dose
    need: Result | None
    need_at: datetime | None
    by_way: list[tuple[str, Tally]]
    by_whom: list[tuple[str, Tally]]
    contacts: list[Contact]


@dataclass(frozen=True)
class Row:
    """One person of a caseload, who follows her, and what she was given."""

    followed: Followed
    load: Load
    dose: Dose


@dataclass(frozen=True)
class Caseload:
    """Those whom a structure follows: who needs most and was given least first."""

    rows: list[Row]
    levels: list[tuple[str, Level]]
    colleagues: list[tuple[Load, Level]]


def given_to(actor: Actor, person: Person, days: int, now: datetime) -> Given:
    """Say what one person needs and was given over the last days. Six queries."""
    since = now - timedelta(days=days)
    need_at, need = need_of(assessments.last_results(actor, NEED, {person.pk}).get(person.pk))
    counted = liaison.contacts_since(actor, {person.pk}, since).get(person.pk, {})
    part = took_part(actor, {person.pk}, since, PASSED_ON)[person.pk]
    return Given(
        dose=_dose(need, counted, part),
        need=need,
        need_at=need_at,
        by_way=_named(Way.choices(), counted, 0),
        by_whom=_named(Whom.choices(), counted, 1),
        contacts=liaison.told_since(actor, person, since),
    )


def given_by(actor: Actor, days: int, now: datetime) -> Caseload:
    """Say what each person that the actor’s structure follows needs and was given. Ten queries."""
    loads = caseload(actor, now)
    followed = {pk: (one, load) for load in loads for pk, one in load.people.items()}
    since = now - timedelta(days=days)
    counted = liaison.contacts_since(actor, followed.keys(), since)
    parts = took_part(actor, followed.keys(), since, PASSED_ON)
    rows = [
        Row(one, load, _dose(one.need, counted.get(pk, {}), parts[pk]))
        for pk, (one, load) in followed.items()
    ]
    rows.sort(key=lambda row: (row.dose.order, row.followed.person.name_key))
    names = {row.dose.need: _band(row.followed.need) for row in rows}
    levels = [(names[one.need], one) for one in by_need(row.dose for row in rows)]
    return Caseload(rows, levels, _by_colleague(loads, rows))


def _by_colleague(loads: Iterable[Load], rows: Iterable[Row]) -> list[tuple[Load, Level]]:
    doses: dict[str, list[Dose]] = {}
    for row in rows:
        doses.setdefault(row.load.slug, []).append(row.dose)
    return [(load, level(UNKNOWN, doses[load.slug])) for load in loads if load.slug in doses]


def _dose(need: Result | None, counted: Counted, part: Part) -> Dose:
    return Dose(
        need=need.band.severity if need and need.band else UNKNOWN,
        contacts=sum(counted.values(), Tally()),
        people=len(part.people),
        organizations=len(part.organizations),
        passed_on=part.passed_on,
    )


def _band(need: Result | None) -> str:
    return need.band.label if need and need.band else ""


def _named(
    labels: Iterable[tuple[str, str]], counted: Counted, place: int
) -> list[tuple[str, Tally]]:
    """The contacts by way or by whom they were with, in the order of the form: those there were."""
    found = [
        (label, sum((one for key, one in counted.items() if key[place] == code), Tally()))
        for code, label in labels
    ]
    return [(label, tally) for label, tally in found if tally.made]
