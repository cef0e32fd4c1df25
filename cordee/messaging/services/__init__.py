"""Gestures of messaging, by noun."""

from cordee.messaging.services.carrying import (
    claim,
    doubt,
    give_up,
    mark_piece,
    mark_sent,
    postpone,
    settle_doubts,
    watch_link,
    withdraw,
)
from cordee.messaging.services.codes import (
    Verdict,
    check_phone_code,
    issue_phone_code,
    prove_call_mobile,
    prove_mobile,
    send_call_code,
    send_mobile_code,
)
from cordee.messaging.services.hearing import (
    Heard,
    note_unkept,
    receive_text,
    record_receipt,
    take_incomplete,
)
from cordee.messaging.services.many import About, Outgoing, Round, Text, texts_for
from cordee.messaging.services.outbox import (
    Letter,
    When,
    resend,
    send_calendar,
    send_email,
    send_text,
)
from cordee.messaging.services.templates import reset_template, write_template

__all__ = [
    "About",
    "Heard",
    "Letter",
    "Outgoing",
    "Round",
    "Text",
    "Verdict",
    "When",
    "check_phone_code",
    "claim",
    "doubt",
    "give_up",
    "issue_phone_code",
    "mark_piece",
    "mark_sent",
    "note_unkept",
    "postpone",
    "prove_call_mobile",
    "prove_mobile",
    "receive_text",
    "record_receipt",
    "resend",
    "reset_template",
    "send_calendar",
    "send_call_code",
    "send_email",
    "send_mobile_code",
    "send_text",
    "settle_doubts",
    "take_incomplete",
    "texts_for",
    "watch_link",
    "withdraw",
    "write_template",
]
