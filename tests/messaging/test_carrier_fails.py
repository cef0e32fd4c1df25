"""A carrier that answers, and takes nothing: nothing is lost, and somebody is told."""

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync

from cordee.access.actor import SYSTEM
from cordee.messaging import services
from cordee.messaging.gateways import Accepted, FailingError, PostponedError, RefusedError
from cordee.messaging.models import CarrierState, Channel, Message
from cordee.messaging.postman import Postman
from cordee.messaging.rules import MOST_ATTEMPTS, most_attempts
from cordee.messaging.wordings import said_reason
from tests.factories.messaging import MessageFactory
from tests.messaging.test_gateways import MailPeer, opened, outgoing
from tests.support import NOW, facts

DOWN = FailingError("http.503")


class Carrier:
    """Answers what it is told to, message by message."""

    def __init__(self):
        self.fails = lambda message: True

    async def send(self, message):
        if self.fails(message):
            raise DOWN
        return Accepted((f"x-{message.key}",), delivered=True)


class Round:
    """A postman whose every step is taken by the test, and its clock."""

    def __init__(self):
        self.carrier, self.now = Carrier(), NOW
        self.postman = Postman(Channel.SMS, self.carrier, SYSTEM, lambda: self.now)

    def carry(self):
        """Carry what is due; say what became of it."""
        message = services.claim(actor=SYSTEM, channel=Channel.SMS, now=self.now)
        if message is None:
            return None
        async_to_sync(self.postman._hand_over)(message)
        message.refresh_from_db()
        return message

    def pass_time(self, minutes):
        """Carry all that comes due in so many minutes."""
        until = self.now + timedelta(minutes=minutes)
        while self.now < until:
            while self.carry():
                pass
            self.now += timedelta(minutes=1)


@pytest.fixture
def round_(transactional_db):
    return Round()


def states():
    return sorted(Message.objects.values_list("state", flat=True))


def test_an_hour_of_failures_loses_nothing_and_is_told(round_):
    MessageFactory.create_batch(2)
    round_.pass_time(45)
    assert states() == ["queued"] * 2
    assert max(Message.objects.values_list("attempts", flat=True)) <= 1
    assert len(facts("messaging.carrier_down")) == 1
    assert said_reason(CarrierState.objects.get().reason) == "l’opérateur est en panne"

    round_.carrier.fails = lambda message: False
    round_.pass_time(2)
    assert states() == ["delivered"] * 2
    assert len(facts("messaging.carrier_up")) == 1


def test_a_message_that_alone_does_not_pass_is_given_up_and_holds_nobody(round_):
    bad = MessageFactory()
    round_.carrier.fails = lambda message: message.key == str(bad.pk)
    for _ in range(MOST_ATTEMPTS):
        bad.refresh_from_db()
        round_.now = bad.next_attempt_at
        other = MessageFactory(next_attempt_at=round_.now - timedelta(seconds=1))
        assert (round_.carry(), round_.carry()) == (other, bad)
    bad.refresh_from_db()
    assert (bad.state, bad.reason) == ("failed", "http.503")
    assert states() == ["delivered"] * MOST_ATTEMPTS + ["failed"]
    assert facts("messaging.carrier_down") == []


def test_a_mail_that_is_put_off_is_tried_for_a_day(db):
    """RFC 5321 §4.5.4.1: a server that greets nobody at once is tried again, and for long."""
    message = MessageFactory(channel="email", to="a@exemple.fr")
    now = NOW
    while message.state == "queued":
        now = message.next_attempt_at
        services.claim(actor=SYSTEM, channel=Channel.EMAIL, now=now)
        message.refresh_from_db()
        services.postpone(actor=SYSTEM, message=message, reason="smtp.451", now=now)
        message.refresh_from_db()
    assert message.attempts == most_attempts("email")
    assert now - NOW > timedelta(hours=18)


class Server(MailPeer):
    """A mail server that refuses where it is told to."""

    def __init__(self, where, answer):
        self.where, self.word = where, answer

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.where == "mail":
            return self.word
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.where == "rcpt":
            return self.word
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.mark.parametrize(
    ("where", "answer", "error"),
    [
        ("mail", "421 plus tard", FailingError),
        ("mail", "530 qui êtes-vous", FailingError),
        ("mail", "550 expéditeur inconnu", FailingError),
        ("rcpt", "421 plus tard", FailingError),
        ("rcpt", "452 plus de place", FailingError),
        ("rcpt", "451 liste grise", PostponedError),
        ("rcpt", "550 inconnu", RefusedError),
    ],
)
async def test_a_mail_server_that_fails_is_told_from_an_address_that_does(where, answer, error):
    answer = answer.encode("ascii", "replace").decode()
    with Server(where, answer) as there:
        async with opened(there.gateway()) as gateway:
            with pytest.raises(error):
                await gateway.send(outgoing(there))
            there.where = ""
            assert (await gateway.send(outgoing(there, "m2"))).carrier_ids
    assert len(there.letters) == 1
