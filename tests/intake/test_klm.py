"""The reference call, counted."""

from decimal import Decimal
from pathlib import Path

import pytest

from cordee.intake.klm import AGREEMENT, GOAL, OPERATORS, REFERENCE_CALL, Gesture, duration, typed

DOCUMENT = Path(__file__).parents[2] / "docs" / "poste-appel.md"


def test_the_reference_call_takes_less_than_a_minute_for_an_ordinary_typist():
    assert duration([*REFERENCE_CALL, AGREEMENT]) <= GOAL
    assert OPERATORS["K"] == Decimal("0.28")


def test_a_modifier_and_a_capital_are_one_more_key():
    assert Gesture("", ("Alt+r",)).strokes == 2
    assert Gesture("", typed("aB")).strokes == 3
    assert Gesture("", ("Tab", "Enter")).strokes == 2


def test_the_time_is_the_sum_of_the_operators():
    one = Gesture("", typed("ab"), thoughts=1, waits=1)
    assert one.seconds == 2 * OPERATORS["K"] + OPERATORS["M"] + OPERATORS["R"]
    assert duration([one, one]) == 2 * one.seconds


def test_the_reference_call_never_points_with_a_mouse():
    assert not any("Mouse" in key or "Click" in key for g in REFERENCE_CALL for key in g.keys)


@pytest.mark.parametrize("gesture", [*REFERENCE_CALL, AGREEMENT], ids=lambda one: one.label)
def test_the_document_publishes_each_gesture_with_its_time(gesture):
    line = f"| {gesture.label} | {gesture.strokes} |"
    assert line.replace("\u00a0", " ") in DOCUMENT.read_text(encoding="utf-8").replace(
        "\u00a0", " "
    )


def test_the_document_publishes_the_total():
    total = f"{duration(REFERENCE_CALL):.1f}".replace(".", ",")
    assert f"**{total} secondes**" in DOCUMENT.read_text(encoding="utf-8")
