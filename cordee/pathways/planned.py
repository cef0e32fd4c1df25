"""What a plan asks for, on the worklists of those who hold it or act: as the plan stands now."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor, Role
from cordee.kernel.facts import StoredFact
from cordee.liaison.selectors import stay_reads
from cordee.pathways import services
from cordee.pathways.policy import OWN
from cordee.pathways.selectors import asked_since, open_about, open_origins
from cordee.people.policy import knows
from cordee.people.rules.sharing import Category
from cordee.plans import selectors as plans
from cordee.plans.models import Activity, CarePlan
from cordee.plans.rules.rhythms import end_of

ROOM = "plans/action/"
Desks = Mapping[UUID, UUID | None]  # the structures asked, each with who of it


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Make the tasks of an action, or of the whole plan, agree with it."""
    if activity_id := fact.data.get("activity_id"):
        if activity := plans.action_now(UUID(activity_id)):
            _keep_action(actor, activity, now)
    elif plan := plans.plan_now(UUID(fact.data["plan_id"])):
        wanted = services.Ask(
            kind="review_plan",
            origin=f"plans/plan/{plan.pk}",
            organization_id=plan.organization_id,
            person_id=plan.person_id,
            deadline_at=end_of(plan.review_on) if plan.review_on else None,
        )
        _keep(actor, _holder(plan), wanted, now)


def follow_person(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """The circle changed, or what it may know: who is asked to act follows."""
    named = {fact.data.get(name) for name in ("person_id", "survivor_id", "absorbed_id")}
    for one in sorted(str(one) for one in named if one):
        for activity in plans.asked_of_readers(UUID(one)):
            _keep_action(actor, activity, now)


def look_again(actor: Actor, now: datetime) -> None:
    """Look at every action that worklists wait for: who may read it is not as it was."""
    for origin in open_origins("follow_action"):
        if activity := plans.action_now(UUID(origin.removeprefix(ROOM))):
            _keep_action(actor, activity, now)


def hand_over(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Give the tasks of a plan that its former referent holds to who answers for it now."""
    plan = plans.plan_now(UUID(fact.data["plan_id"]))
    former = fact.data.get("former_id")
    if plan is None or str(plan.referent_id) == former:
        return
    for origin in (f"plans/plan/{plan.pk}", *(f"plans/action/{pk}" for pk in plans.keys_of(plan))):
        for task in open_about(origin):
            if str(task.assignee_id) == str(former) and task.role != OWN:
                services.hand_over(actor=actor, task=task, to=plan.referent, now=now)


def _keep_action(actor: Actor, activity: Activity, now: datetime) -> None:
    """Have who holds the plan, and who acts, asked for it while it is under way."""
    ask, desks = _asked(activity), _who_holds(activity) | _who_acts(activity)
    told = plans.is_under_way(activity)
    day = activity.next_on if told else None
    _keep(actor, desks, replace(ask, deadline_at=end_of(day) if day else None), now)
    asked = plans.question_on(activity) if told else None
    if asked is None:
        for task in open_about(ask.origin, "answer_action"):
            services.drop(actor=actor, task=task, now=now)
    elif not asked_since(asked, "answer_action", [ask.origin]):
        _open(actor, _who_holds(activity), replace(ask, kind="answer_action"), now)


def _asked(activity: Activity) -> services.Ask:
    """What is protected is asked without a word: of nobody, and of who coordinates alone, whose
    structure reads it, or else of its author alone."""
    plan = activity.plan
    ask = services.Ask(
        kind="follow_action",
        origin=f"{ROOM}{activity.pk}",
        organization_id=plan.organization_id,
        person_id=plan.person_id,
    )
    if not plans.is_protected(activity):
        return ask
    role = Role.COORDINATOR.value if _holder_reads(activity) else OWN
    return replace(ask, person_id=None, role=role)


def _holder_reads(activity: Activity) -> bool:
    plan = activity.plan
    reader = Actor(role=Role.COORDINATOR, organizations=frozenset({plan.organization_id}))
    return knows(reader, plan.person_id, Category(activity.category))


def _who_holds(activity: Activity) -> dict[UUID, UUID | None]:
    """The structure that holds the plan, with its referent; or with who wrote what it cannot read,
    while they work there."""
    plan = activity.plan
    if not plans.is_protected(activity) or _holder_reads(activity):
        return _holder(plan)
    return {plan.organization_id: activity.author_id}


def _holder(plan: CarePlan) -> dict[UUID, UUID | None]:
    return {plan.organization_id: plan.referent_id}


def _who_acts(activity: Activity) -> dict[UUID, UUID | None]:
    """The structure of her circle to which the action is entrusted, while it may read it.

    A professional alone and a service of home help have no worklist: they read the plan.
    """
    stay, plan = activity.member, activity.plan
    if stay is None or not stay_reads(stay, plan.person_id, Category(activity.category)):
        return {}
    desk: UUID | None = stay.organization_id
    return {} if desk is None or desk == plan.organization_id else {desk: None}


def _keep(actor: Actor, desks: Desks, wanted: services.Ask, now: datetime) -> None:
    """Have one task stand at each desk with its day, and no other."""
    due, standing = wanted.deadline_at, set()
    for task in open_about(wanted.origin, wanted.kind):
        same = (task.due_at, task.role, task.person_id) == (due, wanted.role, wanted.person_id)
        if same and task.organization_id in desks:
            standing.add(task.organization_id)
        else:
            services.drop(actor=actor, task=task, now=now)
    if due:
        left = {one: who for one, who in desks.items() if one not in standing}
        _open(actor, left, wanted, now)


def _open(actor: Actor, desks: Desks, wanted: services.Ask, now: datetime) -> None:
    for desk, who in desks.items():
        ask = replace(wanted, organization_id=desk, assignee_id=who)
        services.open_task(actor=actor, ask=ask, now=now)
