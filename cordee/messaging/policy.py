"""Who sees the outbox, who writes to it, and what a carrier may say."""

from typing import Any

from django.conf import settings
from django.db.models import Q

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.policy import NOTHING, allows, nobody, sees
from cordee.messaging.models import (
    CarrierState,
    DeliveryReceipt,
    InboundText,
    Message,
    MessageTemplate,
    PhoneCode,
    TextPiece,
    Unkept,
)

DESK = (Role.COORDINATOR, Role.ORIENTEUSE)

for technical in (DeliveryReceipt, TextPiece, PhoneCode):
    sees(technical)(nobody)


def of_the_sending_desk(path: str):  # type: ignore[no-untyped-def]
    """Scope of what a desk wrote: its own organisations, and Cordée itself."""

    def scope(actor: Actor) -> Q:
        if actor.role is Role.SYSTEM:
            return Q()
        return Q(**{f"{path}__in": actor.organizations}) if actor.role in DESK else NOTHING

    return scope


sees(Message)(of_the_sending_desk("organization"))


@sees(InboundText)
def answers_to_the_desk(actor: Actor) -> Q:
    """A reply is seen by the desks that wrote to that number: it answers one of them."""
    if actor.role is Role.SYSTEM:
        return Q()
    if actor.role not in DESK:
        return NOTHING
    asked = Message.objects.filter(organization__in=actor.organizations, channel="sms")
    return Q(sender__in=asked.values("to"))


@sees(MessageTemplate)
def words_are_known(actor: Actor) -> Q:
    """The desk reads them, administration writes them."""
    return Q() if actor.role in (*DESK, Role.ADMINISTRATOR, Role.SYSTEM) else NOTHING


@sees(CarrierState)
def links_are_known(actor: Actor) -> Q:
    """Whoever waits for an answer may know that nothing leaves."""
    return Q() if actor.role in (*DESK, Role.ADMINISTRATOR, Role.SYSTEM) else NOTHING


@sees(Unkept)
def who_sets_up_carriers(actor: Actor) -> Q:
    """Technical, and of nobody: for whoever can speak to the carrier."""
    return Q() if actor.role in (Role.ADMINISTRATOR, Role.SYSTEM) else NOTHING


@allows("messaging.send")
@allows("messaging.send_many")
@allows("messaging.withdraw")
def whoever_may_do_what_causes_it(actor: Actor, subject: Any = None) -> bool:
    """The gesture that writes a message was allowed; a visitor's too (a request is acknowledged).

    What a message may carry is not a matter of who: see `rules`.
    """
    return True


@allows("messaging.resend")
def the_desk_that_wrote(actor: Actor, message: Message) -> bool:
    """A desk sends its own message again."""
    return actor.role in DESK and message.organization_id in actor.organizations


def the_postman(actor: Actor, subject: Any = None) -> bool:
    """Only Cordée itself hands messages over."""
    return actor.role is Role.SYSTEM


for verb in (
    *("claim", "mark_piece", "mark_sent", "postpone", "give_up", "doubt", "settle_doubts"),
    "watch_link",
):
    allows(f"messaging.{verb}")(the_postman)


def the_carrier(actor: Actor, subject: Any = None) -> bool:
    """The carrier's link; the carrier's call with its token; the test phone in demonstration."""
    calls = actor.role is Role.PARTNER and actor.purpose is Purpose.TECHNICAL
    return actor.role is Role.SYSTEM or calls or settings.CORDEE.is_demonstration


for verb in ("receive_text", "record_receipt", "note_unkept"):
    allows(f"messaging.{verb}")(the_carrier)


@allows("messaging.issue_code")
def anyone_with_a_reason(actor: Actor, subject: Any = None) -> bool:
    """A code goes to a known number and proves only that one reads it; rates are limited."""
    return True


@allows("messaging.check_code")
def anyone_who_was_sent_one(actor: Actor, subject: Any = None) -> bool:
    """As for issuing."""
    return True


@allows("messaging.write_template")
def administration(actor: Actor, subject: Any = None) -> bool:
    """Words are administration's, under the guard of `rules.template_faults`."""
    return actor.role in (Role.ADMINISTRATOR, Role.SYSTEM)
