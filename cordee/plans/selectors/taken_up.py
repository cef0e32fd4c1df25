"""The needs that an evaluation found, proposed where the plan is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cordee.access.actor import Actor
from cordee.assessments import selectors as assessments
from cordee.plans.models import CarePlan, Need
from cordee.plans.rules.domains import Level
from cordee.plans.rules.sources import DOMAIN_OF, Proposed, evaluation_of, origin_of, worded


@dataclass(frozen=True)
class Proposals:
    """What one evaluation proposes, unmet needs first."""

    evaluation: Any
    needs: tuple[Proposed, ...]


def proposed_needs(actor: Actor, plan: CarePlan) -> Proposals | None:
    """Propose what the last evaluation that the actor may read found. Two queries.

    What stands in the plan already, as the actor reads it, says so.
    """
    found = assessments.needs_found(actor, plan.person)
    if found is None:
        return None
    standing = Need.objects.visible_to(actor).filter(plan=plan, removed_at=None)
    taken = set(standing.exclude(origin="").order_by("pk").values_list("origin", flat=True))
    return Proposals(
        found.response,
        tuple(_proposed(found.response.pk, one, taken) for one in found.needs),
    )


def _proposed(evaluation_id: UUID, need: Any, taken: set[str]) -> Proposed:
    origin = origin_of(evaluation_id, need.domain)
    return Proposed(
        origin=origin,
        domain=DOMAIN_OF[need.domain],
        words=worded(need.label, need.note, is_unmet=need.is_unmet),
        necessary=Level.RATHER if need.is_unmet else Level.LITTLE,
        is_taken=origin in taken,
    )


def sources_of(actor: Actor, needs: Iterable[Need]) -> dict[UUID, Any]:
    """Give, by need, the evaluation it comes of: those that the actor may read, and no other.

    One query when a need comes of one.
    """
    origins = {one.pk: evaluation_of(one.origin) for one in needs}
    wanted = {one for one in origins.values() if one}
    known = assessments.readable_among(actor, wanted) if wanted else {}
    return {pk: known[one] for pk, one in origins.items() if one in known}
