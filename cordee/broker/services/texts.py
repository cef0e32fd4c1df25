"""What leaves by text: identifiers only; messaging writes the words and minds the secrets."""

from datetime import datetime

from cordee.access.actor import Actor
from cordee.broker.models import Invitation
from cordee.broker.selectors import origin_of
from cordee.messaging.services import When, send_text


def write_to(
    actor: Actor, invitation: Invitation, template: str, now: datetime, **keys: str
) -> None:
    """Put one text in the outbox, in the transaction under way."""
    solicitation = invitation.solicitation
    until = solicitation.deadline_at if template == "broker.ask" else None
    send_text(
        actor=actor,
        to=invitation.phone,
        template=template,
        context={
            "organization_id": solicitation.organization_id,
            "commune_code": solicitation.commune_id,
            "begins_at": solicitation.begins_at,
            **keys,
        },
        origin=origin_of(invitation),
        person_id=solicitation.person_id,
        when=When(expires_at=until),
        now=now,
    )


def tell(actor: Actor, invitation: Invitation, template: str, now: datetime) -> None:
    """Say to someone asked by text what became of it."""
    if invitation.channel == Invitation.Channel.TEXT:
        write_to(actor, invitation, template, now, code=invitation.code)
