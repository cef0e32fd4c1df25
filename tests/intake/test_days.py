"""A day, as it is typed in a hurry."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.intake.rules.days import DayError, read_day

TODAY = date(2026, 11, 22)  # un dimanche


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3/2/1938", date(1938, 2, 3)),
        ("03021938", date(1938, 2, 3)),
        ("03-02-1938", date(1938, 2, 3)),
        ("3 février 1938", date(1938, 2, 3)),
        ("1er août 2027", date(2027, 8, 1)),
        ("1938-02-03", date(1938, 2, 3)),
        ("demain", date(2026, 11, 23)),
        ("A", TODAY),
        ("aujourd’hui", TODAY),
        ("+3", date(2026, 11, 25)),
        ("lundi", date(2026, 11, 23)),
        ("dimanche", date(2026, 11, 29)),
        ("24/11", date(2026, 11, 24)),
        ("3/2", date(2027, 2, 3)),
        ("3/2/27", date(2027, 2, 3)),
        ("29/2/2028", date(2028, 2, 29)),
    ],
)
def test_a_day_is_read_as_people_type_it(text, day):
    assert read_day(text, TODAY) == day


def test_a_birth_in_two_figures_is_in_the_past():
    assert read_day("3/2/38", TODAY, past=True) == date(1938, 2, 3)
    assert read_day("3/2/20", TODAY, past=True) == date(2020, 2, 3)


@pytest.mark.parametrize(
    "text",
    [
        "30/2/1941",
        "31/11/2026",
        "29/2/2027",
        "29/2",
        "0/1/2026",
        "32/1",
        "hier soir",
        "1/13/26",
        "٣/٢/١٩٣٨x",
    ],
)
def test_a_day_that_does_not_exist_is_refused_with_a_sentence(text):
    with pytest.raises(DayError, match="n’est pas une date qui existe"):
        read_day(text, TODAY)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_every_day_written_whole_is_read_back(day):
    assert read_day(day.strftime("%d/%m/%Y"), TODAY) == day
    assert read_day(day.isoformat(), TODAY) == day


@given(st.text(max_size=40))
def test_any_text_is_a_day_or_a_sentence(text):
    try:
        found = read_day(text, TODAY)
    except DayError:
        return
    assert isinstance(found, date)
    assert abs(found - TODAY) < timedelta(days=4_000_000)
