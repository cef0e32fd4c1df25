"""Who sees a plan and each of its lines; who writes it, agrees to it, and carries it out."""

from collections.abc import Callable

from django.db.models import Q

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.policy import allows, sees, sees_row
from cordee.people.models import CircleMember, Person
from cordee.people.policy import (
    STEERING,
    may_act,
    may_steer,
    speaks_for,
    through_person,
)
from cordee.people.policy import by_category as told_apart
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
    VersionPart,
)
from cordee.plans.rules.domains import CATEGORIES
from cordee.plans.rules.lines import Who

sees(CarePlan)(through_person("person"))
for _model in (AlertStep, PlanVersion, Review):
    sees(_model)(through_person("plan__person"))
sees(Agreement)(through_person("frozen__plan__person"))


def by_category(path: str, prefix: str = "", author: str = "author_id") -> Callable[[Actor], Q]:
    """Each line by what it tells; its author keeps sight of it while in the circle."""
    return told_apart(path, CATEGORIES, prefix, author)


def _written_under(path: str, line: str, author: str) -> Callable[[Actor], Q]:
    """Words under a line that is read: by what they tell, or by who wrote them, not the line."""
    of_line = by_category(path, line, f"{line}author_id")
    of_words = by_category(path, line, author)
    return lambda actor: of_line(actor) & of_words(actor)


for _line in (Need, Goal, Activity):
    sees(_line)(by_category("plan__person"))
sees(VersionPart)(by_category("frozen__plan__person"))
sees(ActionAnswer)(_written_under("activity__plan__person", "activity__", "answered_by_id"))
sees(GoalReview)(_written_under("review__plan__person", "goal__", "review__recorded_by_id"))


@allows("plans.open")
def may_open(actor: Actor, person: Person) -> bool:
    """Who coordinates, for a structure: the plan is held by it."""
    holds = actor.role in STEERING and bool(actor.account_id and actor.organization_id)
    return holds and may_steer(actor, person)


def holds(actor: Actor, plan: CarePlan) -> bool:
    """Say whether the actor works for the structure that holds the plan, and may steer."""
    mine = actor.role in STEERING and plan.organization_id in actor.organizations
    return mine and bool(actor.account_id) and may_steer(actor, plan.person)


for _verb in (
    *(
        "write_words",
        "write_need",
        "write_goal",
        "write_action",
        "write_alert",
        "take_away",
        "take_up_need",
    ),
    *("propose", "activate", "settle_goal", "stop_action", "review", "close", "hand_over"),
):
    allows(f"plans.{_verb}")(holds)


@allows("plans.say")
def may_record_a_word(actor: Actor, plan: CarePlan) -> bool:
    """Who holds the plan writes down what was said; the person, or her voice, says it herself."""
    return holds(actor, plan) or (bool(actor.account_id) and speaks_for(actor, plan.person))


@allows("plans.answer")
@allows("plans.do_action")
def may_answer(actor: Actor, activity: Activity) -> bool:
    """Who is to act, and who holds the plan for them."""
    if not actor.account_id or actor.purpose is Purpose.EMERGENCY:
        return False
    return holds(actor, activity.plan) or _acts(actor, activity) or _took_over(actor, activity)


def _took_over(actor: Actor, activity: Activity) -> bool:
    """Who of her circle reads what the structure that holds the plan gave to those who do."""
    given = activity.given_at is not None and may_steer(actor, activity.plan.person)
    return given and sees_row(actor, Activity, activity.pk)


def _acts(actor: Actor, activity: Activity) -> bool:
    if activity.who == Who.PERSON:
        return speaks_for(actor, activity.plan.person)
    # Asked, not followed: the second lock may hide a stay that a merge left behind.
    stay = activity.member_id
    member = CircleMember.objects.filter(pk=stay).first() if stay else None
    if member is None or member.until is not None or not may_act(actor, activity.plan.person):
        return False
    if member.practitioner_id:
        return member.practitioner_id == actor.practitioner_id
    return member.organization_id is not None and member.organization_id in actor.organizations


@allows("plans.follow_stay")
@allows("plans.give")
@allows("plans.take_back")
@allows("plans.end")
def the_house_ends(actor: Actor, line: CarePlan | Activity) -> bool:
    """A death, or who may follow the person no more; two records that became one; what nobody of
    the structure may read, and that it gave."""
    return actor.role is Role.SYSTEM
