"""What the database refuses, whoever asks."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cordee.messaging.models import (
    CarrierState,
    DeliveryReceipt,
    MessageTemplate,
    TextPiece,
    Unkept,
)
from tests.factories.messaging import InboundTextFactory, MessageFactory, PhoneCodeFactory
from tests.support import NOW, arranging

pytestmark = pytest.mark.django_db


def make(model):
    def create(**values):
        with arranging():
            return model.objects.create(**values)

    return create


piece = {"sender": "+336", "reference": 7, "number": 1, "total": 2, "received_at": NOW}
BROKEN = [
    ("messaging_message_goes_where_its_channel_can", MessageFactory, {"to": "0612345678"}),
    ("messaging_message_goes_where_its_channel_can", MessageFactory, {"channel": "email"}),
    ("messaging_message_waiting_has_its_next_attempt", MessageFactory, {"next_attempt_at": None}),
    (
        "messaging_message_waiting_has_its_next_attempt",
        MessageFactory,
        {"state": "sent", "sent_at": NOW},
    ),
    (
        "messaging_message_being_sent_says_since_when",
        MessageFactory,
        {"sending": True, "sending_since": None},
    ),
    ("messaging_message_being_sent_says_since_when", MessageFactory, {"sending_since": NOW}),
    ("messaging_message_sent_says_when", MessageFactory, {"sent": True, "sent_at": None}),
    ("messaging_message_settled_says_when", MessageFactory, {"failed": True, "settled_at": None}),
    ("messaging_message_settled_says_when", MessageFactory, {"settled_at": NOW}),
    ("messaging_message_failed_says_why", MessageFactory, {"failed": True, "reason": ""}),
    ("messaging_message_reference_fits_in_two_bytes", MessageFactory, {"reference": 65536}),
    (
        "messaging_receipt_names_a_message",
        make(DeliveryReceipt),
        {"channel": "sms", "fate": "delivered", "received_at": NOW},
    ),
    ("messaging_inbound_text_unclear_answers_nothing", InboundTextFactory, {"is_clear": False}),
    ("messaging_text_piece_has_its_place", make(TextPiece), piece | {"number": 3}),
    ("messaging_text_piece_has_its_place", make(TextPiece), piece | {"number": 0}),
    (
        "messaging_template_mail_has_a_subject",
        make(MessageTemplate),
        {"code": "a", "channel": "email"},
    ),
    (
        "messaging_template_mail_has_a_subject",
        make(MessageTemplate),
        {"code": "a", "channel": "sms", "subject": "b"},
    ),
    ("messaging_phone_code_tried_five_times_at_most", PhoneCodeFactory, {"attempts": 6}),
    ("messaging_phone_code_expires_after_it_was_issued", PhoneCodeFactory, {"expires_at": NOW}),
    (
        "messaging_phone_code_used_in_its_time",
        PhoneCodeFactory,
        {"used_at": NOW + timedelta(hours=1)},
    ),
    (
        "messaging_carrier_alert_is_about_a_break",
        make(CarrierState),
        {"channel": "sms", "is_up": True, "since": NOW, "told_at": NOW},
    ),
]


@pytest.mark.parametrize(("name", "create", "values"), BROKEN, ids=[b[0] for b in BROKEN])
def test_a_row_that_lies_is_refused(name, create, values):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        create(**values)


same = {"to": "+33612345678", "origin": "broker/invitation/1", "text": "x"}
TWICE = [
    (
        "messaging_message_reference_is_its_own_while_sending",
        MessageFactory,
        {"sending": True, "reference": 5},
    ),
    ("messaging_message_waits_once", MessageFactory, same),
    ("messaging_inbound_text_is_taken_once", InboundTextFactory, {"carrier_key": "k"}),
    ("messaging_text_piece_waits_once", make(TextPiece), piece),
    ("messaging_template_is_written_once", make(MessageTemplate), {"code": "a", "channel": "sms"}),
    ("messaging_phone_code_is_the_only_one_open", PhoneCodeFactory, {}),
    (
        "messaging_unkept_is_one_line_a_kind",
        make(Unkept),
        {"channel": "sms", "what": "text", "why": "a", "times": 1, "first_at": NOW, "last_at": NOW},
    ),
]


@pytest.mark.parametrize(("name", "create", "values"), TWICE, ids=[b[0] for b in TWICE])
def test_what_is_said_to_be_one_cannot_be_two(name, create, values):
    create(**values)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        create(**values)


def test_every_constraint_has_its_test():
    from django.apps import apps

    named = {b[0] for b in (*BROKEN, *TWICE)}
    ours = {
        c.name for m in apps.get_app_config("messaging").get_models() for c in m._meta.constraints
    }
    assert ours == named
