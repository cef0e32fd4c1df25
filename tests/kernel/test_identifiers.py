"""Identifiers: the Luhn key, held to an independent implementation."""

from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from cordee.kernel.identifiers import luhn_is_valid


@given(st.text("0123456789", min_size=1, max_size=14))
def test_the_key_is_judged_as_by_another_library(number):
    assert luhn_is_valid(number) == luhn.is_valid(number)


def test_what_is_not_made_of_digits_has_no_key():
    assert not any(luhn_is_valid(text) for text in ("", "2A0000016", "٤٢", "10 000 024"))
