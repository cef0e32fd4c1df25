"""Identifiers: the Luhn key, held to an independent implementation; those that follow time."""

from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from cordee.kernel.identifiers import luhn_is_valid, uuid7, uuid7s


@given(st.text("0123456789", min_size=1, max_size=14))
def test_the_key_is_judged_as_by_another_library(number):
    assert luhn_is_valid(number) == luhn.is_valid(number)


def test_what_is_not_made_of_digits_has_no_key():
    assert not any(luhn_is_valid(text) for text in ("", "2A0000016", "٤٢", "10 000 024"))


def test_identifiers_of_a_set_are_in_order_differ_and_follow_those_made_before():
    before = uuid7()
    made = uuid7s(1_000)
    assert made == sorted(set(made))
    assert {(one.version, one.variant) for one in [before, *made]} == {(7, RFC_4122)}
    assert made[0].int >> 80 >= before.int >> 80
    assert uuid7s(0) == []
