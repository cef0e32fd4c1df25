"""A protocol is proposed, approved by somebody who wrote none of it, and one day retired.

A text that cannot be read, a step that nothing reaches, two rules that contradict each other are
told when it is proposed and when it is approved: what is in use can be followed.
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.protocols import selectors
from cordee.protocols.facts import (
    ProtocolProposed,
    ProtocolPublished,
    ProtocolRetired,
    ProtocolReturned,
)
from cordee.protocols.models import ProtocolVersion
from cordee.protocols.services.writing import require_draft

State = ProtocolVersion.State


@action("protocols.propose", on="version")
def propose(*, actor: Actor, version: ProtocolVersion, now: datetime) -> ProtocolVersion:
    """Give a draft to be read and approved by somebody else.

    Raises Refused with every trouble of the text; DomainError (protocols.not_a_draft,
    protocols.edition_exists).
    """
    require_draft(version)
    selectors.protocol_of(version)
    _require_new_edition(version)
    version.state, version.proposed_at, version.remark = State.PROPOSED, now, ""
    version.save(update_fields=["state", "proposed_at", "remark", "updated_at"])
    publish(
        ProtocolProposed(
            version_id=version.pk, organization_id=_held_by(version), digest=version.digest
        )
    )
    return version


@action("protocols.send_back", on="version")
def send_back(
    *, actor: Actor, version: ProtocolVersion, remark: str, now: datetime
) -> ProtocolVersion:
    """Turn a proposed text into a draft again, saying why.

    Raises DomainError (protocols.remark), and when it is not proposed.
    """
    _require_proposed(version)
    if not remark.strip():
        raise DomainError(
            "protocols.remark",
            "Écrivez ce qu’il faut revoir, en 500 signes au plus\u00a0: qui l’écrit le lira. Le "
            "texte n’est pas rendu.",
        )
    version.state, version.proposed_at, version.remark = State.DRAFT, None, remark
    version.save(update_fields=["state", "proposed_at", "remark", "updated_at"])
    publish(ProtocolReturned(version_id=version.pk, organization_id=_held_by(version)))
    return version


@action("protocols.approve", on="version")
def approve(
    *, actor: Actor, version: ProtocolVersion, digest: str, now: datetime
) -> ProtocolVersion:
    """Put in use, for good, the text that was read; the version that was in use is retired.

    Whoever is on that one stays on it. `digest`: of the text that the page showed. Raises Refused;
    DomainError (protocols.not_proposed, protocols.other_text, protocols.edition_exists,
    protocols.approved_meanwhile).
    """
    _require_proposed(version)
    if version.digest != digest:
        raise DomainError(
            "protocols.other_text",
            "Ce texte a changé depuis que vous l’avez ouvert. Rien n’a été approuvé\u00a0: "
            "relisez-le.",
        )
    selectors.protocol_of(version)
    _require_new_edition(version)
    others = ProtocolVersion.objects.approved().filter(
        organization_id=version.organization_id, name=version.name
    )
    for other in others.select_for_update(of=("self",)).order_by("pk"):
        _retire(other, now)
    version.state, version.approved_at = State.APPROVED, now
    version.approved_by_id = actor.signatory
    try:
        with transaction.atomic():
            version.save(update_fields=["state", "approved_at", "approved_by", "updated_at"])
    except IntegrityError as error:
        raise DomainError(
            "protocols.approved_meanwhile",
            "Une autre version vient d’être approuvée. Rien n’a été modifié\u00a0: relisez la "
            "liste, puis recommencez si c’est encore voulu.",
        ) from error
    publish(
        ProtocolPublished(
            version_id=version.pk, organization_id=_held_by(version), digest=version.digest
        )
    )
    return version


@action("protocols.retire", on="version")
def retire(*, actor: Actor, version: ProtocolVersion, now: datetime) -> ProtocolVersion:
    """Take a version out of use: nobody new is put on it. Raises DomainError when it is not."""
    if version.state != State.APPROVED:
        raise DomainError(
            "protocols.not_in_use", "Cette version n’est pas en usage. Rien n’a été modifié."
        )
    _retire(version, now)
    return version


def _retire(version: ProtocolVersion, now: datetime) -> None:
    version.state, version.retired_at = State.RETIRED, now
    version.save(update_fields=["state", "retired_at", "updated_at"])
    publish(ProtocolRetired(version_id=version.pk, organization_id=_held_by(version)))


def _held_by(version: ProtocolVersion) -> UUID:
    if version.organization_id is None:
        raise ValueError("a shipped version is neither proposed nor approved")
    return version.organization_id


def _require_proposed(version: ProtocolVersion) -> None:
    if version.state != State.PROPOSED:
        raise DomainError(
            "protocols.not_proposed",
            "Ce texte n’attend pas d’approbation. Rien n’a été modifié\u00a0; rouvrez la page pour "
            "voir où il en est.",
        )


def _require_new_edition(version: ProtocolVersion) -> None:
    same = ProtocolVersion.objects.filter(
        organization_id=_held_by(version),
        name=version.name,
        edition=version.edition,
        state__in=ProtocolVersion.PUBLISHED,
    )
    if same.exists():
        raise DomainError(
            "protocols.edition_exists",
            f"La version {version.edition} de « {version.title} » existe déjà, et ce qui a été "
            "approuvé ne change pas. Écrivez un autre numéro à la ligne « version ».",
        )
