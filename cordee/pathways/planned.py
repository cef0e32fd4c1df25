"""What a plan asks for, on the worklists of those who hold it or act: as the plan stands now."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.kernel.facts import StoredFact
from cordee.liaison.selectors import named_reads, stay_has_list, stay_reads
from cordee.pathways import services
from cordee.pathways.policy import OWN, TEAM
from cordee.pathways.reserved import (
    keep_each,
    keep_to_give,
    look_at_each,
    of_author,
    of_her_circle,
    of_readers,
)
from cordee.pathways.selectors import open_about, open_origins, settled_since
from cordee.people.facts import persons_of
from cordee.people.policy import STEERING
from cordee.people.rules.sharing import Category
from cordee.plans import selectors as plans
from cordee.plans.models import Activity
from cordee.plans.rules.rhythms import end_of
from cordee.plans.services import take_back

ROOM = "plans/action/"
FOLLOW, ANSWER = "follow_action", "answer_action"
KINDS = (FOLLOW, ANSWER, "review_plan")
LEFT = "pathways/line/"


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Make the tasks of an action, or of the whole plan, agree with it."""
    if activity_id := fact.data.get("activity_id"):
        if activity := plans.action_now(UUID(activity_id)):
            _keep_action(actor, activity, now)
    elif plan := plans.plan_now(UUID(fact.data["plan_id"])):
        origin = f"plans/plan/{plan.pk}"
        wanted = services.Ask(
            kind="review_plan",
            origin=origin,
            organization_id=plan.organization_id,
            person_id=plan.person_id,
            assignee_id=plan.referent_id,
            deadline_at=end_of(plan.review_on) if plan.review_on else None,
        )
        keep_each(actor, origin, KINDS, [wanted] if wanted.deadline_at else [], now)


def follow_person(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """The circle changed, or what it may know: who is asked to act follows."""
    for person in persons_of(fact):
        for activity in plans.asked_of_readers(person):
            _keep_action(actor, activity, now)


def look_again(actor: Actor, now: datetime) -> None:
    """Look at every action that worklists wait for, or should: who may read it is not as it was,
    or it began before it asked."""
    keys = {UUID(origin.removeprefix(ROOM)) for origin in open_origins(FOLLOW, ANSWER)}
    _look_at(actor, sorted(keys.union(plans.protected_keys())), now)


def look_at_lines_of(actor: Actor, author_id: UUID, now: datetime) -> None:
    """Who wrote lines that they may have been alone to read works there no more."""
    _look_at(actor, plans.protected_keys(author_id), now)


def _look_at(actor: Actor, keys: list[UUID], now: datetime) -> None:
    def look(pk: UUID) -> None:
        if activity := plans.action_now(pk):
            _keep_action(actor, activity, now)

    look_at_each(keys, look)


def hand_over(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Give the tasks of a plan that its former referent holds to who answers for it now."""
    plan = plans.plan_now(UUID(fact.data["plan_id"]))
    former = fact.data.get("former_id")
    if plan is None or str(plan.referent_id) == former:
        return
    for origin in (f"plans/plan/{plan.pk}", *(f"{ROOM}{pk}" for pk in plans.keys_of(plan))):
        for task in open_about(origin):
            if str(task.assignee_id) == str(former) and task.role != OWN:
                services.pass_on(actor=actor, task=task, to=plan.referent, now=now)


def _keep_action(actor: Actor, activity: Activity, now: datetime) -> None:
    """Have who holds the plan, and who acts, asked for it while it is under way; of what nobody of
    that structure may read, those of her circle who may, once it gave it to them."""
    is_under_way, desk = plans.is_under_way(activity), activity.plan.organization_id
    asks, is_left = _asked_of(activity, now) if is_under_way else ([], False)
    keep_each(actor, f"{ROOM}{activity.pk}", KINDS, asks, now)
    keep_to_give(actor, f"{LEFT}{activity.pk}", desk, now, is_left=is_left)
    if is_under_way and activity.given_at and _of_holder(activity, now):
        take_back(actor=actor, activity=activity, now=now)


def _asked_of(activity: Activity, now: datetime) -> tuple[list[services.Ask], bool]:
    """What is asked, and of whom: to follow it on its day, and to answer, as long as who is to act
    asks something. Says whether nobody of the structure that holds it may be asked."""
    day, asked, given_at = activity.next_on, plans.question_on(activity), activity.given_at
    held, acting = _of_holder(activity, now), _of_who_acts(activity, now)
    answering = [held] if held else _of_her_circle(activity, now) if given_at else []
    asks = [replace(one, deadline_at=end_of(day)) for one in (*answering, acting) if one and day]
    if asked and not settled_since(max(asked, given_at or asked), ANSWER, f"{ROOM}{activity.pk}"):
        asks += [replace(one, kind=ANSWER) for one in answering]
    waits = asked or (day and acting is None and not _is_on_a_page(activity))
    return asks, bool(waits and not held and not given_at)


def _is_on_a_page(activity: Activity) -> bool:
    """Whether a professional alone, to whom it is entrusted by name, reads it on their page."""
    stay, category = activity.member, Category(activity.category)
    return stay is not None and named_reads(stay, activity.plan.person_id, category)


def _of_holder(activity: Activity, now: datetime) -> services.Ask | None:
    """The structure that holds the plan, with its referent; what is protected is asked without a
    word, of nobody: of who reads it there, or else of its author alone."""
    plan = activity.plan
    ask = services.Ask(
        kind=FOLLOW,
        origin=f"{ROOM}{activity.pk}",
        organization_id=plan.organization_id,
        person_id=plan.person_id,
        assignee_id=plan.referent_id,
    )
    if plans.is_told(activity):
        return ask
    category = Category(activity.category)
    return of_readers(ask, category, STEERING, now) or of_author(ask, activity.author_id, now)


def _of_who_acts(activity: Activity, now: datetime) -> services.Ask | None:
    """The structure of her circle to which the action is entrusted, while it may read it.

    A professional alone and a service of home help have no worklist: they read the plan. What is
    protected is judged by the roles that are there: a hospital may read what coordination may not.
    """
    stay, plan = activity.member, activity.plan
    if stay is None or not stay_has_list(stay, plan.person_id):
        return None
    told = plans.is_told(activity)
    if told and not stay_reads(stay, plan.person_id, Category(activity.category)):
        return None
    desk: UUID | None = stay.organization_id
    return _of_desk(activity, desk, now) if desk and desk != plan.organization_id else None


def _of_her_circle(activity: Activity, now: datetime) -> list[services.Ask]:
    """Those teams of her circle, elsewhere, that may read what is protected; where somebody is."""
    plan = activity.plan
    ask = services.Ask(
        kind=FOLLOW,
        origin=f"{ROOM}{activity.pk}",
        organization_id=plan.organization_id,
        person_id=plan.person_id,
    )
    around = plans.structures_around(plan.person_id, plan.organization_id)
    return of_her_circle(ask, Category(activity.category), around, now)


def _of_desk(activity: Activity, desk: UUID, now: datetime) -> services.Ask | None:
    ask = services.Ask(
        kind=FOLLOW,
        origin=f"{ROOM}{activity.pk}",
        organization_id=desk,
        person_id=activity.plan.person_id,
    )
    if plans.is_told(activity):
        return ask
    return of_readers(ask, Category(activity.category), TEAM, now)
