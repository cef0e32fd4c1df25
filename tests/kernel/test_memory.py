"""What was lately worked out is kept in memory, for a moment and in small numbers."""

import pytest

from cordee.kernel import memory
from cordee.kernel.memory import Lately, forget_the_old


@pytest.fixture
def clock(monkeypatch):
    """The clock of the process, which the test moves."""
    told = [100.0]
    monkeypatch.setattr(memory, "monotonic", lambda: told[0])
    return told


@pytest.fixture
def asked(clock):
    return []


@pytest.fixture
def double(asked):
    def work_out(number):
        asked.append(number)
        return 2 * number

    return Lately(work_out, most=3, seconds=60)


def test_the_same_is_worked_out_once(double, asked):
    assert [double(one) for one in (1, 2, 1, 2)] == [2, 4, 2, 4]
    assert asked == [1, 2]


def test_what_is_asked_again_stays_and_what_is_not_goes(double, asked, clock):
    double(1)
    double(2)
    for _ in range(3):
        clock[0] += 61
        double(1)
    assert asked == [1, 2]
    double(2)
    assert asked == [1, 2, 2]


def test_nothing_stays_of_what_nobody_asked_for_twice_that_time(double, asked, clock):
    double(1)
    clock[0] += 121
    double(2)
    assert not double.old
    double(1)
    assert asked == [1, 2, 1]


def test_so_many_are_held_at_most(double):
    for number in range(20):
        double(number)
    assert len(double.young) + len(double.old) <= 6


def test_nothing_stays_where_nobody_asks_any_more(double, asked, clock):
    double(1)
    forget_the_old()
    assert double.young
    clock[0] += 61
    forget_the_old()
    assert double.old
    double(1)
    assert asked == [1]
    for _ in range(2):
        clock[0] += 61
        forget_the_old()
    assert not double.young
    assert not double.old
