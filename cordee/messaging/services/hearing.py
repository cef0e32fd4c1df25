"""What comes back: texts from phones, receipts from the network, STOP."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q

from cordee.access.action import action
from cordee.access.actor import Actor, Role
from cordee.directory.models import Practice, Practitioner
from cordee.directory.phones import parse_phone
from cordee.directory.selectors import practitioner_by_mobile
from cordee.directory.services import stop_call_mobiles, stop_messages
from cordee.kernel.facts import publish
from cordee.messaging.alphabet import joined
from cordee.messaging.facts import TextReceived
from cordee.messaging.models import (
    Channel,
    DeliveryReceipt,
    InboundText,
    Message,
    TextPiece,
    Unkept,
)
from cordee.messaging.replies import Reply, read_reply
from cordee.messaging.selectors import is_unwanted
from cordee.messaging.services.carrying import (
    fail,
    had_left_whole,
    it_had_left,
    receipts_one_at_a_time,
    settle,
)
from cordee.messaging.services.outbox import send_text

LONGEST = 2000
PIECES_WAIT = timedelta(hours=1)
REFERENCE_LIVES = timedelta(days=2)


@dataclass(frozen=True)
class Heard:
    """A text as the carrier gives it, whole or in pieces."""

    sender: str
    text: str
    carrier_key: str = ""
    joined: tuple[int, int, int] | None = None  # reference, number, total


@action("messaging.receive_text", on=None)
def receive_text(*, actor: Actor, heard: Heard, now: datetime) -> InboundText | None:
    """Keep a text, read it, tell the rooms above. None while pieces are missing.

    The same text given again by the carrier (same key) changes nothing. A key that comes back with
    another text is no key: some carriers give every text the same.
    """
    sender = _number(heard.sender)
    _one_at_a_time(sender)
    key = heard.carrier_key
    if known := InboundText.objects.filter(carrier_key=key).first() if key else None:
        if heard.joined or (known.sender, known.text) == (sender, heard.text[:LONGEST]):
            return known
        key = ""
    text, pieces = heard.text, None
    if heard.joined:
        pieces = _pieces(sender, heard, now)
        if pieces is None:
            return None
        text = joined(piece.text for piece in pieces)
    kept = _keep(sender, text[:LONGEST], key, now)
    for piece in pieces or ():
        piece.whole = kept
        piece.save()
    if kept.is_stop:
        _stop(actor, sender, kept.practitioner, now)
    _tell(kept)
    return kept


def _tell(kept: InboundText) -> None:
    written = Message.objects.filter(to=kept.sender, organization__isnull=False)
    latest = written.order_by("-created_at", "-pk").first()
    publish(
        TextReceived(
            text_id=kept.pk,
            practitioner_id=kept.practitioner_id,
            organization_id=latest.organization_id if latest else None,
            clear=kept.is_clear,
            stop=kept.is_stop,
            answers=kept.answers,
            codes=kept.codes,
        )
    )


def _number(sender: str) -> str:
    international = sender if sender.startswith("+") else f"+{sender}"
    return parse_phone(international) or parse_phone(sender) or sender[:32]


def _one_at_a_time(sender: str) -> None:
    """Let the texts of one phone be taken one by one, by however many listeners."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"messaging:{sender}"])


def _keep(
    sender: str, text: str, carrier_key: str, now: datetime, *, whole: bool = True
) -> InboundText:
    reply = read_reply(text) if whole else Reply()
    return InboundText.objects.create(
        sender=sender,
        practitioner=practitioner_by_mobile(sender),
        text=text,
        received_at=now,
        carrier_key=carrier_key or None,
        is_stop=reply.stop,
        is_clear=reply.clear,
        answers=[f"{answer.value}:{code}" for answer, code in reply.answers],
        codes=list(reply.codes),
    )


def _pieces(sender: str, heard: Heard, now: datetime) -> list[TextPiece] | None:
    """Keep a piece; give them all, in order, when none is missing."""
    reference, number, total = heard.joined or (0, 1, 1)
    waiting = TextPiece.objects.filter(
        sender=sender, reference=reference, total=total, whole=None
    ).order_by("number", "pk")
    if waiting.filter(received_at__lt=now - PIECES_WAIT).exists():
        _keep_incomplete(list(waiting), now)  # the phone has used this reference again
    TextPiece.objects.update_or_create(
        sender=sender,
        reference=reference,
        total=total,
        number=number,
        whole=None,
        defaults={"text": heard.text[:LONGEST], "received_at": now},
    )
    pieces = list(waiting)
    return pieces if len(pieces) == total else None


def _keep_incomplete(pieces: list[TextPiece], now: datetime) -> None:
    """A text whose pieces never all came is read by a human, with its holes."""
    first, have = pieces[0], {piece.number: piece.text for piece in pieces}
    text = joined(have.get(number, " […] ") for number in range(1, first.total + 1))
    kept = _keep(first.sender, text[:LONGEST], "", now, whole=False)
    for piece in pieces:
        piece.whole = kept
        piece.save()
    _tell(kept)


@action("messaging.receive_text", on=None)
def take_incomplete(*, actor: Actor, now: datetime) -> int:
    """Pass on the texts whose missing pieces are no longer awaited. Returns how many."""
    late = TextPiece.objects.filter(whole=None, received_at__lt=now - PIECES_WAIT)
    groups = sorted(set(late.values_list("sender", "reference", "total")))
    for sender, reference, total in groups[:100]:
        _one_at_a_time(sender)
        same = TextPiece.objects.filter(sender=sender, reference=reference, total=total, whole=None)
        pieces = list(same.order_by("number", "pk"))
        if pieces:
            _keep_incomplete(pieces, now)
    return len(groups)


def _stop(actor: Actor, sender: str, practitioner: Practitioner | None, now: datetime) -> None:
    """Honour STOP at once, whoever holds the number, and say so once."""
    for practice in Practice.objects.filter(mobile=sender, stopped_at=None).order_by("pk"):
        holder = replace(
            actor, role=Role.PRACTITIONER, practitioner_id=practice.practitioner_id
        )  # whoever holds the phone speaks as its owner, for this and nothing else
        stop_messages(actor=holder, practice=practice, now=now)
    stop_call_mobiles(actor=actor, number=sender, now=now)
    written = Message.objects.filter(to=sender, organization__isnull=False)
    latest = written.order_by("-created_at", "-pk").first()
    waiting = Message.objects.select_for_update(of=("self",), skip_locked=True).filter(
        to=sender, state=Message.State.QUEUED
    )
    for message in waiting.order_by("pk"):
        if is_unwanted(message, now):
            fail(message, "messaging.stopped", now)
    if not parse_phone(sender):
        return  # a short number, a name: nothing can be written to it
    send_text(
        actor=actor,
        to=sender,
        template="messaging.stopped",
        context={"organization_id": latest.organization_id if latest else None},
        origin="",
        now=now,
    )


@action("messaging.record_receipt", on=None)
def record_receipt(
    *, actor: Actor, channel: Channel, receipt: DeliveryReceipt, now: datetime
) -> DeliveryReceipt:
    """Keep a receipt and settle its message; one that comes too early waits for it."""
    receipts_one_at_a_time()
    receipt.channel, receipt.received_at = channel, now
    message = _message_of(receipt, now)
    receipt.message = message
    receipt.save(force_insert=True)
    if message is None:
        return receipt
    if receipt.carrier_id and receipt.carrier_id not in message.carrier_ids:
        message.carrier_ids = [*message.carrier_ids, receipt.carrier_id]
        message.save()
    if message.in_doubt and not message.is_settled and had_left_whole(message):
        it_had_left(message, now)
    if message.state not in (Message.State.SENDING, Message.State.QUEUED):
        settle(message, now)
    return receipt


def _message_of(receipt: DeliveryReceipt, now: datetime) -> Message | None:
    """Find the message a receipt is about, by the carrier's identifier, else by our reference."""
    rows = Message.objects.select_for_update(of=("self",)).filter(channel=receipt.channel)
    found = None
    if receipt.carrier_id:
        found = rows.filter(carrier_ids__contains=[receipt.carrier_id]).order_by("-pk").first()
    if found is None and receipt.reference is not None:
        recent = rows.filter(reference=receipt.reference, created_at__gt=now - REFERENCE_LIVES)
        leaving = Q(state=Message.State.SENDING) | Q(in_doubt=True)
        found = recent.filter(leaving).order_by("-pk").first()
    return found


@action("messaging.note_unkept", on=None)
def note_unkept(
    *, actor: Actor, channel: Channel, what: Unkept.What, why: str, now: datetime
) -> Unkept:
    """Count what can never be kept, however often it comes: a carrier that insists adds no line."""
    row, _ = Unkept.objects.get_or_create(
        channel=channel,
        what=what,
        why=why[:60],
        defaults={"times": 0, "first_at": now, "last_at": now},
    )
    Unkept.objects.filter(pk=row.pk).update(times=F("times") + 1, last_at=now)
    return row
