"""Who agreed to each objective: the last yes to a version that showed it as it is written now."""

from collections.abc import Iterable
from uuid import UUID

from cordee.access.actor import Actor
from cordee.plans.models import Agreement, CarePlan, Goal, VersionPart
from cordee.plans.rules.agreement import Decision
from cordee.plans.selectors.shown import agreements_told


def agreements_on(actor: Actor, plan: CarePlan, goals: Iterable[Goal]) -> dict[UUID, Agreement]:
    """Say who agreed to each objective, and when. Five queries.

    An objective that was written otherwise since, or that who agreed was not shown, has nobody.
    """
    words = {str(goal.pk): goal for goal in goals}
    told = agreements_told(actor, plan)
    said = [one for one in told if one.decision == Decision.AGREED]
    parts = list(VersionPart.objects.visible_to(actor).filter(frozen__plan=plan))
    found: dict[UUID, Agreement] = {}
    for one in sorted(said, key=lambda one: (one.said_at, one.pk)):
        shown = [part for part in parts if part.frozen_id == one.frozen_id]
        for line in _goals_of(shown, one):
            goal = words.get(line["id"])
            if goal is not None and goal.words == line["title"]:
                found[goal.pk] = one
    return found


def _goals_of(parts: Iterable[VersionPart], said: Agreement) -> Iterable[dict[str, str]]:
    covered = set(said.covers)
    return [
        line for part in parts if part.digest in covered for line in part.content.get("goals", ())
    ]
