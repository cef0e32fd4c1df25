"""The register of ruptures."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.access.policy import get_visible
from cordee.protocols.models import Rupture
from cordee.protocols.rules.outcomes import OPEN, Standing


@dataclass(frozen=True)
class Asked:
    """Which ruptures: open or settled, of which cause, of which protocol."""

    settled: bool = False
    cause: str = ""
    protocol: str = ""


def register_of(actor: Actor, asked: Asked) -> QuerySet[Rupture]:
    """List the ruptures of the structures of the actor: those that wait, the oldest first; those
    that ended, the latest first. One query."""
    rows = Rupture.objects.visible_to(actor).filter(pathway__organization__in=actor.organizations)
    codes = [one.value for one in OPEN]
    if asked.settled:
        rows = rows.exclude(standing__in=codes).order_by("-ended_at", "-pk")
    else:
        rows = rows.filter(standing__in=codes).order_by("at", "pk")
    if asked.cause:
        rows = rows.filter(cause=asked.cause)
    if asked.protocol:
        rows = rows.filter(pathway__protocol=asked.protocol)
    return rows.select_related("pathway__person", "pathway__followed", "ended_by")


def rupture_records(actor: Actor) -> QuerySet[Rupture]:
    """List the ruptures that the actor may see, ended ones too, in no order. One query."""
    return Rupture.objects.visible_to(actor).select_related("pathway__organization")


def protocols_of_register(actor: Actor) -> list[tuple[str, str]]:
    """List the protocols of that register: name, title. One query."""
    rows = Rupture.objects.visible_to(actor).filter(pathway__organization__in=actor.organizations)
    names = rows.values_list("pathway__protocol", "pathway__followed__title").distinct()
    return sorted(dict(names.order_by()).items())


def get_rupture(actor: Actor, pk: UUID) -> Rupture:
    """Fetch one rupture. Raises Http404, traced. Two queries."""
    rows = Rupture.objects.select_related(
        "pathway__person__commune", "pathway__organization", "pathway__followed", "ended_by"
    )
    return get_visible(actor, rows, pk)


def rupture_now(pk: UUID) -> Rupture | None:
    """Fetch a rupture for the conductor, as it stands. One query."""
    found: Rupture | None = Rupture.objects.select_related("pathway").filter(pk=pk).first()
    return found


def is_late(rupture: Rupture) -> bool:
    """Say whether what was expected is late, or only close to be."""
    return rupture.standing == Standing.LATE
