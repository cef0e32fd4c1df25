"""What a carrier says that no standard foresees: read as far as it goes, and it holds nothing."""

import asyncio
from contextlib import suppress

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.messaging import services
from cordee.messaging.gateways import Fate, LinkChanged, Receipt, TextReceived, http, pdu
from cordee.messaging.gateways.smpp import Account, SmppGateway
from cordee.messaging.models import Channel, DeliveryReceipt, InboundText
from cordee.messaging.postman import Postman
from tests.messaging.centre import MessageCentre

LONG = "9" * 300
KEEP = {"carrier_id", "reference", "reason"}


def deliver(esm_class, body, options):
    tags = {int(tag[1:], 16): value for tag, value in options.items()}
    return pdu.Deliver(1, "336", "386", esm_class, 3, body, tags)


def receipt(body=b"", **options):
    return pdu.receipt_of(deliver(4, body, options))


def text(body=b"oui", **options):
    return pdu.text_of(deliver(0, body, options))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        receipt(f"id:{LONG} stat:DELIVRD err:{LONG}".encode()),
        receipt(b"id:a\x00b stat:UNDELIV err:0\x000"),
        receipt(x001E=b"a\x00b\x00", x0204=b"\x01" * 9, x0427=b"\x02"),
        http.read_call(
            {"id": "a\x00b", "status": "failed", "reason": "\ud800"}, http.Account("", "")
        ),
    ],
)
def test_a_receipt_can_be_kept_whatever_its_carrier_calls_things(said):
    names = {name: getattr(said, name) for name in KEEP}
    row = DeliveryReceipt(fate=said.fate.value, **names)
    services.record_receipt(actor=SYSTEM, channel=Channel.SMS, receipt=row, now=timezone.now())
    assert row.pk
    assert row.carrier_id.startswith(("9", "ab"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        text(x020C=b"\1" * 9, x020E=b"\2", x020F=b"\1"),
        text(x020C=b"\1", x020E=b"\1\0", x020F=b"\1"),
        http.read_call({"from": "33612345678\x00", "text": "oui\ud800"}, http.Account("", "")),
    ],
)
def test_a_text_can_be_kept_whatever_comes_with_it(said):
    heard = services.Heard(said.sender, said.text, said.carrier_key, said.joined)
    assert services.receive_text(actor=SYSTEM, heard=heard, now=timezone.now()).text[:3] == "oui"


@pytest.mark.django_db
def test_an_emoji_cut_between_two_pieces_is_whole_again():
    """Each half became a sign of its own, which nobody reads: a plain yes went to a human."""
    data, cut = "OUI 4821 🙂 merci".encode("utf-16-be"), 20  # in the middle of the emoji
    pieces = [(2, data[cut:]), (1, data[:cut])]
    for number, piece in pieces:
        header = bytes([5, 0, 3, 9, 2, number])
        said = pdu.text_of(pdu.Deliver(1, "33612345678", "386", 0x40, 8, header + piece, {}))
        heard = services.Heard(said.sender, said.text, said.carrier_key, said.joined)
        kept = services.receive_text(actor=SYSTEM, heard=heard, now=timezone.now())
    assert (kept.text, kept.answers) == ("OUI 4821 🙂 merci", ["yes:4821"])


class Talker:
    """A carrier that says what it is told to say."""

    def __init__(self, *events):
        self.events = events

    async def open(self, listener):
        self.heard = [await self.raised(listener, event) for event in self.events]

    async def raised(self, listener, event):
        try:
            await listener(event)
        except Exception as error:
            return error

    async def close(self):
        pass


@pytest.mark.django_db(transaction=True)
def test_what_can_never_be_kept_is_let_go_and_what_could_not_be_now_comes_again(monkeypatch):
    talker = Talker(
        LinkChanged(up=True),
        Receipt(Fate.DELIVERED, LONG),
        Receipt(Fate.DELIVERED, "a", 2**40),
        TextReceived("33612345678", "oui\x00"),
        TextReceived("33612345678", "oui"),
    )
    postman = Postman(Channel.SMS, talker, SYSTEM, timezone.now, 1, poll=0.05, round=0.05)
    asyncio.run(talker.open(postman._hear))
    assert talker.heard == [None] * 5
    assert InboundText.objects.get().text == "oui"

    def away(**_):
        raise OperationalError

    monkeypatch.setattr(services, "receive_text", away)
    asyncio.run(talker.open(postman._hear))
    assert [type(error) for error in talker.heard[-2:]] == [OperationalError] * 2


@pytest.mark.django_db(transaction=True)
def test_a_text_that_asks_to_stop_from_a_short_number_does_not_hold_the_link():
    """Never acknowledged, it came again at each bind, and broke the link each time."""

    async def run(centre):
        account = Account("127.0.0.1", centre.port, "cordee", "secret", "38600", first_delay=0.05)
        postman = Postman(Channel.SMS, SmppGateway(account), SYSTEM, timezone.now, 1)
        running = asyncio.create_task(postman.run())
        try:
            given = centre.insist("36111", "STOP")
            await asyncio.wait_for(asyncio.wrap_future(given), 60)
            assert len(centre.esmes) == 1
            assert await sync_to_async(InboundText.objects.count)() == 1
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    with MessageCentre() as centre:
        asyncio.run(run(centre))
