"""Putting a message in the outbox: words are composed and looked at before the row exists."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.phones import parse_phone
from cordee.directory.selectors import practitioner_by_mobile
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.messaging import selectors
from cordee.messaging.alphabet import plain
from cordee.messaging.facts import SentAgain
from cordee.messaging.models import Channel, Message
from cordee.messaging.rules import UnsafeError, check_calendar
from cordee.messaging.sealing import seal
from cordee.messaging.services.carrying import fail, named, same_one_waiting
from cordee.people.rules.processing import Purpose
from cordee.people.selectors import may_process

NOTIFY = "messaging_outbox"
NOT_WANTED = (
    "Pour cette personne, les SMS et les courriels ne sont pas permis. Rien n’est parti\u00a0; "
    "appelez, ou relisez ce choix avec elle."
)


@dataclass(frozen=True)
class When:
    """When a message may leave, and after when it would make no sense.

    `not_between`: quiet hours of the wall clock, kept however late a carrier makes it.
    """

    not_before: datetime | None = None
    expires_at: datetime | None = None
    not_between: tuple[time, time] | None = None


@dataclass(frozen=True)
class Letter:
    """A mail that carries an invitation: its words, what it is about, when it may leave."""

    template: str
    calendar: str
    organization_id: UUID
    origin: str
    when: When


@action("messaging.send", on=None)
def send_text(  # noqa: PLR0913 — announced to every room as it is
    *,
    actor: Actor,
    to: str,
    template: str,
    context: Mapping[str, Any],
    origin: str,
    person_id: UUID | None = None,
    when: When | None = None,
    now: datetime,
) -> Message:
    """Put a text in the outbox. Raises DomainError on a bad number, or words that may not leave.

    To who said STOP it fails at once, which is told like any failure.
    """
    number = parse_phone(to)
    if not number:
        raise DomainError(
            "messaging.bad_number",
            "Ce numéro n’existe pas. Rien n’est parti ; vérifiez-le, puis recommencez.",
        )
    holder = practitioner_by_mobile(number)
    message = Message(
        channel=Channel.SMS, to=number, practitioner=holder, person_id=person_id, origin=origin
    )
    return _queue(message, template, context, when or When(), now)


@action("messaging.send", on=None)
def send_email(  # noqa: PLR0913 — announced to every room as it is
    *,
    actor: Actor,
    to: str,
    template: str,
    context: Mapping[str, Any],
    origin: str,
    person_id: UUID | None = None,
    when: When | None = None,
    now: datetime,
) -> Message:
    """Put an ordinary e-mail in the outbox, under the same rule as a text. Raises DomainError."""
    address = to.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise DomainError(
            "messaging.bad_address",
            "Cette adresse électronique n’existe pas. Rien n’est parti ; vérifiez-la.",
        ) from None
    message = Message(channel=Channel.EMAIL, to=address, person_id=person_id, origin=origin)
    return _queue(message, template, context, when or When(), now)


@action("messaging.send", on=None)
def send_calendar(*, actor: Actor, to: str, letter: Letter, now: datetime) -> Message:
    """Put in the outbox a mail with an invitation, which names nobody. Raises DomainError."""
    with unsafe_is_told():
        check_calendar(letter.calendar)
    message = Message(channel=Channel.EMAIL, to=to.strip(), origin=letter.origin)
    context = {"organization_id": letter.organization_id}
    words = {"calendar": letter.calendar}
    return _queue(message, letter.template, context, letter.when, now, joined=words)


def _queue(  # noqa: PLR0913 — what is joined to a mail beside its words
    message: Message,
    template: str,
    context: Mapping[str, Any],
    when: When,
    now: datetime,
    *,
    joined: Mapping[str, str] | None = None,
) -> Message:
    if message.person_id and not may_process(message.person_id, Purpose.TEXTS):
        raise DomainError("messaging.refused", NOT_WANTED)
    with unsafe_is_told():
        said = selectors.said(template, Channel(message.channel), context, message.person_id)
    fold = plain if message.channel == Channel.SMS else str
    message.template, message.subject = template, said.subject
    message.text = fold(said.shown)
    words = {"text": fold(said.whole)} if said.whole != said.shown else {}
    words |= joined or {}
    message.sealed = seal(words, message.pk)
    message.organization_id = context.get("organization_id")
    message.context = {key: str(value) for key, value in context.items() if key in said.kept}
    message.quiet_from, message.quiet_until = when.not_between or (None, None)
    message.next_attempt_at = message.leaves_at(max(now, when.not_before or now))
    message.expires_at = when.expires_at
    if selectors.is_unwanted(message, now):
        return fail(message, "messaging.stopped", now)
    if waiting := same_one_waiting(message).first():
        return waiting
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:  # another gesture has just queued the very same
        if waiting := same_one_waiting(message).first():
            return waiting
        raise
    wake()
    return message


@contextmanager
def unsafe_is_told() -> Iterator[None]:
    """Say in a sentence that words may not leave."""
    try:
        yield
    except UnsafeError as error:
        raise DomainError(
            "messaging.unsafe",
            "Ce message n’est pas parti : il porterait autre chose que ce qui est permis "
            "(le service, le secteur, le moment, un code, un lien).",
        ) from error


def wake() -> None:
    """Tell the postman, at commit, that something waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [NOTIFY])


@action("messaging.resend", on="message")
def resend(*, actor: Actor, message: Message, now: datetime) -> Message:
    """Send a failed message again, from its first attempt, and tell: whoever gave it up waits for
    it again. Raises DomainError if it has not failed.

    A one-time code or a deadline may have passed meanwhile: its page says so, not this gesture.
    """
    if message.state != Message.State.FAILED:
        raise DomainError(
            "messaging.not_failed",
            "Ce message n’a pas échoué : il ne part pas deux fois. Attendez son sort, "
            "ou appelez la personne.",
        )
    if same_one_waiting(message).exists():
        raise DomainError(
            "messaging.waits_already",
            "Le même message attend déjà de partir. Rien de plus n’est parti.",
        )
    message.state, message.reason, message.attempts = Message.State.QUEUED, "", 0
    message.settled_at = message.sent_at = message.expires_at = None
    message.next_attempt_at, message.in_doubt, message.carrier_ids = now, False, []
    message.save()
    message.receipts.update(message=None)
    publish(SentAgain(**named(message)))
    wake()
    return message
