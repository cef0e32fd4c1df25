import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.broker.rules import Reply, Word, draw_code, draw_secret, hash_of, read_reply


@pytest.mark.parametrize(
    ("text", "word", "code"),
    [
        ("OUI 4821", Word.YES, "4821"),
        ("oui! 4821", Word.YES, "4821"),
        ("  Oui,4821 merci", Word.YES, "4821"),
        ("4821 oui", Word.YES, "4821"),
        ("OUI4821", Word.YES, "4821"),
        ("oui 48 21", Word.YES, "4821"),
        ("ｏｕｉ ４８２１", Word.YES, "4821"),
        ("o\u200bui 4821", Word.YES, "4821"),
        ("Oui pas de souci 4821", Word.YES, "4821"),
        ("d'accord 4821", Word.YES, "4821"),
        ("NON 4821", Word.NO, "4821"),
        ("Désolée, pas possible 4821", Word.NO, "4821"),
        ("oui", Word.YES, None),
        ("Oui mais à partir de demain 4821", Word.LATER, "4821"),
        ("oui 4821 à partir de 20h", Word.LATER, "4821"),
        ("oui lundi 4821", Word.LATER, "4821"),
        ("oui non 4821", Word.UNCLEAR, "4821"),
        ("4821", Word.UNCLEAR, "4821"),
        ("👍 4821", Word.UNCLEAR, "4821"),
        ("Louise 4821", Word.UNCLEAR, "4821"),
        ("", Word.UNCLEAR, None),
    ],
)
def test_a_text_is_read_whatever_its_shape(text, word, code):
    assert read_reply(text) == (Reply(word, code),)


@pytest.mark.parametrize(
    "text", ["oui 4821 non 5632", "OUI 4821, NON 5632", "4821 oui 5632 non", "4821: oui; 5632: non"]
)
def test_two_codes_in_one_text_each_get_their_word(text):
    assert read_reply(text) == (Reply(Word.YES, "4821"), Reply(Word.NO, "5632"))


@pytest.mark.parametrize("text", ["oui 4821 5632", "4821 et 5632 oui"])
def test_one_word_answers_for_every_code_beside_it(text):
    assert read_reply(text) == (Reply(Word.YES, "4821"), Reply(Word.YES, "5632"))


@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text):
    for reply in read_reply(text):
        assert reply.code is None or (len(reply.code) == 4 and reply.code.isascii())


@given(st.text(alphabet=st.characters(blacklist_categories=["L"]), max_size=60))
def test_a_text_without_letters_is_never_a_yes(text):
    assert all(reply.word is Word.UNCLEAR for reply in read_reply(text))


@given(st.sets(st.integers(1_000, 9_999).map(str), max_size=200))
def test_a_drawn_code_is_free_and_has_four_digits(taken):
    code = draw_code(taken)
    assert code not in taken
    assert 1_000 <= int(code) <= 9_999


def test_a_phone_with_every_code_in_use_gets_none():
    assert draw_code({str(number) for number in range(1_000, 10_000)}) is None
    assert draw_code({str(number) for number in range(1_000, 9_999)}) == "9999"


def test_the_secret_of_a_link_has_at_least_128_bits_and_only_its_hash_is_kept():
    secrets = {draw_secret() for _ in range(200)}
    assert len(secrets) == 200
    assert all(len(secret) * 6 >= 128 for secret in secrets)
    assert len(hash_of(secrets.pop())) == 32


@given(st.text(max_size=200))
def test_any_guess_of_a_link_can_be_hashed(guess):
    assert len(hash_of(guess)) == 32
