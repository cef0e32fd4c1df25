"""What many professionals declare, read by sets: for needs that are looked at all at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, time
from typing import NamedTuple
from uuid import UUID

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    Func,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Concat

from cordee.directory.models import Absence, Commune, Practice, PracticeSite, WeeklyHours
from cordee.directory.rules import Away, Declared, Hours, declared_hours
from cordee.kernel.base import any_of

FEW_COMMUNES = 200


class Declaration(NamedTuple):
    """What a professional declares, in the words of the rules, with who they are."""

    practitioner_id: UUID
    profession: str
    declared: Declared
    weekly_cap: int | None
    urgent_at_night: bool
    objects: bool
    available_hours: float


def declarations(
    communes: Collection[str], practitioners: Collection[UUID], first: date
) -> list[Declaration]:
    """List who declares a zone that holds one of these communes, and these professionals.

    With the hours that each declares over the thirty days from `first`. Three queries; beyond some
    communes, everybody is read. What several declare alike is written once.
    """
    practices = Practice.objects.all()
    if len(communes) <= FEW_COMMUNES:
        near = Q(communes__overlap=sorted(communes))
        practices = practices.filter(near | Q(practitioner__in=any_of(practitioners, "uuid")))
    weeks, absences = _weeks(practices), _absences(practices)
    present, sets = _Present(first), _Sets()
    rows = practices.order_by("pk").values_list(
        "pk", "practitioner_id", "practitioner__profession", "mobile",
        *map(_is_said, ("mobile_proved_at", "tie_confirmed_at", "practitioner__closed_on",
                        "stopped_at")),
        _said("kinds"), _said("communes"), "weekly_cap", "urgent_at_night", "ranking_objection",
    )  # fmt: skip
    found = []
    for pk, who, profession, mobile, proved, tied, closed, stopped, kinds, zone, *more in rows:
        declared = Declared(
            mobile=mobile,
            mobile_proved=proved,
            tie_confirmed=tied,
            closed=closed,
            stopped=stopped,
            kinds=sets[kinds],
            communes=sets[zone],
            hours=weeks.get(pk, ()),
            absences=absences.get(pk, ()),
        )
        cap, night, no = more
        hours = present.hours_of(declared)
        found.append(Declaration(who, profession, declared, cap, night, no, hours))
    return found


def _is_said(column: str) -> ExpressionWrapper:
    """Whether a moment is known: which one does not matter, and takes long to read."""
    return ExpressionWrapper(Q(**{f"{column}__isnull": False}), BooleanField())


def _said(column: str) -> Func:
    """Say an array of codes as one text, cheaper to read than a list."""
    return Func(column, Value(" "), function="array_to_string", output_field=TextField())


class _Sets(dict[str, frozenset[str]]):
    """Reads a list of codes once, however many declare the same."""

    def __missing__(self, said: str) -> frozenset[str]:
        self[said] = read = frozenset(said.split())
        return read


class _Present:
    """Counts declared hours once for each week that several professionals share."""

    def __init__(self, first: date) -> None:
        self.first = first
        self.known: dict[int, float] = {}

    def hours_of(self, declared: Declared) -> float:
        week = id(declared.hours)  # equal weeks are one object: see `_weeks`
        if declared.absences:
            return declared_hours(declared.hours, declared.absences, self.first)
        if week not in self.known:
            self.known[week] = declared_hours(declared.hours, (), self.first)
        return self.known[week]


def _weeks(practices: QuerySet[Practice]) -> dict[UUID, tuple[Hours, ...]]:
    """Give the week that each declares; equal weeks are one object, hence read once."""
    stretch = Concat("weekday", Value(" "), "starts", Value(" "), "ends", output_field=TextField())
    said = StringAgg(stretch, "|", order_by=("weekday", "starts", "pk"))
    rows = WeeklyHours.objects.filter(practice__in=practices).values("practice")
    known: dict[str, tuple[Hours, ...]] = {}
    weeks = {}
    for practice, week in rows.annotate(week=said).values_list("practice", "week").order_by():
        if week not in known:
            known[week] = tuple(map(_stretch, week.split("|")))
        weeks[practice] = known[week]
    return weeks


def _stretch(said: str) -> Hours:
    weekday, starts, ends = said.split()
    return Hours(int(weekday), time.fromisoformat(starts), time.fromisoformat(ends))


def _absences(practices: QuerySet[Practice]) -> dict[UUID, tuple[Away, ...]]:
    rows = Absence.objects.filter(practice__in=practices)
    away: defaultdict[UUID, tuple[Away, ...]] = defaultdict(tuple)
    for practice, begins_at, ends_at in rows.order_by("begins_at", "pk").values_list(
        "practice_id", "begins_at", "ends_at"
    ):
        away[practice] += (Away(begins_at, ends_at),)
    return away


def colleagues_among(practitioners: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Give the professionals of the same trade who share a place of practice with each of these.

    As `colleagues_of`, for many. Two queries.
    """
    at_work = PracticeSite.objects.filter(closed_on=None)
    own = at_work.filter(practitioner__in=list(practitioners))
    wanted: defaultdict[str, set[tuple[UUID, str]]] = defaultdict(set)
    for structure, who, trade in own.values_list(
        "structure", "practitioner_id", "practitioner__profession"
    ):
        wanted[structure].add((who, trade))
    shared = at_work.filter(structure__in=list(wanted), practitioner__closed_on=None)
    colleagues: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for structure, other, trade in shared.values_list(
        "structure", "practitioner_id", "practitioner__profession"
    ):
        for who, own_trade in wanted[structure]:
            if other != who and trade == own_trade:
                colleagues[who].add(other)
    return colleagues


def epcis_of(codes: Collection[str]) -> dict[str, frozenset[str]]:
    """Give, for each commune, those of its intercommunality, itself included. Two queries."""
    epcis = dict(Commune.objects.filter(pk__in=codes).values_list("pk", "epci_code"))
    members: defaultdict[str, set[str]] = defaultdict(set)
    around = Commune.objects.filter(epci_code__in={epci for epci in epcis.values() if epci})
    for code, epci in around.values_list("pk", "epci_code"):
        members[epci].add(code)
    whole = {epci: frozenset(codes) for epci, codes in members.items()}
    return {code: whole.get(epci, frozenset()) | {code} for code, epci in epcis.items()}


def holders_of_mobiles(mobiles: Collection[str]) -> dict[str, UUID]:
    """Give who takes texts on each tied mobile; one is missing when nobody does. One query."""
    tied = Practice.objects.filter(
        mobile__in=any_of(mobiles, "text"), tie_confirmed_at__isnull=False, stopped_at=None
    )
    return dict(tied.values_list("mobile", "practitioner_id"))
