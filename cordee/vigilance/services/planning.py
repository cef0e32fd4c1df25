"""A planning comes in: visits added, changed, cancelled, under the reference of their source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.records import insert_rows
from cordee.directory.models import Organization
from cordee.kernel.facts import publish
from cordee.kernel.identifiers import uuid7
from cordee.vigilance.facts import PlanningImported
from cordee.vigilance.models import PlannedVisit
from cordee.vigilance.rules.planning import ToPlan


@dataclass(frozen=True, slots=True)
class Planned:
    """What an import did."""

    added: int
    changed: int
    cancelled: int
    same: int


@action("vigilance.plan", on="organization")
def plan(
    *,
    actor: Actor,
    organization: Organization,
    visits: Sequence[ToPlan],
    source: str,
    now: datetime,
) -> Planned:
    """Bring a planning: what its reference knows follows, what it does not name stays as it is.

    The service is held: two imports of one planning follow each other.
    """
    references = [one.reference for one in visits]
    rows = PlannedVisit.objects.filter(
        organization=organization, source=source, external_key__in=references
    )
    known = {one.external_key: one for one in rows}
    fresh = [one for one in visits if one.reference not in known]
    insert_rows(PlannedVisit, [_row(one, organization, source, now) for one in fresh]).keys()
    changed = [
        one for one in visits if one.reference in known and _differs(known[one.reference], one)
    ]
    for one in changed:
        _follow(known[one.reference], one, now)
    cancelled = sum(one.is_cancelled for one in changed)
    told = Planned(len(fresh), len(changed), cancelled, len(visits) - len(fresh) - len(changed))
    if fresh or changed:
        said = {"added": told.added, "changed": told.changed, "cancelled": told.cancelled}
        publish(PlanningImported(organization_id=organization.pk, **said))
    return told


def _row(one: ToPlan, organization: Organization, source: str, now: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "person_id": one.person_id,
        "organization_id": organization.pk,
        "helper_id": one.helper_id,
        "starts_at": one.starts,
        "ends_at": one.ends,
        "source": source,
        "external_key": one.reference,
        "cancelled_at": now if one.is_cancelled else None,
    }


def _differs(known: PlannedVisit, one: ToPlan) -> bool:
    before = (known.person_id, known.helper_id, known.starts_at, known.ends_at)
    after = (one.person_id, one.helper_id, one.starts, one.ends)
    return before != after or (known.cancelled_at is not None) != one.is_cancelled


def _follow(known: PlannedVisit, one: ToPlan, now: datetime) -> None:
    PlannedVisit.objects.filter(pk=known.pk).update(
        person_id=one.person_id,
        helper_id=one.helper_id,
        starts_at=one.starts,
        ends_at=one.ends,
        cancelled_at=(known.cancelled_at or now) if one.is_cancelled else None,
    )
