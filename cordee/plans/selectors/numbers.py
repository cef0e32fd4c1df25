"""The numbers of versions as their reader may tell them apart: what is hidden counts for none."""

from collections import defaultdict
from uuid import UUID

from cordee.access.actor import Actor
from cordee.plans.models import CarePlan, PlanVersion, VersionPart
from cordee.plans.rules import versions


def numbers_of(actor: Actor, plan: CarePlan) -> dict[int, int]:
    """Give the number that the actor is told for each version of a plan. Two queries."""
    rows = VersionPart.objects.visible_to(actor).filter(frozen__plan=plan)
    said: dict[UUID, set[str]] = defaultdict(set)
    for version, digest in rows.order_by("pk").values_list("frozen_id", "digest"):
        said[version].add(digest)
    frozen = PlanVersion.objects.visible_to(actor).filter(plan=plan).order_by("number", "pk")
    return versions.told_apart(
        {one.number: frozenset(said[one.pk]) for one in frozen.only("pk", "number")}
    )


def version_told(actor: Actor, plan: CarePlan, told: int) -> int | None:
    """Find the first version that goes by a number for the actor; None for none. Two queries."""
    return min((one for one, said in numbers_of(actor, plan).items() if said == told), default=None)
