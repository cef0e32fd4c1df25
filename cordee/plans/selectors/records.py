"""Plans and their lines as other systems read them: many persons at once, in no order."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from cordee.access.actor import Actor
from cordee.plans.models import Activity, CarePlan, Goal, Need
from cordee.plans.selectors.content import MEMBER


def plan_records(actor: Actor) -> QuerySet[CarePlan]:
    """List the plans that the actor may see, ended ones too, each with the lines that they may
    read (`needs`, `goals`, `actions`), but for those taken away. Four queries."""
    rows = CarePlan.objects.visible_to(actor).select_related("organization", "referent")
    return rows.prefetch_related(
        Prefetch("need_lines", _standing(actor, Need), to_attr="needs"),
        Prefetch("goal_lines", _standing(actor, Goal), to_attr="goals"),
        Prefetch(
            "activity_lines", _standing(actor, Activity).select_related(*MEMBER), to_attr="actions"
        ),
    )


def _standing(actor: Actor, model: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.visible_to(actor).filter(removed_at=None)
    return rows.order_by("pk")


def need_records(actor: Actor) -> QuerySet[Need]:
    """List the needs that the actor may read, those taken away too. One query."""
    return Need.objects.visible_to(actor).select_related("plan")


def goal_records(actor: Actor) -> QuerySet[Goal]:
    """List the objectives that the actor may read, those taken away too. One query."""
    return Goal.objects.visible_to(actor).select_related("plan")


def needs_read(actor: Actor, keys: Iterable[UUID]) -> set[UUID]:
    """Say which of these needs stand, and may be read. One query."""
    rows = Need.objects.visible_to(actor).filter(pk__in=set(keys), removed_at=None)
    return set(rows.values_list("pk", flat=True))
