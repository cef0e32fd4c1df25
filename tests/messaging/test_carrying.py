"""The state machine of a message, step by step, and the receipts that settle it."""

from datetime import timedelta

import pytest

from cordee.access.actor import SYSTEM
from cordee.messaging import selectors, services
from cordee.messaging.models import CarrierState, Channel, DeliveryReceipt, Message
from cordee.messaging.rules import DOUBT, GRACE, MOST_ATTEMPTS
from tests.factories.messaging import MessageFactory
from tests.support import NOW, facts, simultaneously

pytestmark = pytest.mark.django_db
SMS = Channel.SMS
LATER = NOW + DOUBT + timedelta(seconds=1)


def do(service, now=NOW, **arguments):
    return service(actor=SYSTEM, now=now, **arguments)


def receipt(fate="delivered", carrier_id="", reference=None, reason="", now=NOW):
    row = DeliveryReceipt(carrier_id=carrier_id, reference=reference, fate=fate, reason=reason)
    return do(services.record_receipt, now, channel=SMS, receipt=row)


def sent(message, *carrier_ids, delivered=False):
    return do(services.mark_sent, message=message, carrier_ids=carrier_ids, delivered=delivered)


def state(message):
    message.refresh_from_db()
    return message.state


def test_a_message_is_claimed_once():
    message = MessageFactory()
    assert do(services.claim, channel=SMS) == message
    assert state(message) == "sending"
    assert do(services.claim, channel=SMS) is None


@pytest.mark.django_db(transaction=True)
def test_simultaneous_postmen_never_take_the_same_message():
    messages = MessageFactory.create_batch(6)
    taken = simultaneously(*[lambda: do(services.claim, channel=SMS) for _ in range(10)])
    assert [t for t in taken if isinstance(t, Exception)] == []
    assert sorted(t.pk for t in taken if t) == sorted(m.pk for m in messages)


def test_the_oldest_due_leaves_first_and_what_is_not_due_waits():
    MessageFactory(next_attempt_at=NOW + timedelta(seconds=1))
    second, first = MessageFactory(), MessageFactory(next_attempt_at=NOW - timedelta(hours=1))
    assert [do(services.claim, channel=SMS) for _ in range(3)] == [first, second, None]


def test_a_message_past_its_time_does_not_leave_and_says_so():
    message = MessageFactory(expires_at=NOW)
    assert do(services.claim, channel=SMS) is None
    assert (state(message), message.reason) == ("failed", "messaging.expired")
    assert facts("messaging.delivery_failed")[0]["data"]["message_id"] == str(message.pk)


def test_a_sent_message_is_delivered_by_its_receipt():
    message = MessageFactory(sending=True)
    sent(message, "c1")
    assert state(message) == "sent"
    receipt(carrier_id="c1")
    assert state(message) == "delivered"
    assert [f["data"]["template"] for f in facts("messaging.message_delivered")] == ["broker.ask"]


def test_a_receipt_that_overtakes_the_answer_waits_for_it():
    message = MessageFactory(sending=True)
    receipt(carrier_id="c1")
    assert state(message) == "sending"
    sent(message, "c1")
    assert state(message) == "delivered"


def test_a_long_text_has_arrived_when_each_of_its_pieces_has():
    message = MessageFactory(sending=True)
    sent(message, "c1", "c2", "c3")
    receipt(carrier_id="c3")
    receipt(carrier_id="c1")
    assert state(message) == "sent"
    receipt(carrier_id="c2")
    assert state(message) == "delivered"


def test_a_piece_that_failed_fails_the_text_and_tells_why():
    message = MessageFactory(sending=True)
    sent(message, "c1", "c2")
    receipt("failed", "c2", reason="UNDELIV 0x1F")
    assert (state(message), message.reason) == ("failed", "UNDELIV 0x1F")
    assert facts("messaging.delivery_failed")[0]["data"]["reason"] == "UNDELIV 0x1F"


def test_receipts_out_of_order_do_not_undo_an_arrival():
    message = MessageFactory(sending=True)
    sent(message, "c1")
    for fate in ("delivered", "underway", "failed", "delivered"):
        receipt(fate, "c1")
    assert state(message) == "delivered"
    assert len(facts("messaging.message_delivered")) == 1


def test_an_arrival_after_a_failure_is_an_arrival():
    message = MessageFactory(sending=True)
    sent(message, "c1")
    receipt("failed", "c1", reason="EXPIRED")
    receipt("delivered", "c1")
    assert (state(message), message.reason) == ("delivered", "")


def test_a_receipt_of_nobody_is_kept_and_changes_nothing():
    message = MessageFactory(sent=True)
    kept = receipt(carrier_id="unknown", reference=message.reference)
    assert kept.message is None
    assert state(message) == "sent"


def test_a_carrier_without_receipts_settles_at_once():
    message = MessageFactory(sending=True)
    sent(message, "essai-1", delivered=True)
    assert state(message) == "delivered"


def test_a_lost_postman_is_noticed_and_the_message_leaves_again_in_doubt():
    message = MessageFactory(sending=True)
    assert do(services.settle_doubts, NOW + timedelta(minutes=1), channel=SMS) == 0
    assert do(services.settle_doubts, LATER, channel=SMS) == 1
    assert (state(message), message.in_doubt) == ("queued", True)
    assert do(services.claim, LATER, channel=SMS).in_doubt


@pytest.mark.parametrize(
    ("channel", "attempts", "is_lost"),
    [("sms", 7, False), ("sms", 8, True), ("email", 8, False), ("email", 56, True)],
)
def test_a_message_in_doubt_is_given_up_after_as_many_attempts_as_its_channel_has(
    channel, attempts, is_lost
):
    message = MessageFactory(
        channel=channel,
        to="+33612345678" if channel == "sms" else "a@example.fr",
        subject="" if channel == "sms" else "Objet",
        attempts=attempts - 1,
    )
    do(services.claim, channel=Channel(channel))
    do(services.settle_doubts, LATER, channel=Channel(channel))
    assert state(message) == ("failed" if is_lost else "queued")
    assert message.reason == ("messaging.doubtful" if is_lost else "messaging.postman_lost")


def test_a_receipt_by_reference_proves_that_a_doubtful_message_had_left():
    message = MessageFactory(sending=True)
    do(services.doubt, message=message, reason="smpp.broken")
    receipt(carrier_id="c9", reference=message.reference)
    assert (state(message), message.carrier_ids) == ("delivered", ["c9"])


def test_a_receipt_before_the_doubt_keeps_the_message_from_leaving_again():
    message = MessageFactory(sending=True)
    receipt("underway", "c9", message.reference)
    assert state(message) == "sending"
    do(services.settle_doubts, LATER, channel=SMS)
    assert (state(message), message.in_doubt) == ("sent", False)


def test_a_receipt_reaches_a_message_already_queued_again():
    message = MessageFactory(sending=True)
    do(services.settle_doubts, LATER, channel=SMS)
    receipt(carrier_id="c9", reference=message.reference, now=LATER)
    assert state(message) == "delivered"
    assert do(services.claim, LATER, channel=SMS) is None


def test_a_message_is_tried_eight_times_then_fails_with_its_reason():
    message, now = MessageFactory(), NOW
    for _ in range(MOST_ATTEMPTS):
        assert do(services.claim, now, channel=SMS) == message
        do(services.postpone, now, message=message, reason="ESME_RSYSERR")
        message.refresh_from_db()
        now = message.next_attempt_at or now
    assert (state(message), message.reason) == ("failed", "ESME_RSYSERR")


def test_waiting_for_the_carrier_is_not_an_attempt():
    message, now = MessageFactory(), NOW
    for _ in range(MOST_ATTEMPTS * 3):
        do(services.claim, now, channel=SMS)
        do(
            services.postpone,
            now,
            message=message,
            reason="x.unreachable",
            delay=timedelta(minutes=1),
        )
        now += timedelta(minutes=1)
    assert (state(message), message.attempts) == ("queued", 0)


def test_a_refused_message_fails_at_once():
    message = MessageFactory(sending=True)
    do(services.give_up, message=message, reason="ESME_RINVDSTADR")
    assert (state(message), message.reason) == ("failed", "ESME_RINVDSTADR")


def test_a_late_answer_of_a_slow_postman_settles_what_was_queued_again():
    message = MessageFactory(sending=True)
    do(services.settle_doubts, LATER, channel=SMS)
    sent(message, "c1")
    assert state(message) == "sent"


# -- the link ------------------------------------------------------------------------------------


def watch(is_up, seconds=0):
    return do(services.watch_link, NOW + timedelta(seconds=seconds), channel=SMS, is_up=is_up)


def test_a_link_that_flickers_alerts_nobody():
    watch(True), watch(False), watch(False, 29), watch(True, 29)
    assert facts("messaging.carrier_down") == facts("messaging.carrier_up") == []


def test_a_link_down_for_a_while_alerts_once_and_its_return_too():
    watch(False), watch(False, 31), watch(False, 40), watch(True, 60), watch(True, 70)
    assert len(facts("messaging.carrier_down")) == len(facts("messaging.carrier_up")) == 1
    assert CarrierState.objects.get().is_up


def test_what_waited_for_the_link_leaves_when_it_is_back():
    hour = NOW + timedelta(hours=1)
    waited = MessageFactory(next_attempt_at=hour, reason="smpp.unbound")
    other = MessageFactory(next_attempt_at=hour, reason="ESME_RSYSERR")
    watch(False), watch(True)
    waited.refresh_from_db(), other.refresh_from_db()
    assert (waited.next_attempt_at, other.next_attempt_at) == (NOW, hour)


def test_an_accepted_message_proves_the_link():
    watch(False)
    sent(MessageFactory(sending=True), "c1")
    assert CarrierState.objects.get().is_up


def test_a_break_is_told_only_when_there_is_something_to_tell():
    assert selectors.is_break_to_tell(SMS, is_up=False, now=NOW)
    assert not selectors.is_break_to_tell(SMS, is_up=True, now=NOW)
    watch(False)
    assert not selectors.is_break_to_tell(SMS, is_up=False, now=NOW)
    assert selectors.is_break_to_tell(SMS, is_up=False, now=NOW + GRACE)


def test_messages_that_nobody_carries_are_noticed():
    from cordee.messaging.jobs import watch_outbox

    MessageFactory(next_attempt_at=NOW - timedelta(days=365))  # the job reads its own clock
    watch_outbox()
    assert CarrierState.objects.get().reason == "messaging.nobody_carries"
    assert Message.objects.get().state == "queued"


# -- a text in several pieces, whose postman died between two of them -----------------------------


def in_two():
    return MessageFactory(sending=True, text="Recherche en cours, répondez OUI 4821. " * 6)


@pytest.mark.parametrize("noticed", [False, True])
def test_a_piece_that_arrived_does_not_settle_a_text_that_had_left_in_part(noticed):
    """The nurse got half a question, without its code: the whole leaves again."""
    message = in_two()
    if noticed:
        do(services.doubt, message=message, reason="smpp.broken")
    receipt(carrier_id="c1", reference=message.reference)
    receipt("underway", carrier_id="c1", reference=message.reference)
    do(services.settle_doubts, LATER, channel=SMS)
    assert state(message) == "queued"
    assert do(services.claim, LATER, channel=SMS) == message
    sent(message, "c2", "c3")
    receipt(carrier_id="c2"), receipt(carrier_id="c3")
    assert state(message) == "delivered"


@pytest.mark.parametrize("noticed", [False, True])
def test_the_receipts_of_every_piece_settle_a_text_in_doubt(noticed):
    message = in_two()
    if noticed:
        do(services.doubt, message=message, reason="smpp.broken")
    receipt(carrier_id="c1", reference=message.reference)
    receipt(carrier_id="c2", reference=message.reference)
    do(services.settle_doubts, LATER, channel=SMS)
    assert (state(message), message.in_doubt) == ("delivered", False)


def test_a_carrier_that_names_no_piece_is_counted():
    message = in_two()
    receipt(reference=message.reference)
    do(services.settle_doubts, LATER, channel=SMS)
    assert state(message) == "queued"
    receipt(reference=message.reference)
    assert state(message) == "delivered"


def test_a_piece_taken_twice_is_not_two_pieces():
    """Killed twice on the first piece: the second has still to leave."""
    message = in_two()
    receipt(carrier_id="c1", reference=message.reference)
    do(services.settle_doubts, LATER, channel=SMS)
    assert selectors.pieces_taken(do(services.claim, LATER, channel=SMS)) == 1
    do(services.settle_doubts, LATER + DOUBT, channel=SMS)
    assert state(message) == "queued"


def test_each_piece_is_kept_as_soon_as_the_carrier_has_it():
    message = in_two()
    do(services.mark_piece, message=message, carrier_id="c1")
    receipt(carrier_id="c1", reference=message.reference)
    message.refresh_from_db()
    assert (message.carrier_ids, selectors.pieces_taken(message)) == (["c1"], 1)
    assert sent(message, "c2").carrier_ids == ["c1", "c2"]
