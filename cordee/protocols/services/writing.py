"""A protocol is written: begun, saved by one window at a time, erased while nobody read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.protocols import selectors
from cordee.protocols.models import ProtocolVersion
from cordee.protocols.rules.document import MOST
from cordee.protocols.rules.headings import heading_of

MEANWHILE = "protocols.written_meanwhile"


@dataclass(frozen=True, slots=True)
class Typed:
    """What a window sends: its text, itself, and the number of what it was shown."""

    text: str
    window: UUID
    read: int


def traits_of(text: str) -> dict[str, Any]:
    """Return the columns that a text fills. Raises DomainError when it is too long to be kept."""
    text = text.replace("\r\n", "\n")
    if len(text) > MOST:
        raise DomainError(
            "protocols.too_long",
            f"Ce texte est trop long\u00a0: {MOST} caractères au plus. Rien n’a été gardé.",
        )
    said = heading_of(text)
    return {
        "name": said.name,
        "edition": said.edition,
        "title": said.title,
        "text": text,
        "digest": selectors.digest_of(text),
    }


@action("protocols.begin", on=None)
def begin(
    *, actor: Actor, text: str, now: datetime, drawn_from: ProtocolVersion | None = None
) -> ProtocolVersion:
    """Begin a draft, held by the structure in whose name the actor speaks.

    The text need not be readable yet. Raises DomainError (protocols.too_long).
    """
    return ProtocolVersion.objects.create(
        **traits_of(text),
        organization_id=actor.organization_id,
        author_id=actor.signatory,
        writers=[actor.signatory],
        drawn_from=drawn_from,
    )


@action("protocols.save", on="version")
def save(*, actor: Actor, version: ProtocolVersion, typed: Typed, now: datetime) -> ProtocolVersion:
    """Keep what was typed. A window writes on what it was shown, or after itself.

    Raises DomainError: `protocols.written_meanwhile` when another window wrote since (nothing is
    lost: the door shows both texts), `protocols.not_a_draft`, `protocols.too_long`.
    """
    require_draft(version)
    traits = traits_of(typed.text)
    if traits["digest"] == version.digest:
        return version
    if typed.window != version.window and typed.read != version.version:
        raise DomainError(
            MEANWHILE,
            "Ce texte a été modifié ailleurs depuis que vous l’avez ouvert. Le vôtre n’est pas "
            "perdu\u00a0: comparez les deux, puis gardez celui que vous voulez.",
        )
    for column, value in traits.items():
        setattr(version, column, value)
    version.window = typed.window
    if actor.signatory not in version.writers:
        version.writers = [*version.writers, actor.signatory]
    version.save(update_fields=[*traits, "window", "writers", "updated_at"])
    return version


@action("protocols.discard", on="version")
def discard(*, actor: Actor, version: ProtocolVersion, now: datetime) -> None:
    """Erase a draft. Raises DomainError (protocols.not_a_draft)."""
    require_draft(version)
    version.delete()


def require_draft(version: ProtocolVersion) -> None:
    """Raise DomainError unless the text may still be written."""
    if not version.is_draft:
        raise DomainError(
            "protocols.not_a_draft",
            "Ce texte n’est plus un brouillon\u00a0: il a été proposé, approuvé ou retiré. Rien "
            "n’a été modifié\u00a0; rouvrez la page pour voir où il en est.",
        )
