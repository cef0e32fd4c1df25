"""Plans and their lines as other systems read them: many persons at once, in no order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.plans.models import Activity, CarePlan, Goal, Need
from cordee.plans.selectors.content import MEMBER


def plan_records(actor: Actor) -> QuerySet[CarePlan]:
    """List the plans that the actor may see, ended ones too. One query."""
    return CarePlan.objects.visible_to(actor).select_related("organization", "referent")


def need_records(actor: Actor) -> QuerySet[Need]:
    """List the needs that the actor may read, those taken away too. One query."""
    return Need.objects.visible_to(actor).select_related("plan")


def goal_records(actor: Actor) -> QuerySet[Goal]:
    """List the objectives that the actor may read, those taken away too. One query."""
    return Goal.objects.visible_to(actor).select_related("plan")


@dataclass
class Lines:
    """What a plan says to a reader, but for what was taken away."""

    needs: list[Need] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    actions: list[Activity] = field(default_factory=list)


def lines_of(actor: Actor, plans: Iterable[CarePlan]) -> dict[UUID, Lines]:
    """Read the lines of several plans, those that the actor may read. Three queries."""
    found = {plan.pk: Lines() for plan in plans}
    standing = {"plan__in": list(found), "removed_at": None}
    for need in Need.objects.visible_to(actor).filter(**standing).order_by("pk"):
        found[need.plan_id].needs.append(need)
    for goal in Goal.objects.visible_to(actor).filter(**standing).order_by("pk"):
        found[goal.plan_id].goals.append(goal)
    actions = Activity.objects.visible_to(actor).filter(**standing)
    for action in actions.select_related(*MEMBER).order_by("pk"):
        found[action.plan_id].actions.append(action)
    return found


def needs_read(actor: Actor, keys: Iterable[UUID]) -> set[UUID]:
    """Say which of these needs stand, and may be read. One query."""
    rows = Need.objects.visible_to(actor).filter(pk__in=set(keys), removed_at=None)
    return set(rows.values_list("pk", flat=True))
