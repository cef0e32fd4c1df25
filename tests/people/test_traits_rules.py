"""Ages, phones, names."""

import re
from datetime import date, timedelta
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.people.rules import traits

DAY = date(2026, 11, 22)


@given(st.dates(date(1900, 1, 1), DAY), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_an_age_grows_by_one_on_each_birthday_only(birth, day):
    older = traits.age_on(birth, day + timedelta(days=1)) - traits.age_on(birth, day)
    assert older in (0, 1)


@pytest.mark.parametrize(
    ("day", "minor"),
    [(date(2026, 2, 28), True), (date(2026, 3, 1), False)],
)
def test_someone_born_on_29_february_comes_of_age_on_1_march(day, minor):
    assert traits.is_minor(date(2008, 2, 29), day) is minor


def test_births_in_the_future_or_too_long_ago_are_refused_with_a_sentence():
    assert "avenir" in traits.birth_date_fault(DAY + timedelta(days=1), DAY)
    assert "130" in traits.birth_date_fault(date(1850, 1, 1), DAY)
    assert traits.birth_date_fault(DAY, DAY) == ""


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("06 39 98 00 01", "+33639980001"),
        ("+33 4 92 55 12 34", "+33492551234"),
        ("0033492551234", "+33492551234"),
        ("12", None),
        ("00 00 00 00 00", None),
        ("'; DROP TABLE", None),
        ("06 12 34 56 78 90 12", None),
        ("🚑🚑🚑", None),
        ("", None),
    ],
)
def test_a_phone_is_written_one_way_or_refused(typed, number):
    assert traits.phone_number(typed) == number


@given(st.from_regex(r"(0|\+33|\+33 |0033|\+33 ?0)[0-9]([ .-]?[0-9]){7,9}", fullmatch=True))
def test_a_usual_phone_is_written_as_the_library_writes_it(typed):
    """Read without it, for it takes as long as all the rest of an identity."""
    written = traits.phone_number(typed)
    with patch.object(traits, "USUAL_PHONE", re.compile("(?!)")):  # nothing is usual
        assert traits.phone_number(typed) == written


def test_names_lose_accents_ligatures_hyphens_and_case():
    assert traits.words("Cœur-de-Lion", "D’Éon") == ["coeur", "de", "lion", "d", "eon"]
    assert traits.words("Ǽlfred", "Bǿrge") == ["aelfred", "borge"]


@given(st.text(max_size=50))
def test_folding_twice_changes_nothing(text):
    assert traits.words(" ".join(traits.words(text))) == traits.words(text)


def test_words_are_found_in_any_order_with_a_typo():
    known = traits.words("Dupont-Martin", "Jean Pierre")
    assert traits.closeness(traits.words("pierre dupnot"), known) > 0.8
    assert traits.closeness(traits.words("zorglub"), known) < 0.5
    assert traits.closeness([], known) == 0.0
