"""Dates, counts and punctuation as they are said and printed in French."""

from datetime import date, datetime, timedelta

import pytest

from cordee.kernel.typography import (
    dated,
    full_moment,
    grouped,
    plural,
    said_day,
    said_from,
    said_moment,
    said_on,
    said_phone,
    said_span,
    sentence,
    typo,
)

NOW = datetime(2026, 11, 22, 14, 5)  # noqa: DTZ001 — already local, a Sunday


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOW - timedelta(seconds=20), "à l’instant"),
        (NOW - timedelta(minutes=12), "il y a 12\u00a0min"),
        (NOW + timedelta(minutes=40), "dans 40\u00a0min"),
        (NOW.replace(hour=9, minute=2), "aujourd’hui 9:02"),
        (NOW - timedelta(days=1), "hier 14:05"),
        (NOW + timedelta(days=1), "demain 14:05"),
        (NOW - timedelta(days=4), "mercredi 18\u00a0novembre 14:05"),
        (NOW.replace(month=3, day=1), "1er\u00a0mars 14:05"),
        (NOW.replace(year=2024, month=3), "22\u00a0mars 2024"),
    ],
)
def test_a_moment_is_said_as_people_do(moment, said):
    assert said_moment(moment, NOW) == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOW + timedelta(minutes=40), "à partir de 14:45"),
        (NOW.replace(day=23, hour=0, minute=0), "à partir de demain"),
        (NOW + timedelta(days=1), "à partir de demain à 14:05"),
        (NOW + timedelta(days=3), "à partir du mercredi 25\u00a0novembre à 14:05"),
        (NOW.replace(month=12, day=21), "à partir du 21\u00a0décembre à 14:05"),
    ],
)
def test_from_when_is_said_without_counting_minutes(moment, said):
    assert said_from(moment, NOW) == said


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 21), "hier"),
        (date(2026, 11, 18), "mercredi 18\u00a0novembre"),
        (date(2026, 3, 3), "le 3\u00a0mars"),
        (date(2024, 3, 3), "le 3\u00a0mars 2024"),
    ],
)
def test_a_day_in_a_sentence_takes_its_article_or_none(day, said):
    assert said_on(day, NOW.date()) == said


@pytest.mark.parametrize(
    ("day", "said"),
    [(NOW.date(), "22\u00a0novembre 2026"), (date(2024, 3, 1), "1er\u00a0mars 2024")],
)
def test_a_day_after_an_article_is_always_a_date(day, said):
    assert dated(day) == said


def test_where_room_is_short_days_and_months_are_too():
    assert said_moment(NOW - timedelta(days=4), NOW, brief=True) == "mer. 18\u00a0nov. 14:05"
    assert said_moment(NOW + timedelta(days=1), NOW, brief=True) == "demain 14:05"
    assert said_moment(NOW.replace(hour=9, minute=2), NOW, brief=True) == "à 9:02"
    assert sentence("relancer Mme Roux") == "Relancer Mme Roux"


def test_midnight_changes_the_day_and_not_the_minutes():
    after = datetime(2026, 11, 23, 0, 10)  # noqa: DTZ001
    before = datetime(2026, 11, 22, 23, 50)  # noqa: DTZ001
    assert said_moment(before, after) == "il y a 20\u00a0min"
    assert said_moment(before - timedelta(hours=2), after) == "hier 21:50"


def test_the_year_is_said_as_soon_as_it_could_be_mistaken():
    assert said_day(date(2025, 12, 31), date(2026, 1, 1)) == "hier"
    assert said_day(date(2025, 12, 1), date(2026, 1, 15)) == "1er\u00a0décembre 2025"


def test_the_full_date_leaves_no_doubt():
    assert full_moment(NOW) == "dimanche 22\u00a0novembre 2026 à 14:05"


@pytest.mark.parametrize(
    ("count", "words", "said"),
    [
        (0, ("demande",), "0\u00a0demande"),
        (1, ("demande ouverte",), "1\u00a0demande ouverte"),
        (3, ("demande ouverte",), "3\u00a0demandes ouvertes"),
        (3, ("demande en attente",), "3\u00a0demandes en attente"),
        (2, ("personne à rappeler",), "2\u00a0personnes à rappeler"),
        (4, ("avis",), "4\u00a0avis"),
        (2, ("hôpital", "hôpitaux"), "2\u00a0hôpitaux"),
        (34969, ("commune",), "34\u202f969\u00a0communes"),
    ],
)
def test_zero_and_one_are_singular(count, words, said):
    assert plural(count, *words) == said


def test_lengths_of_time_are_said():
    assert said_span(timedelta(minutes=7)) == "7\u00a0min"
    assert said_span(timedelta(hours=1, minutes=5)) == "1\u00a0h\u00a005"
    assert said_span(timedelta(days=3)) == "3\u00a0jours"


def test_punctuation_gets_its_spaces_and_times_keep_theirs():
    assert typo("Attention : c'est « ici » !") == "Attention\u00a0: c’est «\u00a0ici\u00a0»\u202f!"
    assert typo("à 14:05, https://exemple.fr") == "à 14:05, https://exemple.fr"


def test_phones_are_read_by_pairs_and_strangers_kept():
    assert said_phone("+33612345678") == "06\u00a012\u00a034\u00a056\u00a078"
    assert said_phone("06.12.34.56.78") == "06\u00a012\u00a034\u00a056\u00a078"
    assert said_phone("+41 22 123 45 67") == "+41 22 123 45 67"
    assert grouped(1234) == "1\u202f234"
