"""A refusal is about the need that was asked: it holds while what it is about stays the same."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cordee.broker.rules import Asked, Refusal, still_refused
from tests.support import NOW

THEN = Asked(
    kinds=frozenset({"injection"}),
    commune="05132",
    moments=frozenset({"morning"}),
    begins=NOW,
    at_once=False,
)
ANOTHER = {
    "kinds": replace(THEN, kinds=frozenset({"dressing"})),
    "commune": replace(THEN, commune="05029"),
    "moments": replace(THEN, moments=frozenset({"evening"})),
    "day": replace(THEN, begins=NOW + timedelta(days=1)),
    "week": replace(THEN, begins=NOW + timedelta(days=7)),
}
FREED_BY = {
    Refusal.KIND: {"kinds"},
    Refusal.TOO_FAR: {"commune"},
    Refusal.HOURS: {"moments", "day", "week"},
    Refusal.FULL: {"week"},
    Refusal.ABSENT: {"week"},
    Refusal.OTHER: set(),
    "": set(),
}


@pytest.mark.parametrize("refusal", FREED_BY)
def test_only_what_a_reason_is_about_lifts_it(refusal):
    assert {name for name, now in ANOTHER.items() if not still_refused(refusal, THEN, now)} == (
        FREED_BY[refusal]
    )
    assert still_refused(refusal, THEN, THEN)


def test_every_reason_is_judged():
    assert set(FREED_BY) == {*Refusal, ""}


def test_hours_refused_at_once_are_not_asked_again_because_a_day_went_by():
    then = replace(THEN, at_once=True)
    assert still_refused(Refusal.HOURS, then, replace(then, begins=NOW + timedelta(days=1)))


def test_what_was_refused_of_a_need_known_no_more_holds_only_when_no_reason_was_said():
    held = {refusal for refusal in FREED_BY if still_refused(refusal, None, THEN)}
    assert held == {"", Refusal.OTHER}
