"""Ages, phones, names, likeness."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.people.rules import traits
from cordee.people.rules.traits import Traits, likeness

DAY = date(2026, 11, 22)
BERTHE = Traits(
    birth_name="Lefèvre",
    used_name="Dupont-Martin",
    first_names="Berthe Marie",
    birth_date=date(1941, 3, 7),
    sex="F",
)


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


def test_names_lose_accents_ligatures_hyphens_and_case():
    assert traits.words("Cœur-de-Lion", "D’Éon") == ["coeur", "de", "lion", "d", "eon"]


@given(st.text(max_size=50))
def test_folding_twice_changes_nothing(text):
    assert traits.words(" ".join(traits.words(text))) == traits.words(text)


def test_the_same_number_settles_the_question():
    one = Traits(birth_name="A", ins="279035121518989")
    other = Traits(birth_name="B", ins="279035121518989")
    assert likeness(one, other).score == 100


def test_married_name_and_accent_still_show_a_probable_duplicate():
    other = Traits(birth_name="LEFEVRE", first_names="Berthe", birth_date=date(1941, 3, 7), sex="F")
    found = likeness(BERTHE, other)
    assert found.probable
    assert "même nom" in found.reasons


def test_swapped_day_and_month_are_noticed():
    other = Traits(birth_name="Lefevre", first_names="Berthe", birth_date=date(1941, 7, 3))
    assert "jour et mois de naissance inversés" in likeness(BERTHE, other).reasons


def test_two_qualified_numbers_that_differ_speak_against_a_duplicate():
    one = Traits(**{**vars(BERTHE), "ins": "279035121518989", "ins_qualified": True})
    other = Traits(**{**vars(BERTHE), "ins": "276037510669326", "ins_qualified": True})
    assert not likeness(one, other).possible


def test_strangers_do_not_look_alike():
    other = Traits(birth_name="Nguyen", first_names="Paul", birth_date=date(1980, 1, 2), sex="M")
    assert likeness(BERTHE, other).score < 30


@given(
    st.builds(
        Traits,
        birth_name=st.text(max_size=20),
        first_names=st.text(max_size=20),
        birth_date=st.none() | st.dates(),
        sex=st.sampled_from(["", "M", "F"]),
    ),
    st.builds(
        Traits,
        birth_name=st.text(max_size=20),
        first_names=st.text(max_size=20),
        birth_date=st.none() | st.dates(),
        sex=st.sampled_from(["", "M", "F"]),
    ),
)
def test_likeness_is_symmetrical_and_bounded(one, other):
    assert 0 <= likeness(one, other).score <= 99
    assert likeness(one, other).score == likeness(other, one).score


def test_words_are_found_in_any_order_with_a_typo():
    known = traits.words("Dupont-Martin", "Jean Pierre")
    assert traits.closeness(traits.words("pierre dupnot"), known) > 0.8
    assert traits.closeness(traits.words("zorglub"), known) < 0.5
    assert traits.closeness([], known) == 0.0
