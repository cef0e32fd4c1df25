"""What leaves by text: identifiers only; messaging writes the words and minds the secrets."""

from collections.abc import Iterable
from datetime import datetime, time

from cordee.access.actor import Actor
from cordee.broker import rules, selectors
from cordee.broker.models import Invitation, Solicitation
from cordee.messaging.models import Message
from cordee.messaging.services import When, send_text, withdraw
from cordee.people.rules.processing import Purpose
from cordee.people.selectors import may_process

Answer = Invitation.Answer


def may_text(solicitation: Solicitation) -> bool:
    """Say whether texts about the person of a search may leave. Two queries."""
    return may_process(solicitation.person_id, Purpose.TEXTS)


Quiet = tuple[time, time] | None
"""Between when a text may not leave; nothing for those who agreed, or who have just written."""


def write_to(  # noqa: PLR0913 — who, to whom, what, when
    actor: Actor,
    invitation: Invitation,
    template: str,
    now: datetime,
    *,
    quiet: Quiet = None,
    **keys: str,
) -> Message:
    """Put one text in the outbox, in the transaction under way."""
    solicitation = invitation.solicitation
    until = solicitation.deadline_at if template == "broker.ask" else None
    return send_text(
        actor=actor,
        to=invitation.phone,
        template=template,
        context={
            "organization_id": solicitation.organization_id,
            "commune_code": solicitation.commune_id,
            "begins_at": max(solicitation.begins_at, now),
            **keys,
        },
        origin=selectors.origin_of(invitation),
        person_id=solicitation.person_id,
        when=When(expires_at=until, not_between=quiet),
        now=now,
    )


def answer_to(actor: Actor, invitation: Invitation, template: str, now: datetime) -> None:
    """Answer someone asked by text who has just spoken, if texts about the person may leave.

    When they may not, the link says the same, and the desk has the number to call.
    """
    if invitation.channel == Invitation.Channel.TEXT and may_text(invitation.solicitation):
        write_to(actor, invitation, template, now, code=invitation.code)


def tell(actor: Actor, invitation: Invitation, template: str, now: datetime) -> Message | None:
    """Tell someone asked by text what became of it, as `answer_to`, outside of quiet hours."""
    if invitation.channel != Invitation.Channel.TEXT or not may_text(invitation.solicitation):
        return None
    quiet = selectors.quiet_of(invitation)
    return write_to(actor, invitation, template, now, quiet=quiet, code=invitation.code)


def withdraw_questions(
    actor: Actor, invitations: Iterable[Invitation], now: datetime
) -> list[Invitation]:
    """Keep the questions still in the outbox from leaving, and give who is to be told of the end.

    Who was never written to is neither told nor counted. To be called before facts are published.
    """
    listed = list(invitations)
    waiting = [selectors.origin_of(one) for one in listed if one.is_waiting_by_text]
    if not waiting:
        return listed
    never = withdraw(actor=actor, origins=waiting, template="broker.ask", now=now)
    for one in listed:
        if selectors.origin_of(one) in never and one.undelivered_at is None:
            one.undelivered_at = now
            one.save(update_fields=["undelivered_at", "updated_at"])
    return [one for one in listed if selectors.origin_of(one) not in never]


def send_fresh_link(actor: Actor, invitation: Invitation, phone: str, now: datetime) -> None:
    """Text a link to the winner by which she proves who she is; a former one stops."""
    secret = rules.draw_secret()
    invitation.phone, invitation.link_hash = phone, rules.hash_of(secret)
    invitation.save(update_fields=["phone", "link_hash", "updated_at"])
    write_to(actor, invitation, selectors.WINNER_LINK, now, link=f"/r/{secret}")
