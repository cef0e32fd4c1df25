"""A carrier that refuses whatever it is given: its setting is at fault, and no message is lost."""

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.messaging import services
from cordee.messaging.gateways import Accepted, LinkChanged, RefusedError
from cordee.messaging.gateways.http import Account, HttpGateway
from cordee.messaging.models import CarrierState, Channel, Message
from cordee.messaging.rules import MOST_ATTEMPTS, OF_EVERYBODY, OF_NUMBERS, Fault, Refusals
from cordee.pathways.models import Task
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.messaging import MessageFactory
from tests.messaging.test_carrier_fails import Round, states
from tests.messaging.test_strange_carrier import Talker
from tests.support import NOW, Browser, facts, orienteuse_of, run_jobs

WRONG_FIELD = RefusedError("http.400")


class Picky:
    """Refuses these numbers, or everybody."""

    def __init__(self, *numbers, everybody=False):
        self.numbers, self.everybody, self.asked = set(numbers), everybody, []
        self.why = WRONG_FIELD

    async def send(self, message):
        self.asked.append(message.to)
        if self.everybody or message.to in self.numbers:
            raise self.why
        return Accepted((f"x-{message.key}",), delivered=True)


@pytest.fixture
def desk(transactional_db):
    return OrganizationFactory()


@pytest.fixture
def round_(desk):
    """A postman at its first steps: it has never seen its carrier take anything."""
    found = Round()
    found.postman.gateway = found.carrier = Picky()
    return found


def write(desk, count=1, **more):
    return MessageFactory.create_batch(count, organization=desk, **more)


def delayed():
    run_jobs()
    return list(Task.objects.open().filter(kind="carrier_down"))


def test_a_field_wrongly_named_keeps_every_message_and_is_told_once(desk, round_):
    administrator = MembershipFactory(role="administrator", since=NOW.date()).account
    write(desk, 5)
    round_.carrier.everybody = True
    round_.pass_time(10)
    assert states() == ["queued"] * 5
    assert max(Message.objects.filter(channel="sms").values_list("attempts", flat=True)) <= 1
    assert facts("messaging.delivery_failed") == []
    assert len(facts("messaging.carrier_down")) == 1
    (task,) = delayed()
    assert task.organization == desk
    written = Message.objects.filter(template="pathways.carrier_refuses")
    assert [one.to for one in written] == [administrator.email]

    round_.carrier.everybody = False
    round_.pass_time(2)
    assert states() == ["delivered"] * 5 + ["queued"]  # the e-mail has its own carrier
    assert len(facts("messaging.carrier_up")) == 1
    assert delayed() == []


def test_the_screen_says_that_a_setting_is_at_fault(desk, round_):
    write(desk, 3)
    round_.carrier.everybody = True
    round_.pass_time(2)
    shown = Browser().as_(orienteuse_of(desk)).get(reverse("messaging:list")).text
    assert "refuse tous les messages" in shown
    assert "http.400" in shown
    assert "ne répond pas" not in shown


def test_one_bad_number_among_others_fails_alone_and_soon(desk, round_):
    (bad,) = write(desk, to="+33612340001")
    round_.carrier.numbers = {bad.to}
    write(desk, 2)
    round_.pass_time(2)
    assert states() == ["delivered", "delivered", "failed"]
    assert round_.carrier.asked.count(bad.to) == 2
    assert facts("messaging.carrier_down") == []
    assert CarrierState.objects.filter(is_up=False).count() == 0


def test_it_breaks_while_it_was_working_and_loses_nothing_either(desk, round_):
    write(desk)
    round_.pass_time(1)
    round_.carrier.everybody = True
    write(desk, 4)
    round_.pass_time(6)
    assert states() == ["delivered"] + ["queued"] * 4
    assert facts("messaging.delivery_failed") == []


def test_three_bad_numbers_in_a_row_fail_once_another_passes(desk, round_):
    bad = write(desk, 3)
    round_.carrier.numbers = {one.to for one in bad}
    round_.pass_time(2)
    assert states() == ["queued"] * 3
    write(desk)
    round_.pass_time(4)
    assert states() == ["delivered"] + ["failed"] * 3
    assert len(facts("messaging.carrier_up")) == len(facts("messaging.carrier_down")) == 1


def test_one_message_refused_in_a_house_that_writes_to_nobody_else_is_given_up(desk, round_):
    write(desk)
    round_.carrier.everybody = True
    round_.pass_time(60)
    assert states() == ["failed"]
    assert len(round_.carrier.asked) == MOST_ATTEMPTS
    assert facts("messaging.carrier_down") == []


def opens_again(round_, gateway=None):
    """The process of the carriers begins anew, as after an update."""
    anew = Round()
    anew.now = round_.now
    gateway = gateway or HttpGateway(Account("https://operateur.example/sms", "jeton"))

    async def begin():
        await gateway.open(anew.postman._hear)
        await gateway.close()

    async_to_sync(begin)()


@pytest.mark.parametrize("gateway", [None, Talker(LinkChanged(up=True))], ids=["http", "smpp"])
def test_a_carrier_that_refuses_everybody_is_not_told_up_by_beginning_anew(desk, round_, gateway):
    write(desk, 3)
    round_.carrier.everybody = True
    round_.pass_time(3)
    opens_again(round_, gateway)
    assert facts("messaging.carrier_up") == []
    assert len(delayed()) == 1
    round_.carrier.everybody = False
    round_.pass_time(2)
    assert len(facts("messaging.carrier_up")) == 1
    assert delayed() == []


def test_what_only_our_own_process_kept_from_leaving_is_told_up_when_it_begins(desk, round_):
    for minutes in (0, 5):
        now = NOW + timedelta(minutes=minutes)
        why = "messaging.nobody_carries"
        services.watch_link(actor=SYSTEM, channel=Channel.SMS, is_up=False, reason=why, now=now)
    assert len(facts("messaging.carrier_down")) == 1
    opens_again(round_)
    assert len(facts("messaging.carrier_up")) == 1


ONE, TWO, THREE = (f"+3361234000{n}" for n in range(1, OF_EVERYBODY + 1))


def refused(*said, takes=False):
    found = Refusals(takes=takes)
    for number, reason in said:
        found = found.and_of(number, reason)
    return found


@pytest.mark.parametrize(
    ("seen", "attempts", "fault"),
    [
        (refused((ONE, "a")), 7, Fault.UNKNOWN),
        (refused((ONE, "a"), takes=True), 1, Fault.UNKNOWN),
        (refused((ONE, "a"), takes=True), 2, Fault.ITS_OWN),
        (refused((TWO, "a"), (ONE, "a"), takes=True), 2, Fault.UNKNOWN),
        (refused(*[(ONE, "a")] * 9), 7, Fault.UNKNOWN),
        (refused((THREE, "a"), (TWO, "a"), (ONE, "a")), 1, Fault.CARRIER),
        (refused((THREE, "a"), (TWO, "b"), (ONE, "a")), 1, Fault.UNKNOWN),
        (refused((THREE, "a"), (TWO, "a"), (ONE, "a")).taken(), 2, Fault.ITS_OWN),
    ],
)
def test_whose_fault_a_refusal_is(seen, attempts, fault):
    assert seen.fault(ONE, attempts) is fault


def test_what_it_takes_tells_the_numbers_refused_before_from_the_next_ones():
    seen = refused((ONE, "a"), (TWO, "a"), (THREE, "a")).taken().taken()
    again = seen.and_of(ONE, "a").and_of("+33612340009", "a")
    assert again.fault(ONE, 2) is Fault.ITS_OWN
    assert again.numbers == {"+33612340009"}


def test_a_refusal_is_weighed_again_at_each_attempt_until_its_hour(desk, round_):
    message = write(desk, expires_at=NOW + timedelta(minutes=5))[0]
    round_.carrier.everybody = True
    round_.pass_time(8)
    message.refresh_from_db()
    assert (message.state, message.reason) == ("failed", "messaging.expired")


def named(many):
    return [(f"+33612340{n:03}", "ESME_RINVDSTADR") for n in range(1, many + 1)]


@pytest.mark.parametrize(
    ("seen", "fault"),
    [
        (refused(*named(OF_EVERYBODY), takes=True), Fault.ITS_OWN),
        (refused(*named(OF_NUMBERS - 1), takes=True), Fault.ITS_OWN),
        (refused(*named(OF_NUMBERS), takes=True), Fault.CARRIER),
        (refused(*named(OF_EVERYBODY)), Fault.CARRIER),  # perhaps the form of all our numbers
    ],
)
def test_numbers_that_the_carrier_says_are_wrong_are_not_its_own_fault_so_soon(seen, fault):
    assert seen.fault("+33612340001", 2) is fault


def test_a_house_that_writes_to_bad_numbers_alone_is_told_of_each_and_of_no_carrier(desk, round_):
    write(desk)
    round_.pass_time(1)  # the carrier takes what is for others
    round_.carrier.why = RefusedError("ESME_RINVDSTADR")
    round_.carrier.everybody = True
    write(desk, 4)
    round_.pass_time(3)
    assert states() == ["delivered"] + ["failed"] * 4
    assert len(facts("messaging.delivery_failed")) == 4
    assert facts("messaging.carrier_down") == []
