"""Longer without news than usual, and the pathway drawn as a line with stations."""

from datetime import UTC, timedelta

import pytest

from cordee.protocols.rules import conformance as engine
from cordee.protocols.rules.clocks import Delay, Unit
from cordee.protocols.rules.silence import Basis, News, silence_of
from cordee.protocols.rules.stations import Place, stations
from tests.protocols.shelf import CALL, DIED, OUT, fact, library, paris

ENTERED = paris("2026-01-01 08:00")
MONTH = Delay(30, Unit.DAYS)


def news(*days: float, step: str = "suivi") -> list[News]:
    return [
        News(number, ENTERED + timedelta(days=day), step)
        for number, day in enumerate(days, start=1)
    ]


def silence(heard, days, figure=MONTH, step="suivi"):
    now = ENTERED + timedelta(days=days)
    return silence_of(heard, entered_at=ENTERED, step=step, figure=figure, now=now)


def test_without_a_habit_the_figure_of_the_protocol_counts_from_the_last_news():
    told = silence(news(10), 40)
    assert (told.basis, told.gaps, told.is_long) == (Basis.PROTOCOL, 0, False)
    assert told.because == (1,)
    assert told.limit_at == paris("2026-02-10 23:59:59.999999").astimezone(UTC)
    assert silence(news(10), 41).is_long


def test_who_was_heard_of_every_week_is_missed_before_the_month_of_the_protocol():
    told = silence(news(0, 7, 14, 21, 28, 35), 46)
    assert (told.basis, told.gaps, told.is_long) == (Basis.OWN_STEP, 5, True)
    assert not silence(news(0, 7, 14, 21, 28, 35), 45).is_long


def test_the_habit_at_this_step_comes_before_the_habit_in_general():
    mixed = [*news(0, 2, 4, 6, 8, 10, step="retour")]
    assert silence(mixed, 12, step="suivi").basis is Basis.OWN
    assert silence(mixed, 12, step="retour").basis is Basis.OWN_STEP


def test_a_long_forgotten_person_makes_no_habit_beyond_twice_the_figure():
    told = silence(news(0, 100, 200, 300, 400, 500), 563)
    assert told.is_long
    assert told.limit_at < ENTERED + timedelta(days=562)


def test_many_news_in_an_hour_do_not_make_an_hour_a_silence():
    told = silence(news(0, 0.01, 0.02, 0.03, 0.04, 0.05), 1)
    assert not told.is_long
    assert silence(news(0, 0.01, 0.02, 0.03, 0.04, 0.05), 1.1).is_long


def test_without_habit_nor_figure_nobody_is_said_to_be_silent():
    told = silence([], 400, figure=None)
    assert (told.basis, told.limit_at, told.is_long) == (Basis.NONE, None, False)


def test_news_recorded_out_of_order_or_twice_or_to_come_change_nothing():
    heard = news(0, 7, 14, 21, 28, 35)
    assert silence([*reversed(heard), heard[2]], 45) == silence(heard, 45)
    assert silence(news(10, 90), 50).because == (1,)


def line(thread, now):
    one = library()["gestion-de-cas"]
    state = engine.begun(one, ENTERED)
    for happening in thread:
        state = engine.moved(one, state, happening)
    return {station.step.id: station for station in stations(one, state, paris(now))}


def test_the_line_shows_what_is_done_late_ahead_skipped_due_and_waiting():
    told = line(
        [
            fact(1, "people.informed", "2026-01-03 10:00"),
            fact(2, "people.joined_circle", "2026-01-20 10:00", role="coordination"),
            fact(3, "assessments.response_completed", "2026-01-21 10:00"),
        ],
        "2026-01-25 10:00",
    )
    assert {id_: station.place for id_, station in told.items()} == {
        "information": Place.DONE,
        "referent": Place.DONE_LATE,
        "rencontre": Place.SKIPPED,
        "evaluation": Place.AHEAD,
        "proposition": Place.DUE,
        "accord": Place.WAITING,
        "mise-en-oeuvre": Place.WAITING,
        "revision": Place.WAITING,
    }
    assert told["information"].done_at == paris("2026-01-03 10:00")
    assert told["proposition"].due_at == paris("2026-02-11 23:59:59.999999").astimezone(UTC)


@pytest.mark.parametrize(
    ("died", "place"), [("2026-01-05 10:00", Place.LIFTED), ("2026-01-12 10:00", Place.LATE)]
)
def test_a_station_is_lifted_by_an_exit_that_comes_in_time_and_late_otherwise(died, place):
    assert line([fact(1, DIED, died)], "2026-02-01 10:00")["referent"].place is place


def test_a_station_that_nothing_started_waits():
    told = line(
        [fact(1, CALL, "2026-01-02 10:00"), fact(2, OUT, "2026-01-02 11:00")], "2026-01-03 10:00"
    )
    assert told["evaluation"].place is Place.WAITING
