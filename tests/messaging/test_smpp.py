"""The SMPP gateway against a real message centre."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
import smpp34

from cordee.messaging.gateways import (
    DoubtfulError,
    FailingError,
    Fate,
    LinkChanged,
    Outgoing,
    Receipt,
    RefusedError,
    TextReceived,
    ThrottledError,
    UnreachableError,
    smpp,
)
from cordee.messaging.gateways.smpp import Account, SmppGateway, _Session
from tests.messaging.centre import MessageCentre, Wire, free_port

TO = "+33612345678"


@pytest.fixture
def centre():
    with MessageCentre() as centre:
        yield centre


@pytest.fixture
def wire(centre):
    with Wire(centre.port) as wire:
        yield wire


async def until(condition, timeout=60.0):  # a busy machine is slow, not wrong
    for _ in range(int(timeout / 0.02)):
        if value := condition():
            return value
        await asyncio.sleep(0.02)
    raise AssertionError("never happened")


@asynccontextmanager
async def bound(port, *, wait=True, **patience):
    patience = {"response": 3.0, "first_delay": 0.1, "per_second": 500} | patience
    gateway = SmppGateway(Account("127.0.0.1", port, "cordee", "secret", "38600", **patience))
    gateway.events = []

    async def listen(event):
        gateway.events.append(event)

    await gateway.open(listen)
    try:
        if wait:
            await until(lambda: heard(gateway, LinkChanged))
        yield gateway
    finally:
        await gateway.close()


async def test_a_link_closes_even_when_its_session_misses_that_it_was_told_to(monkeypatch):
    """The session fails to connect at the very moment it is told to stop, and would try again."""

    async def connect(self):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise ConnectionRefusedError from None  # so does `wait_for`, until Python 3.12

    monkeypatch.setattr(_Session, "connect", connect)
    async with asyncio.timeout(20), bound(1, wait=False):
        await asyncio.sleep(0.05)


def heard(gateway, kind):
    return [event for event in gateway.events if isinstance(event, kind)]


def message(text="Répondez OUI 4821", reference=7, key="m1", to=TO, **more):
    return Outgoing(key=key, reference=reference, to=to, text=text, **more)


async def test_a_text_arrives_in_gsm7_with_its_accents(centre):
    async with bound(centre.port) as gateway:
        accepted = await gateway.send(message("déjà là : OUI 4821 à Gap"))
    (taken,) = centre.submitted
    assert accepted.carrier_ids == (taken.carrier_id,)
    assert taken.to == "33612345678"
    assert taken.source == "38600"
    assert b"\x7f" in taken.data  # « à » is one septet
    assert (taken.text, taken.data_coding) == ("déjà là : OUI 4821 à Gap", 0)
    assert taken.reference == 7


async def test_a_long_text_is_joined_by_its_headers(centre):
    text = "à" * 320
    async with bound(centre.port) as gateway:
        accepted = await gateway.send(message(text, reference=0x1234))
    assert len(accepted.carrier_ids) == 3
    assert [taken.data[:6] for taken in centre.submitted] == [
        bytes([5, 0, 3, 0x34, 3, number]) for number in (1, 2, 3)
    ]
    assert all(taken.esm_class & 0x40 for taken in centre.submitted)
    assert "".join(taken.text for taken in centre.submitted) == text


async def test_a_foreign_character_travels_in_ucs2_and_no_pair_is_cut(centre):
    text = "Bonjour 👍 l’équipe " + "👍" * 60
    async with bound(centre.port) as gateway:
        await gateway.send(message(text))
    assert {taken.data_coding for taken in centre.submitted} == {8}
    assert len(centre.submitted) > 1
    assert "".join(taken.text for taken in centre.submitted) == text


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (smpp34.ESME_RTHROTTLED, ThrottledError),
        (smpp34.ESME_RMSGQFUL, ThrottledError),
        (smpp34.ESME_RINVDSTADR, RefusedError),
        (smpp34.ESME_RINVMSGLEN, RefusedError),
        (smpp34.ESME_RSYSERR, FailingError),
        (0x45, FailingError),
        (smpp34.ESME_RINVSRCADR, UnreachableError),
    ],
)
async def test_each_refusal_has_its_kind(centre, status, error):
    centre.policy = lambda event: status
    async with bound(centre.port) as gateway:
        with pytest.raises(error):
            await gateway.send(message())
        centre.policy = None
        assert (await gateway.send(message(key="m2"))).carrier_ids


@pytest.mark.parametrize(
    ("status", "error"),
    [(smpp34.ESME_RTHROTTLED, ThrottledError), (smpp34.ESME_RSYSERR, FailingError)],
)
async def test_a_text_half_sent_goes_on_from_the_piece_that_was_refused(centre, status, error):
    """Taken for a doubt, it waited two minutes at each refusal, and was given up at the eighth."""
    told = []

    async def taken(carrier_id):
        told.append(carrier_id)

    centre.policy = lambda event: status if centre.submitted else None
    async with bound(centre.port) as gateway:
        with pytest.raises(error):
            await gateway.send(message("à" * 320, on_piece=taken))
        centre.policy = None
        await gateway.send(message("à" * 320, taken=len(told), on_piece=taken))
    assert [one.data[5] for one in centre.submitted] == [1, 2, 3]
    assert told == ["c0001", "c0002"]


async def test_a_text_whose_second_piece_was_not_answered_is_a_doubt(centre, wire):
    async with bound(wire.port, response=0.5) as gateway:

        async def taken(carrier_id):
            wire.swallow_answers = True

        with pytest.raises(DoubtfulError):
            await gateway.send(message("à" * 320, on_piece=taken))


async def test_many_texts_are_in_flight_at_once_and_each_gets_its_own_answer(centre):
    async with bound(centre.port) as gateway:
        sent = await asyncio.gather(
            *(gateway.send(message(f"numéro {n}", n, f"m{n}")) for n in range(50))
        )
    by_id = {taken.carrier_id: taken.reference for taken in centre.submitted}
    assert [by_id[accepted.carrier_ids[0]] for accepted in sent] == list(range(50))


async def test_texts_leave_no_faster_than_the_carrier_allows(centre):
    loop = asyncio.get_running_loop()
    async with bound(centre.port, per_second=20) as gateway:
        begun = loop.time()
        await asyncio.gather(*(gateway.send(message(key=f"m{n}")) for n in range(11)))
        assert loop.time() - begun >= 10 / 20


async def test_a_reply_is_heard(centre):
    async with bound(centre.port) as gateway:
        await asyncio.to_thread(centre.text, "33612345678", "oui 4821")
        (text,) = await until(lambda: heard(gateway, TextReceived))
    assert (text.sender, text.text, text.to) == ("33612345678", "oui 4821", "38600")


async def test_a_reply_in_ucs2_and_one_of_an_odd_class_are_heard(centre):
    async with bound(centre.port) as gateway:
        await asyncio.to_thread(centre.text, "336", "Oui, d’accord 4821 👍", coding=8)
        await asyncio.to_thread(centre.text, "336", b"d\x05j\x7f", coding=0xF1)
        texts = await until(lambda: len(heard(gateway, TextReceived)) == 2 and gateway.events)
    assert [t.text for t in texts if isinstance(t, TextReceived)] == [
        "Oui, d’accord 4821 👍",
        "déjà",
    ]


async def test_pieces_of_a_long_reply_say_how_they_join(centre):
    pieces = [(b"\x05\x00\x03\x2a\x02\x02", b"4821"), (b"\x06\x08\x04\x01\x2a\x02\x01", b"OUI ")]
    async with bound(centre.port) as gateway:
        for header, body in pieces:
            await asyncio.to_thread(centre.text, "336", header + body, esm_class=0x40)
        await asyncio.to_thread(
            centre.text, "336", b"fin", tlvs=[
                smpp34.Tlv(smpp34.TLV_SAR_MSG_REF_NUM, b"\x00\x09"),
                smpp34.Tlv(smpp34.TLV_SAR_SEGMENT_SEQNUM, b"\x03"),
                smpp34.Tlv(smpp34.TLV_SAR_TOTAL_SEGMENTS, b"\x03"),
            ],
        )  # fmt: skip
        await until(lambda: len(heard(gateway, TextReceived)) == 3)
    assert [(t.joined, t.text) for t in heard(gateway, TextReceived)] == [
        ((42, 2, 2), "4821"),
        ((0x012A, 1, 2), "OUI "),
        ((9, 3, 3), "fin"),
    ]


async def test_a_receipt_names_the_text_and_says_its_fate(centre):
    async with bound(centre.port) as gateway:
        await gateway.send(message(reference=300))
        await asyncio.to_thread(centre.receipt, centre.submitted[0])
        (receipt,) = await until(lambda: heard(gateway, Receipt))
    assert receipt == Receipt(Fate.DELIVERED, "c0001", 300)


async def test_a_receipt_with_letters_in_its_error_does_not_break_the_link(centre):
    async with bound(centre.port) as gateway:
        await gateway.send(message())
        await asyncio.to_thread(centre.receipt, centre.submitted[0], "UNDELIV", state=5, err="0x1F")
        (receipt,) = await until(lambda: heard(gateway, Receipt))
        assert (receipt.fate, receipt.reason) == (Fate.FAILED, "UNDELIV 0x1F")
        assert gateway.is_up
        assert len(heard(gateway, LinkChanged)) == 1


async def test_a_receipt_made_of_options_only_is_read(centre):
    tlvs = [
        smpp34.Tlv(smpp34.TLV_RECEIPTED_MESSAGE_ID, b"c0042\x00"),
        smpp34.Tlv(smpp34.TLV_MESSAGE_STATE, b"\x02"),
    ]
    async with bound(centre.port) as gateway:
        await asyncio.to_thread(centre.text, "336", b"", esm_class=4, tlvs=tlvs)
        (receipt,) = await until(lambda: heard(gateway, Receipt))
    assert receipt == Receipt(Fate.DELIVERED, "c0042")


async def test_a_link_that_breaks_is_said_and_bound_again(centre, wire):
    async with bound(wire.port) as gateway:
        wire.cut()
        await until(lambda: len(heard(gateway, LinkChanged)) == 3)
        assert [change.up for change in heard(gateway, LinkChanged)] == [True, False, True]
        assert (await gateway.send(message())).carrier_ids


async def test_a_text_whose_answer_is_lost_is_a_doubt_and_not_a_failure(centre, wire):
    async with bound(wire.port) as gateway:
        wire.swallow_answers = True
        sending = asyncio.create_task(gateway.send(message()))
        await until(lambda: centre.submitted)
        wire.cut()
        with pytest.raises(DoubtfulError):
            await sending


async def test_a_carrier_that_never_answers_is_a_doubt(centre, wire):
    wire.swallow_answers = True
    async with bound(wire.port, response=0.5) as gateway:
        with pytest.raises(DoubtfulError, match="no_answer"):
            await gateway.send(message())


async def test_without_a_carrier_nothing_leaves_and_nothing_waits_inside(centre):
    async with bound(free_port(), wait=False) as gateway:
        with pytest.raises(UnreachableError):
            await gateway.send(message())


async def test_a_carrier_that_comes_back_is_found(wire, centre):
    wire.down = True
    async with bound(wire.port, wait=False) as gateway:
        await asyncio.sleep(0.3)
        assert not gateway.is_up
        wire.down = False
        await until(lambda: gateway.is_up)


async def test_a_carrier_that_hangs_up_once_bound_is_bound_again_less_and_less_often(monkeypatch):
    """Each bind began the back-off anew: such a carrier was bound to every second, for ever."""
    clock, slept = [0.0], []

    async def sleep(seconds):
        slept.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(smpp, "asyncio", SimpleNamespace(sleep=sleep))
    monkeypatch.setattr(smpp, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(smpp, "random", SimpleNamespace(random=lambda: 1.0))
    timer = smpp._BackOff(1.0)

    async def bind_and_break(after):
        timer.reset()
        clock[0] += after
        await timer.wait()

    for _ in range(4):
        await bind_and_break(after=1)
    assert slept == [1, 2, 4, 8]
    await bind_and_break(after=60)  # it had held
    assert slept[4:] == [1]
    for _ in range(2):
        await timer.wait()  # refused
    assert slept[5:] == [2, 4]


async def test_an_idle_link_is_kept_alive(centre, wire):
    async with bound(wire.port, enquire_link=0.2):
        await until(lambda: wire.seen[0x15] >= 3 and wire.seen[0x80000015] >= 2)


async def test_a_dead_link_is_noticed_without_any_traffic(centre, wire):
    async with bound(wire.port, enquire_link=0.2, response=0.5) as gateway:
        wire.swallow_all = True
        await until(lambda: [c.up for c in heard(gateway, LinkChanged)][:2] == [True, False])


async def test_closing_unbinds(centre, wire):
    async with bound(wire.port):
        pass
    await until(lambda: wire.seen[0x06] == 1)


async def test_a_listener_that_fails_lets_the_text_come_again(centre):
    async with bound(centre.port) as gateway:
        refused, listen = [], gateway._listener

        async def fail_once(event):
            if isinstance(event, TextReceived) and not refused:
                refused.append(event)
                raise RuntimeError("the database is away")
            await listen(event)

        gateway._listener = fail_once
        with pytest.raises(Exception):  # noqa: B017, PT011 — unacknowledged, by whatever name
            await asyncio.to_thread(centre.text, "336", "oui 4821")
        await until(lambda: len(heard(gateway, LinkChanged)) == 3)
        await asyncio.to_thread(centre.text, "336", "oui 4821")
        assert await until(lambda: heard(gateway, TextReceived))


async def test_a_long_text_goes_on_from_the_piece_that_was_not_taken(centre):
    """The first piece was taken before our process died: it does not leave again."""
    told = []

    async def taken(carrier_id):
        told.append(carrier_id)

    long = "Recherche en cours, répondez OUI 4821. " * 9
    async with bound(centre.port) as gateway:
        accepted = await gateway.send(message(text=long, taken=1, on_piece=taken))
    assert [one.data[5] for one in centre.submitted] == [2, 3]
    assert (told, accepted.carrier_ids) == (["c0001"], ("c0001", "c0002"))
