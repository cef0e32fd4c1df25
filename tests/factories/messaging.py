"""Messages and texts, made up for tests."""

from datetime import timedelta

import factory

from cordee.messaging import models
from tests.factories.base import RecordFactory
from tests.factories.directory import OrganizationFactory
from tests.support import NOW


class MessageFactory(RecordFactory):
    """A text that waits; traits for each other state."""

    class Meta:
        model = models.Message

    class Params:
        sending = factory.Trait(
            state="sending", next_attempt_at=None, sending_since=NOW, attempts=1
        )
        sent = factory.Trait(
            state="sent", next_attempt_at=None, sent_at=NOW, attempts=1, carrier_ids=["c0001"]
        )
        failed = factory.Trait(
            state="failed", next_attempt_at=None, settled_at=NOW, reason="UNDELIV 001", attempts=1
        )

    channel = "sms"
    to = factory.Sequence("+336120{:05d}".format)
    organization = factory.SubFactory(OrganizationFactory)
    template = "broker.ask"
    text = "SIO : recherche en cours. Répondez OUI 4821 ou NON 4821"
    next_attempt_at = NOW


class InboundTextFactory(RecordFactory):
    class Meta:
        model = models.InboundText

    sender = "+33612000000"
    text = "oui 4821"
    received_at = NOW
    is_clear = True
    answers = ["yes:4821"]
    codes = ["4821"]


class PhoneCodeFactory(RecordFactory):
    class Meta:
        model = models.PhoneCode

    to = "+33612000000"
    origin = "directory/practice/x"
    hash = bytes(32)
    issued_at = NOW
    expires_at = NOW + timedelta(minutes=10)
