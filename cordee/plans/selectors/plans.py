"""The plan of a person as screens read it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.http import Http404

from cordee.access.actor import Actor
from cordee.access.fetched import FetchAbout
from cordee.access.models import Account
from cordee.access.policy import get_visible, is_allowed
from cordee.directory.selectors import colleagues_in
from cordee.kernel.base import any_of
from cordee.people.models import CircleMember, Person
from cordee.people.selectors import circle_of
from cordee.plans.models import (
    ActionAnswer,
    Activity,
    Agreement,
    AlertStep,
    CarePlan,
    Goal,
    GoalReview,
    Need,
    PlanVersion,
    Review,
)
from cordee.plans.rules import domains, readiness, versions
from cordee.plans.rules.lines import Answer, Phase, Stage, kept_apart
from cordee.plans.rules.states import OFFERED, State
from cordee.plans.selectors.content import MEMBER, current_parts, frozen_parts

KINDS: dict[str, Any] = {"need": Need, "goal": Goal, "action": Activity, "alert": AlertStep}


def plans_of(actor: Actor, person: Person) -> list[CarePlan]:
    """List the plans of somebody, those under way first. Two queries, planned once."""
    return _plans(actor, person.pk)


_plans = FetchAbout(
    lambda: CarePlan.objects.select_related("person__commune", "organization", "referent").order_by(
        "closed_at", "-opened_at", "pk"
    )
)


def open_plans_of(persons: list[UUID] | None) -> QuerySet[CarePlan]:
    """List the plans under way of some persons, or of all, for the house that ends them."""
    rows = CarePlan.objects.open()
    if persons is not None:
        rows = rows.filter(person__in=persons)
    return rows.select_related("person").order_by("pk")


def held_by(actor: Actor, organization_id: UUID) -> QuerySet[CarePlan]:
    """List the open plans that a structure holds, of whom the actor sees. One query."""
    rows = CarePlan.objects.visible_to(actor).open().filter(organization=organization_id)
    return rows.select_related("person", "referent").order_by("person", "pk")


def actions_under_way(actor: Actor, plans: Collection[UUID]) -> dict[UUID, int]:
    """Count by person the actions under way of some plans, those that a worklist may tell."""
    rows = Activity.objects.visible_to(actor).filter(
        plan__in=any_of(plans, "uuid"), phase=Phase.ACTIVE, category__in=domains.ON_THE_THREAD
    )
    found = rows.order_by().values_list("plan__person").annotate(Count("pk"))
    return dict(found)


def plan_now(pk: UUID) -> CarePlan | None:
    """Fetch a plan for the conductor, as it stands. One query."""
    found: CarePlan | None = CarePlan.objects.select_related("referent").filter(pk=pk).first()
    return found


def keys_of(plan: CarePlan) -> list[UUID]:
    """Name the actions under way of a plan, for the conductor. One query."""
    rows = Activity.objects.filter(plan=plan, phase=Phase.ACTIVE)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def action_now(pk: UUID) -> Activity | None:
    """Fetch an action for the conductor, as it stands. One query."""
    rows = Activity.objects.select_related("plan", "member__organization", "member__practitioner")
    found: Activity | None = rows.filter(pk=pk).first()
    return found


def asked_of_readers(person_id: UUID) -> list[Activity]:
    """List the actions of a person that wait where they may be read: by a structure of her circle,
    or protected. One query."""
    told = Q(category__in=domains.ON_THE_THREAD)
    rows = Activity.objects.filter(
        ~told | Q(member__organization__isnull=False), plan__person=person_id
    )
    stay = ("member__organization", "member__practitioner")
    return list(rows.select_related("plan", *stay).order_by("pk"))


def protected_keys(author_id: UUID | None = None) -> list[UUID]:
    """Name the actions under way that the worklist tells of nobody, of one author or of all, for
    the conductor. One query."""
    rows = Activity.objects.filter(phase=Phase.ACTIVE).exclude(category__in=domains.ON_THE_THREAD)
    rows = rows.filter(author=author_id) if author_id else rows
    return list(rows.order_by("pk").values_list("pk", flat=True))


def structures_around(person_id: UUID, holder_id: UUID) -> list[UUID]:
    """Name the structures of her circle other than the one that holds her plan, or a meeting, for
    the conductor. One query."""
    rows = CircleMember.objects.current().filter(person=person_id, organization__isnull=False)
    found = rows.exclude(organization=holder_id)
    return sorted(set(found.values_list("organization", flat=True)))


def astray_of(persons: list[UUID]) -> QuerySet[Activity]:
    """List actions entrusted to a stay in the circle of another record, for the house. One query.

    A merge holds back the stay of who is in both circles; undoing it parts the records again.
    """
    rows = Activity.objects.filter(plan__person__in=persons, member__isnull=False)
    rows = rows.exclude(member__person=F("plan__person"))
    return rows.select_related("plan", "member").order_by("pk")


def stay_like(member: CircleMember, person_id: UUID) -> CircleMember | None:
    """Find the stay of the same professional or structure in the circle of a record. One query."""
    same = {name: getattr(member, f"{name}_id") for name in ("practitioner", "organization")}
    if not any(same.values()):
        return None
    found: CircleMember | None = (
        CircleMember.objects.current().filter(person=person_id, **same).order_by("pk").first()
    )
    return found


def is_under_way(activity: Activity) -> bool:
    """Say whether an action is under way."""
    return activity.phase == Phase.ACTIVE


def is_told(activity: Activity) -> bool:
    """Say whether the thread may tell of it, and the worklist name whose it is."""
    return activity.category in domains.ON_THE_THREAD


def question_on(activity: Activity) -> datetime | None:
    """Say since when who is to act asks something, or cannot; None once it is understood."""
    last = activity.answers.order_by("-answered_at", "-pk").first()
    return last.answered_at if last and last.answer != Answer.UNDERSTOOD else None


def get_action(actor: Actor, pk: UUID) -> Activity:
    """Fetch one action, from whatever plan. Raises Http404, traced. Two queries."""
    return get_visible(actor, Activity, pk)


def action_or_none(actor: Actor, pk: UUID) -> Activity | None:
    """Give an action that the actor sees, standing or not; nothing where there is none yet."""
    found: Activity | None = Activity.objects.visible_to(actor).filter(pk=pk).first()
    return found


def get_plan(actor: Actor, pk: UUID) -> CarePlan:
    """Fetch one plan. Raises Http404, traced. Two queries."""
    rows = CarePlan.objects.select_related("person__commune", "organization", "referent")
    return get_visible(actor, rows, pk)


def get_line(actor: Actor, plan: CarePlan, kind: str, pk: UUID) -> Any:
    """Fetch one line of a plan that stands. Raises Http404, traced. Two queries."""
    if kind not in KINDS:
        raise Http404
    return get_visible(actor, KINDS[kind].objects.filter(plan=plan, removed_at=None), pk)


def versions_of(actor: Actor, plan: CarePlan) -> QuerySet[PlanVersion]:
    """List the versions of a plan, the latest first, with what was said of each. Two queries."""
    said = Agreement.objects.visible_to(actor).select_related("relative", "recorded_by")
    said = said.order_by("-said_at", "-pk")
    rows = PlanVersion.objects.visible_to(actor).filter(plan=plan).select_related("frozen_by")
    return rows.prefetch_related(Prefetch("agreements", said, "words")).order_by("-number", "pk")


def words_of(version: PlanVersion) -> list[Agreement]:
    """The words that were read with a version, the last one first."""
    said: list[Agreement] = getattr(version, "words", [])
    return said


def lines_going_on(actor: Actor, plan: CarePlan) -> tuple[frozenset[str], frozenset[str]]:
    """Name the objectives still pursued, and the actions under way or done. Two queries."""
    goals = Goal.objects.visible_to(actor).filter(plan=plan, stage=Stage.PURSUED)
    steps = Activity.objects.visible_to(actor).filter(
        plan=plan, phase__in=(Phase.ACTIVE, Phase.DONE)
    )
    return (
        frozenset(str(pk) for pk in goals.values_list("pk", flat=True)),
        frozenset(str(pk) for pk in steps.values_list("pk", flat=True)),
    )


@dataclass
class Standing:
    """Where a plan stands for its reader: the version that is offered, and whether it is as is."""

    latest: PlanVersion | None
    shown: str
    """Sums up the parts of the latest version that the actor reads."""
    changed: bool
    """Whether what is written now is not what that version says."""


def standing_of(actor: Actor, plan: CarePlan) -> Standing:
    """Compare what is written with the latest version, as the actor reads both. Eight queries."""
    latest = versions_of(actor, plan).first()
    now = {part.digest for part in current_parts(actor, plan)}
    if latest is None:
        return Standing(None, "", True)
    then = {part.digest for part in frozen_parts(actor, latest)}
    return Standing(latest, versions.digest_of_all(then), now != then)


@dataclass
class Page:
    """A plan in its four parts."""

    plan: CarePlan
    circle: list[CircleMember]
    needs: list[Need]
    goals: list[Goal]
    kept: list[Goal]
    """Formulated, not reached: the fourth part."""
    alerts: list[AlertStep]
    reviews: list[Review]
    standing: Standing
    missing: list[str]

    @property
    def actions(self) -> list[Activity]:
        """Every action of the plan, in the order of the page."""
        return [step for goal in (*self.goals, *self.kept) for step in steps_of(goal)]

    @property
    def is_offered(self) -> bool:
        """Whether a version waits for the word of the person."""
        return self.plan.state in OFFERED or self.plan.state == State.AGREED


def page_of(actor: Actor, plan: CarePlan) -> Page:
    """Read a plan whole, as its page shows it. Some twenty queries, whatever its length."""
    goals = list(_goals(actor, plan))
    needs = list(_standing_lines(Need, actor, plan).select_related("author"))
    needs.sort(key=lambda need: domains.rank(domains.Level(need.necessary), _possible(need)))
    return Page(
        plan=plan,
        circle=list(circle_of(actor, plan.person)),
        needs=needs,
        goals=[goal for goal in goals if not kept_apart(Stage(goal.stage))],
        kept=[goal for goal in goals if kept_apart(Stage(goal.stage))],
        alerts=list(_alerts(actor, plan)),
        reviews=[one for one in _reviews(actor, plan) if one.words or one.effects],
        standing=standing_of(actor, plan),
        missing=readiness.missing(written_of(actor, plan)),
    )


def steps_of(goal: Goal) -> list[Activity]:
    """The actions that were read with an objective."""
    steps: list[Activity] = getattr(goal, "steps", [])
    return steps


def _possible(need: Need) -> domains.Level:
    return domains.Level(need.possible)


def _standing_lines(model: Any, actor: Actor, plan: CarePlan) -> QuerySet[Any]:
    return model.objects.visible_to(actor).filter(plan=plan, removed_at=None).order_by("pk")


def _goals(actor: Actor, plan: CarePlan) -> QuerySet[Goal]:
    answers = ActionAnswer.objects.visible_to(actor).select_related("answered_by")
    activities = (
        _standing_lines(Activity, actor, plan)
        .select_related("author", *MEMBER)
        .prefetch_related(Prefetch("answers", answers.order_by("-answered_at", "-pk"), "said"))
    )
    rows = _standing_lines(Goal, actor, plan).select_related("need", "author")
    return rows.prefetch_related(Prefetch("activities", activities, "steps"))


def _alerts(actor: Actor, plan: CarePlan) -> QuerySet[AlertStep]:
    rows = AlertStep.objects.visible_to(actor).filter(plan=plan, removed_at=None)
    return rows.order_by("place", "pk")


def _reviews(actor: Actor, plan: CarePlan) -> QuerySet[Any]:
    """Those that say nothing to their reader would tell that something hidden was judged."""
    effects = GoalReview.objects.visible_to(actor).select_related("goal").order_by("pk")
    rows = Review.objects.visible_to(actor).filter(plan=plan).select_related("recorded_by")
    return rows.prefetch_related(Prefetch("goals", effects, "effects")).order_by("-held_on", "-pk")


def written_of(actor: Actor, plan: CarePlan) -> readiness.Written:
    """Count what is written of a plan, as the actor reads it. Four queries."""
    actions = _standing_lines(Activity, actor, plan)
    return readiness.Written(
        wishes=plan.wishes,
        needs=_standing_lines(Need, actor, plan).count(),
        goals=_standing_lines(Goal, actor, plan).count(),
        actions=actions.count(),
        undecided=actions.filter(choice="", phase=Phase.PROPOSED).count(),
    )


def doers_of(actor: Actor, person: Person) -> list[CircleMember]:
    """List who of the circle may be entrusted with an action. One query."""
    return [one for one in circle_of(actor, person) if one.account_id is None]


def referents_of(actor: Actor, plan: CarePlan, now: Any) -> list[Account]:
    """List who may be the referent: the active members of the structure. One query."""
    return list(colleagues_in(plan.organization_id, now))


def acts_of(actor: Actor, page: Page) -> frozenset[UUID]:
    """Say which actions under way the actor may answer to, or say done."""
    found = set()
    for activity in page.actions:
        activity.plan = page.plan
        if activity.phase == Phase.ACTIVE and is_allowed(actor, "plans.answer", activity):
            found.add(activity.pk)
    return frozenset(found)


def is_ours(actor: Actor, plan: CarePlan) -> bool:
    """Say whether a plan under way is held by the structure of who reads."""
    return plan.is_open and plan.organization_id == actor.organization_id


def around(actor: Actor, plan: CarePlan) -> dict[str, Any]:
    """List what a line chooses among. Three queries."""
    goals = _standing_lines(Goal, actor, plan)
    return {
        "needs": list(_standing_lines(Need, actor, plan)),
        "goals": [one for one in goals if one.stage == Stage.PURSUED],
        "members": doers_of(actor, plan.person),
    }


def version_now(line: Any) -> int:
    """Say the version of a row as it stands. One query."""
    found: int = type(line).objects.values_list("version", flat=True).get(pk=line.pk)
    return found
