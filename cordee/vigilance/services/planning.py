"""A planning comes in: visits added, changed, cancelled, under the reference of their source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.records import insert_rows
from cordee.directory.models import Organization
from cordee.kernel.facts import publish
from cordee.kernel.identifiers import uuid7
from cordee.people.models import Person
from cordee.vigilance.facts import PlanningImported
from cordee.vigilance.models import PlannedVisit
from cordee.vigilance.rules.planning import ToPlan, Wrong

OTHER = "Cette référence est déjà celle d’une autre visite : donnez-lui sa propre référence."
KNOWN_ONCE = "ON CONFLICT (organization_id, source, external_key) DO NOTHING"
TOGETHER = 500
"""Lines changed by one statement."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What an import did; what it left alone, and why."""

    added: int
    changed: int
    cancelled: int
    same: int
    wrong: tuple[Wrong, ...] = ()


@action("vigilance.plan", on="organization", lock=())
def plan(
    *,
    actor: Actor,
    organization: Organization,
    visits: Sequence[ToPlan],
    source: str,
    now: datetime,
) -> Planned:
    """Bring a planning: what its reference knows follows, what it does not name stays as it is.

    The service is held: two imports of one planning follow each other, phones send meanwhile. A
    reference never goes from somebody to somebody else: what was marked under it is of the first.
    """
    Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=organization.pk)
    known = _known(organization, source, visits)
    fresh = {one.reference: _row(one, organization, source, now) for one in visits}
    fresh = {name: row for name, row in fresh.items() if name not in known}
    written = insert_rows(PlannedVisit, fresh.values(), unless=KNOWN_ONCE).keys()
    absorbed = _absorbed(known)
    changed, others = [], []
    for one in visits:
        if one.reference in known:
            stands = known[one.reference]
            if one.person_id not in (stands.person_id, absorbed.get(stands.person_id)):
                others.append(one)
            elif _differs(stands, one):
                changed.append(_followed(stands, one, now))
        elif fresh[one.reference]["id"] not in written:
            others.append(one)
    _write(changed)
    told = Planned(
        added=len(written),
        changed=len(changed),
        cancelled=sum(one.cancelled_at is not None for one in changed),
        same=len(visits) - len(written) - len(changed) - len(others),
        wrong=tuple(Wrong(one.number, OTHER) for one in others),
    )
    _tell(organization, told)
    return told


def _known(
    organization: Organization, source: str, visits: Sequence[ToPlan]
) -> dict[str, PlannedVisit]:
    references = [one.reference for one in visits]
    rows = PlannedVisit.objects.filter(
        organization=organization, source=source, external_key__in=references
    )
    return {one.external_key: one for one in rows}


def _tell(organization: Organization, told: Planned) -> None:
    if told.added or told.changed:
        said = {"added": told.added, "changed": told.changed, "cancelled": told.cancelled}
        publish(PlanningImported(organization_id=organization.pk, **said))


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


def _absorbed(known: Mapping[str, PlannedVisit]) -> dict[UUID, UUID]:
    """Of those planned, whose records were absorbed, and by which."""
    rows = Person.objects.filter(pk__in={one.person_id for one in known.values()})
    return dict(rows.exclude(merged_into=None).values_list("pk", "merged_into"))


def _differs(known: PlannedVisit, one: ToPlan) -> bool:
    before = (known.person_id, known.helper_id, known.starts_at, known.ends_at)
    after = (one.person_id, one.helper_id, one.starts, one.ends)
    return before != after or (known.cancelled_at is not None) != one.is_cancelled


def _followed(known: PlannedVisit, one: ToPlan, now: datetime) -> PlannedVisit:
    known.person_id, known.helper_id = one.person_id, one.helper_id
    known.starts_at, known.ends_at = one.starts, one.ends
    known.cancelled_at = (known.cancelled_at or now) if one.is_cancelled else None
    return known


def _write(changed: Sequence[PlannedVisit]) -> None:
    columns = ("person", "helper", "starts_at", "ends_at", "cancelled_at")
    PlannedVisit.objects.bulk_update(changed, columns, batch_size=TOGETHER)
