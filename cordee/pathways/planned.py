"""What a plan asks for, on the worklist of the structure that holds it: as the plan stands now."""

from datetime import date, datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.kernel.facts import StoredFact
from cordee.pathways import services
from cordee.pathways.selectors import asked_since, open_about
from cordee.plans import selectors as plans
from cordee.plans.models import Activity, CarePlan
from cordee.plans.rules.rhythms import end_of


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Make the tasks of an action, or of the whole plan, agree with it."""
    if activity_id := fact.data.get("activity_id"):
        if activity := plans.action_now(UUID(activity_id)):
            _keep_action(actor, activity, now)
    elif plan := plans.plan_now(UUID(fact.data["plan_id"])):
        origin = f"plans/plan/{plan.pk}"
        _keep(actor, plan, ("review_plan", origin, plan.review_on), now)


def _keep_action(actor: Actor, activity: Activity, now: datetime) -> None:
    """What is protected is told on no worklist: see the record of the decision on plans."""
    origin, plan = f"plans/action/{activity.pk}", activity.plan
    told = plans.is_under_way(activity)
    _keep(actor, plan, ("follow_action", origin, activity.next_on if told else None), now)
    asked = plans.question_on(activity) if told else None
    waiting = open_about(origin, "answer_action")
    if asked is None:
        for task in waiting:
            services.drop(actor=actor, task=task, now=now)
    elif not asked_since(asked, "answer_action", [origin]):
        _open(actor, plan, ("answer_action", origin, None), now)


def _keep(
    actor: Actor, plan: CarePlan, wanted: tuple[str, str, date | None], now: datetime
) -> None:
    """Have one task stand with its day, and no other."""
    kind, origin, day = wanted
    due = end_of(day) if day else None
    standing = list(open_about(origin, kind))
    for task in standing:
        if task.due_at != due:
            services.drop(actor=actor, task=task, now=now)
    if due and not any(task.due_at == due for task in standing):
        _open(actor, plan, wanted, now)


def _open(
    actor: Actor, plan: CarePlan, wanted: tuple[str, str, date | None], now: datetime
) -> None:
    kind, origin, day = wanted
    ask = services.Ask(
        kind=kind,
        origin=origin,
        organization_id=plan.organization_id,
        person_id=plan.person_id,
        assignee_id=plan.referent_id,
        deadline_at=end_of(day) if day else None,
    )
    services.open_task(actor=actor, ask=ask, now=now)
