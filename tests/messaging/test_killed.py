"""The real process, `manage.py sms`, and a real message centre: killed, cut off, slowed down."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta

import pytest
import smpp34
from django.conf import settings
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.messaging import services
from cordee.messaging.models import CarrierState, InboundText, Message
from tests.factories.messaging import MessageFactory
from tests.messaging.centre import MessageCentre, Wire, eventually
from tests.support import arranging, facts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.machine_clock]


def postman(port, *, hands=1):
    return process_of(
        ["--channel", "sms", "--hands", str(hands)],
        {
            "CORDEE_SMS_GATEWAY": "smpp",
            "CORDEE_SMPP_HOST": "127.0.0.1",
            "CORDEE_SMPP_PORT": str(port),
            "CORDEE_SMPP_SYSTEM_ID": "cordee",
            "CORDEE_SMPP_PASSWORD": "secret",
            "CORDEE_SMPP_SOURCE": "38600",
            "CORDEE_SMS_PER_SECOND": "200",
        },
    )


@contextmanager
def process_of(arguments, environment):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sms", *arguments],
        env=os.environ
        | {
            "DATABASE_URL": settings.SERVER.app_url(settings.TEST_DATABASE),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(15)


def waiting(count):
    return MessageFactory.create_batch(count, next_attempt_at=timezone.now())


def states():
    return sorted(Message.objects.values_list("state", flat=True))


def received_once(centre):
    numbers = [taken.to for taken in centre.submitted]
    return len(numbers) == len(set(numbers))


def long_ago():
    """Let the time of doubt pass, without waiting for it."""
    with arranging():
        for message in Message.objects.filter(state="sending"):
            message.sending_since -= timedelta(minutes=5)
            message.save()


def test_a_postman_killed_between_two_messages_neither_repeats_nor_forgets_one():
    """Killed without a word (-9) again and again while it empties the outbox."""
    messages = waiting(12)
    with MessageCentre(receipts=True) as centre:
        for killed_after in (4, 8):
            with postman(centre.port) as process:
                eventually(lambda n=killed_after: len(centre.submitted) >= n)
                process.kill()
                process.wait(15)
            long_ago()
        with postman(centre.port):
            eventually(lambda: states() == ["delivered"] * 12)

        assert received_once(centre)
        assert {taken.to for taken in centre.submitted} == {m.to.lstrip("+") for m in messages}
        assert len(facts("messaging.message_delivered")) == 12


def test_a_message_taken_but_not_answered_when_the_postman_dies_is_not_repeated():
    """The carrier has it, the postman never knew: the receipt settles it."""
    waiting(1)
    with MessageCentre() as centre, Wire(centre.port) as wire:
        wire.swallow_answers = True
        with postman(wire.port) as process:
            eventually(lambda: centre.submitted)
            process.kill()
            process.wait(15)
        assert states() == ["sending"]
        wire.swallow_answers = False
        with postman(wire.port):
            centre.receipt(centre.submitted[0])
            eventually(lambda: Message.objects.get().receipts.exists())
            long_ago()
            eventually(lambda: states() == ["delivered"])
        assert len(centre.submitted) == 1


def test_a_message_that_never_reached_the_carrier_when_the_postman_dies_is_not_forgotten():
    waiting(1)
    with MessageCentre(receipts=True) as centre, Wire(centre.port) as wire:
        wire.swallow = True
        with postman(wire.port) as process:
            eventually(lambda: wire.seen[0x04])
            process.kill()
            process.wait(15)
        assert (states(), centre.submitted) == (["sending"], [])
        wire.swallow = False
        long_ago()
        with postman(wire.port):
            eventually(lambda: states() == ["delivered"])
        assert len(centre.submitted) == 1


def test_two_postmen_share_an_outbox_without_a_double():
    with (
        MessageCentre(receipts=True) as centre,
        postman(centre.port, hands=4),
        postman(centre.port, hands=4),
    ):
        eventually(lambda: len(centre.esmes) == 2)  # else the first may end before the second came
        waiting(30)
        eventually(lambda: states() == ["delivered"] * 30)
        assert received_once(centre)


def test_a_carrier_away_delays_alerts_and_loses_nothing():
    waiting(3)
    with MessageCentre(receipts=True) as centre, Wire(centre.port) as wire:
        wire.down = True
        with postman(wire.port):
            state = eventually(lambda: CarrierState.objects.filter(is_up=False).first())
            state.since -= timedelta(minutes=1)
            state.save()
            eventually(lambda: facts("messaging.carrier_down"))
            assert states() == ["queued"] * 3
            wire.down = False
            eventually(lambda: states() == ["delivered"] * 3, 90)
            assert len(facts("messaging.carrier_up")) == 1
        assert received_once(centre)


def test_a_link_cut_in_the_middle_of_a_batch_loses_and_doubles_nothing():
    waiting(20)
    with MessageCentre(receipts=True) as centre, Wire(centre.port) as wire:
        with postman(wire.port, hands=2):
            eventually(lambda: len(centre.submitted) >= 5)
            wire.cut()
            eventually(lambda: centre.sessions and len(centre.esmes) == 2)
            eventually(lambda: "queued" not in states())
            long_ago()
            eventually(lambda: set(states()) == {"delivered"})
        assert received_once(centre)


def test_a_carrier_that_says_slower_is_obeyed_and_every_message_arrives():
    waiting(5)
    refusals = iter([smpp34.ESME_RTHROTTLED, smpp34.ESME_RMSGQFUL])
    with MessageCentre(receipts=True, policy=lambda event: next(refusals, None)) as centre:
        with postman(centre.port):
            eventually(lambda: states() == ["delivered"] * 5)
        assert centre.rejected == 2
        assert set(Message.objects.values_list("attempts", flat=True)) == {1}
        assert received_once(centre)


def test_what_phones_and_the_network_say_comes_back_through_the_process():
    waiting(1)
    with MessageCentre() as centre, postman(centre.port):
        eventually(lambda: states() == ["sent"])
        taken = centre.submitted[0]
        centre.receipt(taken, "UNDELIV", state=5, err="0x1F")
        centre.text(taken.to, "oui 4821")
        centre.text(taken.to, "Oui, d’accord 👍 4821", coding=8)
        centre.text(taken.to, b"\x05\x00\x03\x2a\x02\x01OUI 48", esm_class=0x40)
        centre.text(taken.to, b"\x05\x00\x03\x2a\x02\x0221", esm_class=0x40)
        eventually(lambda: InboundText.objects.count() == 3)
        assert states() == ["failed"]
        assert [t.answers for t in InboundText.objects.order_by("pk")] == [["yes:4821"]] * 3


def test_a_message_put_in_the_outbox_leaves_at_once():
    with MessageCentre(receipts=True) as centre, postman(centre.port):
        eventually(lambda: centre.sessions)
        services.send_text(
            actor=SYSTEM,
            to="0612345678",
            template="messaging.not_understood",
            context={},
            origin="test/alert/1",
            now=timezone.now(),
        )
        eventually(lambda: states() == ["delivered"])


def test_in_demonstration_texts_and_mails_arrive_on_their_page_and_leave_nowhere():
    waiting(2)
    MessageFactory(channel="email", to="a@exemple.fr", next_attempt_at=timezone.now())
    with process_of([], {}):
        eventually(lambda: states() == ["delivered"] * 3)
    assert {ids[0][:6] for ids in Message.objects.values_list("carrier_ids", flat=True)} == {
        "essai-"
    }


def test_the_process_stops_politely():
    with MessageCentre() as centre, Wire(centre.port) as wire:
        with postman(wire.port) as process:
            eventually(lambda: centre.sessions)
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0
        eventually(lambda: wire.seen[0x06] == 1)


def test_a_text_in_pieces_whose_postman_dies_twice_on_the_first_arrives_whole_and_once():
    MessageFactory(next_attempt_at=timezone.now(), text="Recherche en cours, OUI 4821. " * 8)
    killers = iter([True, True])

    def strike(event):
        if next(killers, False):
            running.kill()

    with MessageCentre(receipts=True, policy=strike) as centre:
        for _ in range(2):
            with postman(centre.port) as running:
                running.wait(60)
            long_ago()
        with postman(centre.port) as running:
            eventually(lambda: states() == ["delivered"])
        assert [one.data[5] for one in centre.submitted] == [1, 2]
