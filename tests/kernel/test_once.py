"""What several parts of one page ask alike is asked once, and forgotten with the page."""

import pytest

from cordee.kernel.once import asked_once, once

asked: list[tuple[int, str]] = []


@once
def looked_up(number: int, *, how: str = "plainly") -> str:
    asked.append((number, how))
    if number < 0:
        raise ValueError(number)
    return f"{number} {how}"


@pytest.fixture(autouse=True)
def _nothing_asked():
    asked.clear()


def test_the_parts_of_one_page_ask_once_for_the_same():
    with asked_once():
        assert [looked_up(1), looked_up(1), looked_up(2)] == ["1 plainly", "1 plainly", "2 plainly"]
        assert looked_up(1, how="twice") == "1 twice"
    assert asked == [(1, "plainly"), (2, "plainly"), (1, "twice")]


def test_the_next_page_asks_again_and_so_does_whatever_is_not_a_page():
    with asked_once():
        looked_up(1)
    with asked_once():
        looked_up(1)
    looked_up(1)
    looked_up(1)
    assert len(asked) == 4


def test_what_raised_is_asked_again():
    with asked_once():
        for _ in range(2):
            with pytest.raises(ValueError, match="-1"):
                looked_up(-1)
    assert len(asked) == 2
