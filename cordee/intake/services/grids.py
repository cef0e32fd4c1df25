"""The triage versions of a service: proposed, then used once a clinician has signed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.models import Organization
from cordee.intake import rules
from cordee.intake.models import TriageVersion
from cordee.kernel.errors import DomainError


@action("intake.propose_grid", on="organization", lock=())
def propose_grid(
    *, actor: Actor, organization: Organization, content: Mapping[str, Any], now: datetime
) -> TriageVersion:
    """Keep a grid, unsigned and unused. The same text is kept once. Raises DomainError."""
    try:
        grid = rules.read_grid(content)
    except rules.GridError as wrong:
        raise DomainError(
            "intake.grid", f"{wrong} La grille n’a pas été gardée ; corrigez le fichier."
        ) from wrong
    kept, _ = TriageVersion.objects.get_or_create(
        organization=organization,
        digest=grid.digest,
        defaults={"code": grid.version, "title": grid.title, "content": dict(content)},
    )
    return kept


@action("intake.sign_grid", on="version")
def sign_grid(*, actor: Actor, version: TriageVersion, now: datetime) -> TriageVersion:
    """Sign exactly this text in one's own name: it replaces the one in use. Raises DomainError."""
    if version.signed_at is not None:
        return version
    if rules.read_grid(version.content).digest != version.digest:
        raise DomainError(
            "intake.grid_altered",
            "Le texte de cette grille ne correspond plus à son empreinte. "
            "Elle n’a pas été mise en service ; proposez-la de nouveau.",
        )
    in_use = TriageVersion.objects.select_for_update(of=("self",)).filter(
        organization=version.organization_id, signed_at__isnull=False, retired_at=None
    )
    in_use.update(retired_at=now)
    version.signed_by_id, version.signed_name = actor.account_id, actor.name[:150]
    version.signed_at = now
    version.save(update_fields=["signed_by", "signed_name", "signed_at", "updated_at"])
    return version


@action("intake.retire_grid", on="version")
def retire_grid(*, actor: Actor, version: TriageVersion, now: datetime) -> TriageVersion:
    """Take a version out of use: the desk goes on with delays chosen by hand."""
    if version.retired_at is None:
        version.retired_at = now
        version.save(update_fields=["retired_at", "updated_at"])
    return version
