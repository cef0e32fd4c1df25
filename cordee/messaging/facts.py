"""What messaging tells the rooms above: identifiers and codes, never a word of a text."""

from datetime import datetime
from uuid import UUID

from cordee.kernel.facts import Fact


class TextReceived(Fact, kind="messaging.text_received"):
    """Un texto est arrivé d’un téléphone."""

    subject = "text_id"
    turn = "practitioner_id"  # the texts of one phone keep their order; others wait for none
    text_id: UUID
    practitioner_id: UUID | None
    organization_id: UUID | None  # the desk that last wrote to this phone: hers to read
    clear: bool
    stop: bool
    answers: list[str]  # « yes:4821 », « no: » — only when clear
    codes: list[str]


class OfMessage(Fact):
    """What every fact about a message carries: never its words."""

    thread, subject = "person_id", "message_id"
    message_id: UUID
    person_id: UUID | None
    practitioner_id: UUID | None
    origin: str
    template: str


class MessageDelivered(OfMessage, kind="messaging.message_delivered"):
    """Un message est arrivé à destination."""


class ArrivedAfterAll(OfMessage, kind="messaging.arrived_after_all"):
    """Un message que l’on croyait perdu est arrivé."""


class SentAgain(OfMessage, kind="messaging.sent_again"):
    """Un message qui n’avait pas été remis repart."""


class DeliveryFailed(OfMessage, kind="messaging.delivery_failed"):
    """Un message n’a pas pu être remis."""

    reason: str


class CarrierDown(Fact, kind="messaging.carrier_down"):
    """L’opérateur ne répond plus : les messages attendent, aucun n’est perdu."""

    subject = "channel"
    channel: str
    since: datetime
    reason: str


class CarrierUp(Fact, kind="messaging.carrier_up"):
    """L’opérateur répond de nouveau : ce qui attendait repart."""

    subject, waits_for = "channel", CarrierDown.kind
    channel: str
    since: datetime
