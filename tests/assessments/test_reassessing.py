"""When an instrument is to be done again: days of Paris, short months, leap years, odd hours."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from cordee.assessments.rules.months import months_after, months_between
from cordee.assessments.rules.reassessing import RHYTHMS, State, reassessment
from cordee.assessments.rules.scales import Dated
from cordee.assessments.rules.scoring import NAMES
from cordee.people.rules.readings import Reading

PARIS = ZoneInfo("Europe/Paris")


def at(*parts, fold=0):
    return datetime(*parts, tzinfo=PARIS, fold=fold)


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2026, 11, 27), 12, date(2027, 11, 27)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 27), 0, date(2026, 11, 27)),
    ],
)
def test_months_are_those_of_the_calendar(day, months, after):
    assert months_after(day, months) == after


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 1, 31), date(2026, 2, 27), 0),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2024, 2, 29), date(2025, 2, 27), 11),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2026, 5, 15), date(2026, 5, 14), 0),
        (date(2026, 5, 15), date(2020, 1, 1), 0),
    ],
)
def test_only_whole_months_are_counted(first, last, months):
    assert months_between(first, last) == months


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (at(2026, 12, 31, 12), State.FRESH),
        (at(2027, 4, 27, 12), State.SOON),
        (at(2027, 5, 26, 23, 59), State.SOON),
        (at(2027, 5, 27, 0, 0), State.DUE),
        (at(2027, 5, 27, 23, 59), State.DUE),
        (at(2027, 5, 28, 0, 0), State.LATE),
    ],
)
def test_a_reassessment_is_fresh_then_soon_then_due_for_a_day_then_late(now, state):
    found = reassessment("functional", at(2026, 11, 27, 15), now)
    assert found.due_on == date(2027, 5, 27)
    assert found.state is state


def test_it_says_since_when_it_is_late_and_what_the_rhythm_rests_on():
    found = reassessment("functional", at(2026, 11, 27, 15), at(2027, 6, 1, 9))
    assert found.said == "À refaire depuis le jeudi 27\u00a0mai 2027 (5\u00a0jours)"
    assert found.source == "tous les 6\u00a0mois (choix de Cordée, à valider localement)"


def test_a_monthly_scale_is_not_always_soon():
    assert reassessment("norton", at(2026, 11, 1, 9), at(2026, 11, 2, 9)).state is State.FRESH
    assert reassessment("norton", at(2026, 11, 1, 9), at(2026, 11, 24, 9)).state is State.SOON


def test_the_day_is_that_of_paris_and_not_of_the_server():
    """At 23:30 in London or by UTC, it is already the next day in Paris."""
    late = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
    assert reassessment("norton", late, at(2026, 12, 1, 9)).due_on == date(2026, 12, 27)


@pytest.mark.parametrize("hour", [1, 2, 3])
def test_the_days_when_the_hour_changes_are_days_like_others(hour):
    spring = reassessment("norton", at(2027, 2, 28, 12), at(2027, 3, 28, hour))
    assert spring.state is State.DUE
    autumn = reassessment("norton", at(2026, 9, 25, 12), at(2026, 10, 25, hour, fold=1))
    assert autumn.state is State.DUE


def test_29_february_is_done_again_on_28_in_a_common_year():
    found = reassessment("aggir", at(2028, 2, 29, 12), at(2029, 2, 28, 9))
    assert (found.due_on, found.state) == (date(2029, 2, 28), State.DUE)


def test_what_answers_to_an_event_has_no_rhythm():
    assert reassessment("lace", at(2026, 11, 27, 9), at(2027, 11, 27, 9)) is None


def test_the_rhythm_of_today_rules_what_was_taken_before_it_changed():
    said = Reading("tous les 3 mois", "protocole local", verified=True)
    local = {"norton": (*RHYTHMS["norton"], Dated("Rythme", 3, date(2027, 1, 1), said))}
    before = reassessment("norton", at(2026, 12, 15, 9), at(2026, 12, 31, 9), local)
    after = reassessment("norton", at(2026, 12, 15, 9), at(2027, 1, 1, 9), local)
    assert (before.due_on, after.due_on) == (date(2027, 1, 15), date(2027, 3, 15))
    assert after.source == "tous les 3 mois (protocole local)"


def test_a_moment_without_its_zone_is_refused():
    with pytest.raises(ValueError, match="fuseau"):
        reassessment("norton", datetime(2026, 11, 27, 9), at(2026, 12, 1, 9))  # noqa: DTZ001


def test_each_rhythm_is_that_of_an_instrument_that_is_scored():
    assert set(RHYTHMS) <= set(NAMES)
