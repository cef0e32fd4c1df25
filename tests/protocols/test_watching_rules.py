"""What waits for somebody, and what a silence rests on: rules alone, without a database."""

from datetime import datetime, timedelta

from cordee.protocols.rules.clocks import PARIS
from cordee.protocols.rules.conformance import Happening, replayed
from cordee.protocols.rules.outcomes import Standing
from cordee.protocols.rules.reading import read
from cordee.protocols.rules.watching import Known, basis_said, changes, look
from cordee.protocols.vocabulary import known_kinds
from tests.protocols.pathway_scene import HOME

ENTRY = datetime(2026, 3, 2, 9, tzinfo=PARIS)
DAY = timedelta(days=1)
NEWS = "plans.action_done"


def seen(thread, now):
    """What a thread says of the small pathway, with its steps done in time."""
    done = [
        Happening(1, "people.informed", ENTRY + DAY, ENTRY + DAY),
        Happening(2, "plans.plan_agreed", ENTRY + 2 * DAY, ENTRY + 2 * DAY),
    ]
    protocol = read(HOME, kinds=known_kinds())
    return look(protocol, replayed(protocol, ENTRY, [*done, *thread]), now)


def news(*days):
    return [
        Happening(10 + rank, NEWS, ENTRY + day * DAY, ENTRY + day * DAY)
        for rank, day in enumerate(days)
    ]


def test_without_a_habit_the_delay_of_the_protocol_says_when_it_is_too_long():
    quiet = seen([], ENTRY + 29 * DAY)
    assert [one.standing for one in quiet.troubles] == [Standing.AT_RISK]
    (trouble,) = seen([], ENTRY + 31 * DAY).troubles
    assert (trouble.of, trouble.standing, trouble.basis) == ("nouvelles", "late", "protocol")
    assert basis_said(trouble.basis, trouble.gaps) == "d’après le délai du protocole"


def test_who_gives_news_each_day_is_missed_within_days_and_the_basis_is_said():
    thread = news(3, 4, 5, 6, 7, 8, 9)
    assert not seen(thread, ENTRY + 10 * DAY).troubles
    (trouble,) = seen(thread, ENTRY + 11 * DAY).troubles
    assert (trouble.standing, trouble.basis, trouble.gaps) == ("late", "own_step", 6)
    assert "6 intervalles connus" in basis_said(trouble.basis, trouble.gaps)


def test_the_next_hour_is_that_of_the_habit_when_it_comes_first():
    thread = news(3, 4, 5, 6, 7, 8, 9)
    wake_at = seen(thread, ENTRY + 9 * DAY).wake_at
    assert wake_at is not None
    assert not seen(thread, wake_at - timedelta(microseconds=1)).troubles
    assert seen(thread, wake_at).troubles


def test_a_silence_that_news_end_is_repaired():
    thread = news(3, 4, 5, 6, 7, 8, 9)
    (trouble,) = seen(thread, ENTRY + 11 * DAY).troubles
    known = [Known(trouble.of, trouble.at, trouble.standing, undone=False, by_hand=False)]
    heard = seen([*thread, *news(11)], ENTRY + 11 * DAY)
    (change,) = changes(known, heard, unbroken=(), when=ENTRY + 11 * DAY)
    assert change.standing == Standing.REPAIRED


def test_what_somebody_settled_stays_settled():
    (trouble,) = seen([], ENTRY + 31 * DAY).troubles
    known = [Known(trouble.of, trouble.at, Standing.ACCEPTED, undone=False, by_hand=True)]
    assert not changes(known, seen([], ENTRY + 40 * DAY), unbroken=(), when=ENTRY)
