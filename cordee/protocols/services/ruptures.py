"""The register of ruptures is written: by what facts say, or by somebody who settles one."""

from dataclasses import dataclass
from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.protocols.facts import RuptureFound, RuptureLifted, RuptureRepaired, RuptureWaived
from cordee.protocols.models import Pathway, Rupture
from cordee.protocols.rules.outcomes import ENDED_BY_HAND, OPEN, Cause, Standing
from cordee.protocols.rules.watching import Change, Known, Outlook, changes


@dataclass(frozen=True, kw_only=True)
class Settling:
    """How somebody ends a rupture, why it happened, and what was done or decided."""

    standing: Standing
    cause: Cause
    words: str


@action("protocols.settle_rupture", on="rupture", lock=("pathway", "rupture"))
def settle(*, actor: Actor, rupture: Rupture, said: Settling, now: datetime) -> Rupture:
    """Say that a rupture is repaired otherwise, waived, or accepted as it is.

    Raises DomainError (protocols.rupture_over, protocols.settling)."""
    if not rupture.is_open:
        raise DomainError(
            "protocols.rupture_over",
            "Cette rupture vient d’être réglée. Rien n’a été modifié\u00a0: rouvrez-la pour voir "
            "comment.",
        )
    if said.standing not in ENDED_BY_HAND or not said.words.strip():
        raise DomainError(
            "protocols.settling",
            "Dites ce qui a été fait ou décidé\u00a0: c’est ce que l’équipe relira. Rien n’a été "
            "modifié.",
        )
    rupture.ended_by_id, rupture.cause = actor.signatory, said.cause.value
    rupture.words = said.words.strip()
    _end(rupture, said.standing, now)
    return rupture


def settle_by_facts(
    pathway: Pathway, seen: Outlook, *, unbroken: frozenset[str], when: datetime, now: datetime
) -> None:
    """Write what a look at the pathway changes of its ruptures. One query when nothing does."""
    written = {(one.of, one.at): one for one in Rupture.objects.filter(pathway=pathway)}
    known = [
        Known(one.of, one.at, Standing(one.standing), one.undone, one.ended_by_id is not None)
        for one in written.values()
    ]
    for change in changes(known, seen, unbroken=unbroken, when=when):
        _write(pathway, written.get((change.of, change.at)), change, now)


def lift_all(pathway: Pathway, now: datetime) -> None:
    """Nothing of a pathway that was left waits for anybody."""
    for rupture in Rupture.objects.open().filter(pathway=pathway).order_by("pk"):
        _end(rupture, Standing.LIFTED, now)


def _write(pathway: Pathway, rupture: Rupture | None, change: Change, now: datetime) -> None:
    if change.standing not in OPEN and rupture is not None:
        _end(rupture, change.standing, change.when)
        return
    reopened = rupture is not None and not rupture.is_open
    rupture = rupture or Rupture(pathway=pathway, of=change.of, at=change.at, found_at=now)
    _describe(rupture, change)
    rupture.standing = change.standing.value
    rupture.ended_at, rupture.ended_by, rupture.cause, rupture.words = None, None, "", ""
    rupture.reopened_at = now if reopened else rupture.reopened_at
    rupture.save()
    publish(
        RuptureFound(
            person_id=pathway.person_id,
            pathway_id=pathway.pk,
            rupture_id=rupture.pk,
            organization_id=pathway.organization_id,
            standing=rupture.standing,
            due_at=rupture.at,
            reopened=reopened,
        )
    )


def _describe(rupture: Rupture, change: Change) -> None:
    trouble = change.trouble
    if trouble is None:
        raise ValueError(f"{change.of}: what is found says what was expected")
    rupture.expected, rupture.role = trouble.expected, trouble.who
    rupture.because, rupture.undone = list(trouble.because), trouble.undone
    rupture.basis, rupture.gaps = trouble.basis, trouble.gaps


def _end(rupture: Rupture, standing: Standing, at: datetime) -> None:
    rupture.standing, rupture.ended_at = standing.value, at
    rupture.save()
    pathway = rupture.pathway
    said = {
        "person_id": pathway.person_id,
        "pathway_id": pathway.pk,
        "rupture_id": rupture.pk,
        "organization_id": pathway.organization_id,
    }
    if standing is Standing.REPAIRED:
        publish(RuptureRepaired(**said, by_hand=rupture.ended_by_id is not None))
    elif standing is Standing.LIFTED:
        publish(RuptureLifted(**said))
    else:
        publish(RuptureWaived(**said, standing=standing.value, cause=rupture.cause))
