"""What a plan asks for, on the worklists of those who hold it or act: as the plan stands now."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.kernel.facts import StoredFact
from cordee.liaison.selectors import stay_reads
from cordee.pathways import services
from cordee.pathways.selectors import asked_since, open_about, open_origins
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
        wanted = ("review_plan", f"plans/plan/{plan.pk}", plan.review_on)
        _keep(actor, plan, _holder(plan), wanted, now)


def follow_person(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """The circle changed, or what it may know: who is asked to act follows."""
    named = {fact.data.get(name) for name in ("person_id", "survivor_id", "absorbed_id")}
    for one in sorted(str(one) for one in named if one):
        for activity in plans.entrusted_of(UUID(one)):
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
            if str(task.assignee_id) == str(former):
                services.hand_over(actor=actor, task=task, to=plan.referent, now=now)


def _keep_action(actor: Actor, activity: Activity, now: datetime) -> None:
    """What is protected is told on no worklist: see the record of the decision on plans."""
    origin, plan = f"{ROOM}{activity.pk}", activity.plan
    told = plans.is_under_way(activity)
    wanted = ("follow_action", origin, activity.next_on if told else None)
    _keep(actor, plan, _holder(plan) | _who_acts(activity), wanted, now)
    asked = plans.question_on(activity) if told else None
    waiting = open_about(origin, "answer_action")
    if asked is None:
        for task in waiting:
            services.drop(actor=actor, task=task, now=now)
    elif not asked_since(asked, "answer_action", [origin]):
        _open(actor, plan, _holder(plan), ("answer_action", origin, None), now)


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


def _keep(
    actor: Actor, plan: CarePlan, desks: Desks, wanted: tuple[str, str, date | None], now: datetime
) -> None:
    """Have one task stand at each desk with its day, and no other."""
    kind, origin, day = wanted
    due = end_of(day) if day else None
    standing = set()
    for task in open_about(origin, kind):
        if task.due_at == due and task.organization_id in desks:
            standing.add(task.organization_id)
        else:
            services.drop(actor=actor, task=task, now=now)
    if due:
        _open(
            actor,
            plan,
            {one: who for one, who in desks.items() if one not in standing},
            wanted,
            now,
        )


def _open(
    actor: Actor, plan: CarePlan, desks: Desks, wanted: tuple[str, str, date | None], now: datetime
) -> None:
    kind, origin, day = wanted
    for desk, who in desks.items():
        ask = services.Ask(
            kind=kind,
            origin=origin,
            organization_id=desk,
            person_id=plan.person_id,
            assignee_id=who,
            deadline_at=end_of(day) if day else None,
        )
        services.open_task(actor=actor, ask=ask, now=now)
