"""Who follows whom in a structure, and what it weighs: as the actor may see it, nothing more."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.access.policy import get_visible
from cordee.assessments import selectors as assessments
from cordee.assessments.rules.results import Result
from cordee.directory.rules import PARIS
from cordee.directory.selectors import at_work
from cordee.pathways.models import HandOver, Task, TaskQuerySet
from cordee.pathways.policy import OWN
from cordee.pathways.rules import caseload as rules
from cordee.pathways.selectors import is_late
from cordee.people.models import Person
from cordee.people.policy import STEERING
from cordee.plans import selectors as plans
from cordee.plans.models import CarePlan

NEED = "urn:cordee:questionnaire:coordination-need"
MOST = 2_000  # tasks read at once: a desk that has more shares them out by parts
Evaluated = tuple[datetime, tuple[Result, ...]]


@dataclass
class Followed:
    """A person whom somebody follows: her plan, what waits about her, what she weighs."""

    person: Person
    plan: CarePlan | None = None
    tasks: list[Task] = field(default_factory=list)
    actions: int = 0
    need: Result | None = None
    need_at: datetime | None = None
    weight: rules.Weight = rules.Weight(0, False)

    @property
    def waiting(self) -> int:
        """What waits, tasks and actions, each counted once."""
        return self.actions + sum(one.kind != "follow_action" for one in self.tasks)


@dataclass
class Load:
    """What one colleague has in hand; without an account, what nobody of the team has."""

    account: Account | None
    is_there: bool = True
    people: dict[UUID, Followed] = field(default_factory=dict)
    loose: list[Task] = field(default_factory=list)
    late: int = 0

    @property
    def slug(self) -> str:
        """How an address names them."""
        return str(self.account.pk) if self.account else "equipe"

    @property
    def weight(self) -> int:
        """The sum of what each person weighs."""
        return sum(one.weight.points for one in self.people.values())

    @property
    def evaluated(self) -> int:
        """How many weigh by an evaluation."""
        return sum(one.weight.is_evaluated for one in self.people.values())

    @property
    def tasks(self) -> int:
        """How much waits on the list."""
        return len(self.loose) + sum(len(one.tasks) for one in self.people.values())

    def add_task(self, task: Task, now: datetime) -> None:
        """Count a task, with its person when it has one."""
        self.late += is_late(task, now)
        if task.person is None:
            self.loose.append(task)
        else:
            self._followed(task.person).tasks.append(task)

    def add_plan(self, plan: CarePlan) -> None:
        """Count a plan."""
        self._followed(plan.person).plan = plan

    def _followed(self, person: Person) -> Followed:
        return self.people.setdefault(person.pk, Followed(person))


def caseload(actor: Actor, now: datetime) -> list[Load]:
    """Say who follows whom in the actor’s structure, the heaviest first. Six queries.

    Those who left come with what they still have; what nobody has comes last.
    """
    there = {one.pk: one for one in leaders(actor, now)}
    loads: dict[UUID | None, Load] = {pk: Load(one) for pk, one in there.items()}
    for plan in plans.held_by(actor, _structure(actor)):
        _load_of(loads, plan.referent).add_plan(plan)
    for task in _assigned(actor)[:MOST]:
        _load_of(loads, task.assignee).add_task(task, now)
    weigh(actor, loads.values(), now)
    nobody = loads.pop(None, None)
    found = sorted(loads.values(), key=lambda one: (-one.weight, one.account.name))  # type: ignore[union-attr]
    return [*found, nobody] if nobody else found


def load_of(actor: Actor, account: Account | None, now: datetime) -> Load:
    """Say what one colleague has in hand, with each task. Five queries."""
    load = Load(account, any(account == one for one in leaders(actor, now)))
    for plan in plans.held_by(actor, _structure(actor)).filter(referent=account):
        load.add_plan(plan)
    tasks = _assigned(actor).filter(assignee=account) if account else _unassigned(actor)
    for task in tasks[:MOST]:
        load.add_task(task, now)
    weigh(actor, [load], now)
    return load


def leaders(actor: Actor, now: datetime) -> list[Account]:
    """To whom persons may be given: who coordinates in the actor’s structure. One query."""
    members = at_work(now).filter(organization=_structure(actor), role__in=STEERING)
    rows = Account.objects.filter(pk__in=members.values("account"))
    return list(rows.order_by("name", "pk"))


def account_of(actor: Actor, slug: str) -> Account | None:
    """Read whom an address names; None is the team. Raises Http404 for who has no account."""
    return None if slug == "equipe" else get_visible(actor, Account, slug)


def weigh(actor: Actor, loads: Iterable[Load], now: datetime) -> None:
    """Weigh each person by her evaluation, if the actor reads it, else by what waits."""
    rows = [one for load in loads for one in load.people.values()]
    evaluated = assessments.last_results(actor, NEED, {one.person.pk for one in rows})
    under_way = plans.actions_under_way(actor, [one.plan.pk for one in rows if one.plan])
    for one in rows:
        one.need_at, one.need = need_of(evaluated.get(one.person.pk))
        one.actions = under_way.get(one.person.pk, 0) if one.plan else 0
        band = one.need.band.code if one.need and one.need.band else ""
        one.weight = rules.weight(band, one.waiting, now.astimezone(PARIS).date())


def need_of(found: Evaluated | None) -> tuple[datetime | None, Result | None]:
    """Say when a need was evaluated, and what it is; nothing without an evaluation."""
    return (found[0], next(iter(found[1]), None)) if found else (None, None)


def _load_of(loads: dict[UUID | None, Load], account: Account | None) -> Load:
    key = account.pk if account else None
    return loads.setdefault(key, Load(account, is_there=False))


def _assigned(actor: Actor) -> TaskQuerySet:
    rows = _given(actor).filter(assignee__isnull=False).select_related("person", "assignee")
    return rows.order_by("assignee", "urgency", "sorts_at", "id")


def _given(actor: Actor) -> TaskQuerySet:
    """What waits and may change hands: not what is one’s own, that nobody else may open."""
    rows = Task.objects.visible_to(actor).open().filter(organization=_structure(actor))
    return rows.exclude(role=OWN)


def _unassigned(actor: Actor) -> TaskQuerySet:
    """What the team has of persons whose plan nobody answers for, else of nobody’s plan."""
    rows = _given(actor).filter(Q(assignee=None), ~Q(person=None))
    rows = rows.select_related("person", "assignee")
    return rows.order_by("urgency", "sorts_at", "id")


def _structure(actor: Actor) -> UUID:
    return actor.organization_id or UUID(int=0)


def hand_over_now(pk: UUID) -> HandOver:
    """Fetch what changed hands, for the house that tells of it. One query."""
    return HandOver.objects.get(pk=pk)


def get_hand_over(actor: Actor, pk: UUID) -> HandOver:
    """Fetch what changed hands together. Raises Http404, traced. Two queries."""
    rows = HandOver.objects.select_related("giver", "receiver", "made_by", "organization")
    return get_visible(actor, rows, pk)


@dataclass(frozen=True)
class Left:
    """A line that stayed where it was: what, about whom if one may know, and why."""

    what: str
    who: str
    why: str


WHY = {
    "moved": "quelqu’un d’autre s’en occupe depuis",
    "settled": "elle est terminée depuis",
    "reserved": "elle est réservée à un autre rôle",
    "ended": "le plan est terminé depuis",
    "kept": "vous ne pouvez pas, ou plus, la confier",
}


def left_of(actor: Actor, made: HandOver) -> list[Left]:
    """Say which lines stayed where they were, among those that the actor may see. Three queries."""
    rows = {str(one.pk): one for one in _shown(Task, actor, made)}
    rows |= {str(one.pk): one for one in _shown(CarePlan, actor, made)}
    people = Person.objects.visible_to(actor).in_bulk([line["pk"] for line in made.refused])
    people |= {UUID(pk): one.person for pk, one in rows.items() if one.person}
    found = []
    for line in made.refused:
        row, who = rows.get(line["pk"]), people.get(UUID(line["pk"]))
        if row is None and who is None:
            continue
        what = row.get_kind_display() if isinstance(row, Task) else "Plan" if row else "Suivi"
        found.append(Left(what, who.full_name if who else "", WHY[line["why"]]))
    return found


def _shown(
    model: type[Task] | type[CarePlan], actor: Actor, made: HandOver
) -> Iterable[Task | CarePlan]:
    keys = [line["pk"] for line in made.refused]
    return model.objects.visible_to(actor).filter(pk__in=keys).select_related("person")
