from hypothesis import given
from hypothesis import strategies as st

from cordee.broker.rules import draw_code, draw_secret, hash_of


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
