"""Numbers as people type them."""

import pytest

from cordee.directory.phones import parse_mobile, parse_phone, show_phone


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("06.12.34.56.78", "+33612345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("0690 12 34 56", "+590690123456"),
        ("06 39 98 00 12", "+33639980012"),
        ("04 92 50 00 00", ""),
        ("06 12 34 56", ""),
        ("12", ""),
        ("", ""),
        ("💉" * 50, ""),
        ("0612345678'; --", "+33612345678"),
        ("06" * 5_000, ""),
    ],
)
def test_a_mobile_is_a_number_that_a_text_reaches(typed, kept):
    assert parse_mobile(typed) == kept


def test_a_practice_may_have_an_ordinary_number():
    assert parse_phone("04 92 50 00 00") == "+33492500000"


def test_a_number_is_read_in_pairs():
    assert show_phone("+33612345678") == "06\u00a012\u00a034\u00a056\u00a078"
    assert show_phone("ce que vous voulez") == "ce que vous voulez"
