"""The published model of the reference visit."""

from decimal import Decimal
from pathlib import Path

from cordee.vigilance import klm

PAGE = (Path(__file__).parents[2] / "docs" / "visites.md").read_text(encoding="utf-8")


def said(number: Decimal) -> str:
    return f"{number:.2f}".replace(".", ",")


def test_the_reference_visit_takes_less_than_its_goal():
    assert klm.duration(klm.REFERENCE_VISIT) <= klm.GOAL
    assert klm.taps(klm.A_NEED) == 2


def test_the_page_publishes_the_operators_and_each_gesture_as_they_are_counted():
    for name, seconds in klm.OPERATORS.items():
        assert f"| {name} | {said(seconds)} |" in PAGE
    for one in klm.REFERENCE_VISIT:
        counted = f"| {one.taps} | {one.thoughts} | {one.waits} | {said(one.seconds)} |"
        assert counted in PAGE, counted
    total = f"**{klm.taps(klm.REFERENCE_VISIT)}** | **5** | **2** | "
    assert f"{total}**{said(klm.duration(klm.REFERENCE_VISIT))}**" in PAGE
    assert f"Un signe ajoute {said(klm.duration(klm.A_SIGN))} s" in PAGE
    assert f"prend {said(klm.duration(klm.A_NEED))} s" in PAGE
