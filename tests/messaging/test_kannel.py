"""Our message centre and our expectations agree with an independent client: Debian's Kannel."""

import asyncio

import pytest

from cordee.messaging import alphabet
from cordee.messaging.gateways import Fate, Receipt, TextReceived
from tests.messaging.centre import MessageCentre, eventually
from tests.messaging.kannel import Kannel
from tests.messaging.test_smpp import TO, bound, heard, message, until

pytestmark = pytest.mark.slow
ACCENTS = "déjà là, où l'été naît : OUI 4821 à Gap (5 €) [~]"
LONG = "Bonjour à tous, voilà un texte assez long pour être coupé. " * 6


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    with MessageCentre() as centre, Kannel(centre, tmp_path_factory.mktemp("kannel")) as kannel:
        yield centre, kannel


def by_kannel(second, text, coding=0):
    centre, kannel = second
    before = len(centre.submitted)
    kannel.send(TO, text, coding=coding)
    eventually(lambda: centre.submitted[before:], 20)
    first = centre.submitted[before]
    last = before + (first.data[4] if first.esm_class & 0x40 else 1)
    eventually(lambda: len(centre.submitted) >= last, 20)
    return centre.submitted[before:]


def by_us(text):
    async def send():
        with MessageCentre() as centre:
            async with bound(centre.port) as gateway:
                await gateway.send(message(text))
            return list(centre.submitted)

    return asyncio.run(send())


def in_order(pieces):
    """As a phone joins them: Kannel hands the pieces of a text over in any order."""
    return sorted(pieces, key=lambda one: one.data[5] if one.esm_class & 0x40 else 0)


def arrived(pieces):
    return "".join(piece.text for piece in in_order(pieces))


@pytest.mark.parametrize(
    ("text", "coding"),
    [
        ("OUI 4821", 0),
        (alphabet.plain(ACCENTS), 0),
        (alphabet.plain(LONG), 0),
        ("€" * 80 + "[]" * 5, 0),
        ("ça va ? l’équipe répond œuvre", 2),
        ("ç" * 150, 2),
    ],
    ids=["short", "accents", "long", "extended", "ucs2", "long ucs2"],
)
def test_the_same_text_sent_by_kannel_and_by_us_arrives_the_same(second, text, coding):
    theirs, ours = by_kannel(second, text, coding), by_us(text)

    assert arrived(theirs) == arrived(ours) == text
    assert [one.data_coding for one in theirs] == [one.data_coding for one in ours]
    assert len(theirs) == len(ours)
    assert {one.to for one in theirs} == {one.to for one in ours}
    assert {one.source for one in theirs} == {one.source for one in ours}


def test_long_texts_are_joined_by_the_same_headers(second):
    text = alphabet.plain(LONG)
    theirs, ours = by_kannel(second, text), by_us(text)

    def headers(pieces):
        return [
            (one.data[:3], one.data[4:6], bool(one.esm_class & 0x40)) for one in in_order(pieces)
        ]

    assert headers(theirs) == headers(ours)
    assert len({one.data[3] for one in theirs}) == 1


def test_our_centre_s_receipts_are_understood_by_both(second):
    centre, kannel = second
    (taken,) = by_kannel(second, "OUI 4821")
    kannel.said.clear()
    centre.receipt(taken)
    told = eventually(
        lambda: [q for path, q in kannel.said if path == "/fate" and q["type"] == "1"]
    )
    assert told

    async def ours():
        with MessageCentre() as mine:
            async with bound(mine.port) as gateway:
                await gateway.send(message("OUI 4821"))
                await asyncio.to_thread(mine.receipt, mine.submitted[0])
                await until(lambda: heard(gateway, Receipt))
                return heard(gateway, Receipt)

    (receipt,) = asyncio.run(ours())
    assert receipt.fate is Fate.DELIVERED


def test_a_failed_delivery_is_a_failure_for_both(second):
    centre, kannel = second
    (taken,) = by_kannel(second, "OUI 4821")
    kannel.said.clear()
    centre.receipt(taken, "UNDELIV", state=5, err="001")
    assert eventually(
        lambda: [q for path, q in kannel.said if path == "/fate" and q["type"] == "2"]
    )


@pytest.mark.parametrize(
    ("words", "data", "coding"),
    [
        ("oui 4821", b"oui 4821", 0),
        ("déjà là", bytes([0x64, 0x05, 0x6A, 0x7F, 0x20, 0x6C, 0x7F]), 0),
        ("oui ç œ", "oui ç œ".encode("utf-16-be"), 8),
    ],
    ids=["plain", "accents", "ucs2"],
)
def test_a_phone_s_answer_is_read_the_same_by_both(second, words, data, coding):
    centre, kannel = second
    kannel.said.clear()
    centre.text("33612345678", data, coding=coding)
    (theirs,) = eventually(lambda: [query for path, query in kannel.said if path == "/text"])

    async def ours():
        with MessageCentre() as mine:
            async with bound(mine.port) as gateway:
                await asyncio.to_thread(mine.text, "33612345678", data, coding=coding)
                await until(lambda: heard(gateway, TextReceived))
                return heard(gateway, TextReceived)

    (text,) = asyncio.run(ours())
    assert theirs["text"] == text.text == words
    assert theirs["from"].lstrip("+") == text.sender.lstrip("+")
