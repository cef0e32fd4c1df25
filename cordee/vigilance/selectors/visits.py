"""Visits that were marked, as who follows her reads them."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, Count, FloatField, QuerySet

from cordee.access.actor import Actor, Role
from cordee.access.fetched import Fetch
from cordee.access.policy import SomeAbout, get_visible
from cordee.access.sight import by_the_house
from cordee.kernel.once import once
from cordee.people.models import Person
from cordee.people.policy import persons_of, who_refused_coordination
from cordee.people.rules.sharing import Category
from cordee.vigilance.models import Alert, PlannedVisit, RefusedVisit, Visit
from cordee.vigilance.rules.aside import Told, told
from cordee.vigilance.rules.marks import MARKS, SIGNS

LATEST, COMING = 6, 4
MANY = 60  # visits read at once for her page: four a day for a fortnight, nearly always enough
LATEST_FIRST = ("-happened_at", "-sequence", "-pk")
SOME = 5
"""Below this many visits, a duration would be that of somebody."""


def get_visit(actor: Actor, pk: UUID) -> Visit:
    """One visit. Raises Http404. Two queries."""
    rows = Visit.objects.select_related("person", "organization", "helper", "seen_by")
    return get_visible(actor, rows, pk)


def visits_of(actor: Actor, person: Person) -> QuerySet[Visit]:
    """The visits of somebody, the latest first. One query."""
    rows = Visit.objects.visible_to(actor).filter(person=person)
    rows = rows.select_related("helper", "organization", "seen_by")
    return rows.order_by(*LATEST_FIRST)


def last_answer(actor: Actor, alert: Alert) -> Visit | None:
    """The visit of an alert of which helpers were told something last. One query."""
    rows = Visit.objects.visible_to(actor).filter(pk__in=alert.visits, answered_at__isnull=False)
    found: Visit | None = rows.order_by("-answered_at", "-pk").first()
    return found


def latest_visits(actor: Actor, person: Person) -> list[Visit]:
    """The latest visits of somebody, for her page. Two queries, planned once."""
    return _visits.in_order(pk for pk, *_ in _latest_told(actor, person.pk)[:LATEST])


def told_since(actor: Actor, person: Person, moment: datetime) -> list[list[Any]]:
    """What the rules look at of her visits since a moment (`TOLD`), the latest first. One query,
    planned once, which her page asks for her latest visits too; one more where they are many."""
    rows = _latest_told(actor, person.pk)
    if len(rows) == MANY and rows[-1][1] >= moment:
        rows = _told_since(actor, person.pk, moment=moment)
    return [told for _, *told in rows if told[0] >= moment]


def happened_since(rows: QuerySet[Visit], moment: datetime) -> QuerySet[Visit]:
    """Those that happened since, the latest first."""
    return rows.filter(happened_at__gte=moment).order_by(*LATEST_FIRST)


@once
def _latest_told(actor: Actor, person_id: UUID) -> list[tuple[Any, ...]]:
    return _many(actor, person_id)


TOLD = ("happened_at", "signs", "urgent", *(f"{one}_mark" for one in MARKS))
_many = SomeAbout(
    Visit, "person_id", lambda rows: rows.order_by(*LATEST_FIRST).values_list("pk", *TOLD)[:MANY]
)
_told_since = SomeAbout(
    Visit, "person_id", lambda rows, moment: happened_since(rows, moment).values_list("pk", *TOLD)
)
_visits = Fetch(lambda: Visit.objects.select_related("helper", "organization", "seen_by"))


def next_visits(actor: Actor, person: Person, now: datetime) -> list[PlannedVisit]:
    """The next visits of somebody, for her page. Two queries, planned once."""
    return _coming.in_order(pk for (pk,) in _next(actor, person.pk, now=now))


_coming = Fetch(lambda: PlannedVisit.objects.select_related("helper", "organization"))


def _to_come(rows: QuerySet[PlannedVisit], now: datetime) -> Any:
    standing = rows.filter(cancelled_at=None, ends_at__gt=now)
    return standing.order_by("starts_at", "pk").values_list("pk")[:COMING]


_next = SomeAbout(PlannedVisit, "person_id", _to_come)


def visit_records(actor: Actor) -> QuerySet[Visit]:
    """List the visits and the needs that the actor may see, in no order. One query."""
    return Visit.objects.visible_to(actor).select_related("organization", "helper")


def planned_records(actor: Actor) -> QuerySet[PlannedVisit]:
    """List the visits planned that the actor may see, noted or not, in no order. One query."""
    return PlannedVisit.objects.visible_to(actor).select_related("helper", "organization")


def visit_now(pk: UUID) -> Visit | None:
    """Fetch a visit as it stands, for the conductor. One query."""
    found: Visit | None = Visit.objects.select_related("person").filter(pk=pk).first()
    return found


@dataclass(frozen=True, slots=True)
class Aside:
    """What was put aside, in words; `person` when the actor may know of her.

    `is_hers` when she refused coordination: who coordinates reads nothing of what was marked.
    """

    refused: RefusedVisit
    told: Told
    person: Person | None
    is_hers: bool

    @property
    def of_whom(self) -> list[UUID]:
        """Whom it names, for the trace; nobody when nothing of it is shown."""
        return [self.told.person] if self.told.person and not self.is_hers else []


def aside(actor: Actor) -> list[Aside]:
    """What was put aside and waits for an answer: what presses first, then the oldest.

    Five queries.
    """
    rows = RefusedVisit.objects.visible_to(actor).filter(answered_at=None)
    rows = rows.select_related("helper", "organization").order_by("received_at", "pk")
    found = _named([(one, told(one.content)) for one in rows])
    named = {one.person for _, one in found if one.person}
    known = persons_of(actor, Category.COORDINATION).in_bulk(named)
    hers = who_refused_coordination(named) if actor.role is Role.COORDINATOR else set()
    listed = [
        Aside(one, said, known.get(said.person), said.person in hers)  # type: ignore[arg-type]
        for one, said in found
    ]
    return sorted(listed, key=lambda one: not one.told.is_urgent)


Read = tuple[RefusedVisit, Told]


@by_the_house
def _named(found: list[Read]) -> list[Read]:
    """Say whose visit each was: by the planned visit that it names, when its person reads as none,
    and by the record that absorbed hers. Only keys: who may know of her is asked afterwards.

    By the house: the planned visit of somebody followed no more is shown to nobody.
    """
    services = {one.organization_id for one, _ in found}
    asked = {said.planned for _, said in found if said.planned}
    plans = PlannedVisit.objects.filter(pk__in=asked, organization__in=services)
    planned = dict(plans.values_list("pk", "person_id"))
    keys = {said.person for _, said in found if said.person} | set(planned.values())
    rows = Person.objects.filter(pk__in=keys)
    now = {pk: merged or pk for pk, merged in rows.values_list("pk", "merged_into")}
    return [(one, replace(said, person=_hers(said, planned, now))) for one, said in found]


def _hers(said: Told, planned: dict[UUID, UUID], now: dict[UUID, UUID]) -> UUID | None:
    """The person that is there: the one named, else that of the planned visit."""
    by_plan = planned.get(said.planned) if said.planned else None
    for pk in (said.person, by_plan):
        if pk is not None and pk in now:
            return now[pk]
    return None


def waits_aside(organization_id: UUID) -> tuple[bool, bool]:
    """Whether something put aside waits in a service, and whether it presses. One query."""
    rows = RefusedVisit.objects.filter(organization=organization_id, answered_at=None)
    found = list(rows.values_list("content", flat=True))
    return bool(found), any(told(one).is_urgent for one in found)


def get_refused(actor: Actor, pk: UUID) -> RefusedVisit:
    """One of them. Raises Http404."""
    return get_visible(actor, RefusedVisit, pk)


class Median(Aggregate):
    """The value in the middle."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True, slots=True)
class Marking:
    """How long marking takes, from opening the form to sending it, as measured in use."""

    count: int
    median: float | None
    since: date


def marking(actor: Actor, now: datetime, days: int = 30) -> Marking:
    """Measure it on the visits that the actor may see; nothing below a handful. One query."""
    since = now - timedelta(days=days)
    rows = Visit.objects.visible_to(actor).filter(
        received_at__gte=since, seconds__isnull=False, kind="visit"
    )
    found = rows.order_by().aggregate(count=Count("pk"), median=Median("seconds"))
    enough = found["count"] >= SOME
    return Marking(found["count"], found["median"] if enough else None, since.date())


def words_of(visit: Visit) -> list[str]:
    """The signs of a visit, in words."""
    return [SIGNS[one] for one in visit.signs if one in SIGNS]
