import pytest
from aiosmpplib import GSM7BitCodec
from hypothesis import given
from hypothesis import strategies as st

from cordee.messaging import alphabet
from cordee.messaging.alphabet import Encoding

gsm = st.text(alphabet=[c for c in map(chr, range(0x20AD)) if GSM7BitCodec.is_gsm_text(c)])


def test_french_accents_stay_in_the_short_alphabet():
    assert alphabet.encoding_of("déjà là où è ù") is Encoding.GSM7
    assert alphabet.encoding_of("l’équipe") is Encoding.UCS2
    assert alphabet.encoding_of("être") is Encoding.UCS2


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("l’équipe « d’été » : ça, être…", "l'équipe \" d'été \" : ca, etre..."),
        ("Œuvre, cœur, 12\u202f%", "OEuvre, coeur, 12 %"),
        ("à é è ù ò ì Ç ñ €", "à é è ù ò ì Ç ñ €"),
        ("Łódź 👍", "Lodz "),
    ],
)
def test_a_text_is_written_with_what_the_alphabet_has(typed, written):
    assert alphabet.plain(typed) == written
    assert alphabet.encoding_of(alphabet.plain(typed)) is Encoding.GSM7


@given(st.text())
def test_plain_writing_is_always_gsm_and_stable(text):
    once = alphabet.plain(text)
    assert alphabet.encoding_of(once) is Encoding.GSM7
    assert alphabet.plain(once) == once


@pytest.mark.parametrize(
    ("text", "units", "count"),
    [
        ("", 0, 1),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("€" * 80, 160, 1),
        ("a" + "€" * 80, 161, 2),
        ("’" * 70, 70, 1),
        ("’" * 71, 71, 2),
        ("👍" * 35, 70, 1),
        ("👍" * 36, 72, 2),
    ],
)
def test_length_and_segments_are_counted_as_the_carrier_does(text, units, count):
    assert alphabet.length(text) == units
    assert alphabet.segment_count(text) == count


@given(gsm)
def test_bytes_are_those_of_an_independent_coder(text):
    whole = b"".join(
        piece.data[6:] if piece.total > 1 else piece.data for piece in alphabet.segments(text, 7)
    )
    assert whole == GSM7BitCodec().encode(text)[0]
    assert alphabet.decode_gsm7(whole) == text


@given(st.text(min_size=60, max_size=400), st.integers(0, 65535))
def test_pieces_join_again_and_none_is_too_long(text, reference):
    pieces = alphabet.segments(text, reference)
    coding = 0 if pieces[0].encoding is Encoding.GSM7 else 8
    read = ""
    for number, piece in enumerate(pieces, 1):
        body = piece.data
        if piece.total > 1:
            assert body[:6] == bytes([5, 0, 3, reference & 255, len(pieces), number])
            body = body[6:]
            assert len(body) <= piece.encoding.joined * (1 if coding == 0 else 2)
        read += alphabet.decode(body, coding)
    assert read == text


@given(st.binary(max_size=200), st.integers(0, 255))
def test_any_bytes_are_read_as_something(data, data_coding):
    assert isinstance(alphabet.decode(data, data_coding), str)


@pytest.mark.parametrize("coding", [0x00, 0x11, 0xF1])
def test_message_classes_are_still_gsm(coding):
    assert alphabet.decode(b"OUI \x7f", coding) == "OUI à"


@pytest.mark.parametrize("coding", [0x08, 0x18])
def test_ucs2_is_read_under_both_its_codings(coding):
    assert alphabet.decode("Oui’".encode("utf-16-be"), coding) == "Oui’"
