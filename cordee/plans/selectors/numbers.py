"""The numbers of versions as their reader may tell them apart: what is hidden counts for none."""

from collections.abc import Mapping
from datetime import date

from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.plans.models import CarePlan, PlanVersion, VersionPart
from cordee.plans.rules import versions
from cordee.plans.rules.domains import ON_THE_THREAD


def numbers_of(actor: Actor, plan: CarePlan) -> dict[int, int]:
    """Give the number that the actor is told for each version of a plan. Two queries."""
    parts = VersionPart.objects.visible_to(actor)
    return _told_apart(PlanVersion.objects.visible_to(actor).filter(plan=plan), parts)


def numbers_on_the_thread(plan: CarePlan) -> dict[int, int]:
    """Give the number of each version for who reads the thread, and no more of it. Two queries."""
    parts = VersionPart.objects.filter(category__in=ON_THE_THREAD)
    return _told_apart(PlanVersion.objects.filter(plan=plan), parts)


def day_kept(plan: CarePlan) -> date | None:
    """Give the day of the review that stays when the latest version begins: its date is read by
    all, and would tell them of a change that few read. None when it is chosen. Two queries."""
    if plan.in_force is None:
        return None
    told = numbers_on_the_thread(plan)
    return plan.review_on if told[max(told)] == told[plan.in_force] else None


def _told_apart(frozen: QuerySet[PlanVersion], parts: QuerySet[VersionPart]) -> dict[int, int]:
    numbers = dict(frozen.values_list("pk", "number"))
    said: dict[int, set[str]] = {number: set() for number in numbers.values()}
    rows = parts.filter(frozen__in=numbers).values_list("frozen", "digest")
    for version, digest in rows:
        said[numbers[version]].add(digest)
    return versions.told_apart({number: frozenset(one) for number, one in said.items()})


def version_told(numbers: Mapping[int, int], told: int) -> int | None:
    """Find the first version that goes by a number for its reader; None for none."""
    return min((one for one, said in numbers.items() if said == told), default=None)
