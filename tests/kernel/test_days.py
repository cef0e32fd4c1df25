"""A day, as it is typed in a hurry."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.kernel.days import DayError, find_day, read_day

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


@pytest.mark.parametrize(
    ("line", "day", "left"),
    [
        ("Lefèvre 7/3/1941 Berthe", date(1941, 3, 7), "Lefèvre  Berthe"),
        ("née le 1er août 1941", date(1941, 8, 1), "née le "),
        ("FÉVRIER 3 Février 1938", date(1938, 2, 3), "FÉVRIER "),
        ("berthe 07031941", date(1941, 3, 7), "berthe "),
        ("7-3-1941", date(1941, 3, 7), ""),
        ("30/2/1941 ou 07031941", date(1941, 3, 7), "30/2/1941 ou "),
    ],
)
def test_a_day_is_found_among_other_words(line, day, left):
    assert find_day(line) == (day, left)


@pytest.mark.parametrize("line", ["Lefèvre Berthe", "30/2/1941", "7/3/41", "demain", "0612345678"])
def test_a_line_without_a_whole_day_is_left_alone(line):
    assert find_day(line) == (None, line)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from(["%d/%m/%Y", "%d%m%Y"]))
def test_what_one_reads_alone_the_other_finds_in_a_line(day, shape):
    typed = day.strftime(shape)
    assert find_day(f"Berthe {typed} Lefèvre")[0] == read_day(typed, TODAY) == day
