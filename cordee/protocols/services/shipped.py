"""The protocols that come with the house, kept beside those that people write."""

from datetime import datetime

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.protocols import selectors
from cordee.protocols.models import ProtocolVersion


@action("protocols.load_shipped", on=None)
def load_shipped(*, actor: Actor, text: str, now: datetime) -> ProtocolVersion:
    """Keep a shipped text, to be taken up by a structure. The same edition is kept once; its text
    follows the release while nobody can be on it.

    Raises Refused with every trouble; DomainError when two processes load at once.
    """
    protocol = selectors.protocol_of_text(text)
    known = ProtocolVersion.objects.shipped().select_for_update(of=("self",))
    traits = {"title": protocol.title, "text": text, "digest": selectors.digest_of(text)}
    kept: ProtocolVersion | None = known.filter(name=protocol.id, edition=protocol.version).first()
    if kept is None:
        try:
            with transaction.atomic():
                return ProtocolVersion.objects.create(
                    name=protocol.id, edition=protocol.version, **traits
                )
        except IntegrityError as error:
            raise DomainError(
                "protocols.loaded_meanwhile", "Ce protocole vient d’être apporté. Recommencez."
            ) from error
    if kept.digest != traits["digest"]:
        for column, value in traits.items():
            setattr(kept, column, value)
        kept.save(update_fields=[*traits, "updated_at"])
    return kept
