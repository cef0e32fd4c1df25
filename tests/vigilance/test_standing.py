"""What stands is not told anew once it is known and followed; lesser signs add up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.vigilance import services
from cordee.vigilance.models import Alert
from cordee.vigilance.rules import standing
from cordee.vigilance.rules.following import Effect, Verdict
from cordee.vigilance.rules.marks import MARKS, SIGNS
from cordee.vigilance.rules.standing import Known, is_new, setting_on, together
from cordee.vigilance.rules.urgency import immediate
from cordee.vigilance.services import Ended
from tests.support import NOW
from tests.vigilance.scene import set_home

SETTING = setting_on(date(2026, 11, 27))
USUAL = {"visit": 4, "health": 4, "morale": 4, "fitness": 4}
LEVELS = st.fixed_dictionaries({one: st.none() | st.integers(1, 5) for one in MARKS})


def _known(*signs, marks=(), levels=None):
    return Known(frozenset(signs), frozenset(marks), levels or USUAL, NOW)


def _new(*signs, levels=None, urgent=False, after=timedelta(days=1), known=()):
    levels = levels or USUAL
    said = immediate(levels, signs, urgent=urgent)
    return is_new(said, levels, at=NOW + after, known=known, setting=SETTING)


def test_what_stands_is_told_until_it_is_closed_as_known():
    assert _new("confused")
    assert not _new("confused", known=[_known("confused")])


def test_what_is_known_is_told_again_on_the_very_day_that_the_setting_says():
    known = [_known("wound")]
    instant = timedelta(microseconds=1)
    assert not _new("wound", known=known, after=SETTING.known_for - instant)
    assert _new("wound", known=known, after=SETTING.known_for)


def test_one_sign_more_or_one_mark_at_its_lowest_is_worse():
    assert _new("confused", "wound", known=[_known("confused")])
    low = USUAL | {"health": 1}
    assert _new("confused", levels=low, known=[_known("confused")])
    was = [_known("confused", marks=["health"], levels=low)]
    assert not _new("confused", levels=low, known=was)
    assert not _new(levels=low, known=was)


def test_a_mark_two_levels_lower_is_worse_and_one_level_is_not():
    known = [_known("confused")]
    assert not _new("confused", levels=USUAL | {"morale": 3}, known=known)
    assert _new("confused", levels=USUAL | {"morale": 2}, known=known)
    unknown = [_known("confused", levels=dict.fromkeys(MARKS))]
    assert not _new("confused", levels=USUAL | {"morale": 2}, known=unknown)


@given(signs=st.sets(st.sampled_from(sorted(SIGNS))), levels=LEVELS)
def test_a_fall_and_what_is_said_urgent_are_always_told(signs, levels):
    known = [_known(*SIGNS, marks=MARKS, levels=levels)]
    assert _new(*signs, levels=levels, urgent=True, known=known)
    assert _new(*signs, "fell", levels=levels, known=known)


@given(signs=st.sets(st.sampled_from(sorted(SIGNS))), levels=LEVELS, days=st.integers(0, 40))
def test_what_nobody_closed_as_known_is_always_told(signs, levels, days):
    if immediate(levels, signs, urgent=False):
        assert _new(*signs, levels=levels, after=timedelta(days=days))


def _days(*signs_of_days):
    return [(date(2026, 11, 1 + day), signs) for day, signs in enumerate(signs_of_days)]


def test_three_lesser_signs_count_together_and_two_do_not():
    said = together(_days(["pain"], ["pain"], ["pain"]), known=[], setting=SETTING)
    assert (said.signs, said.times) == (("pain",), 3)
    assert together(_days(["pain"], ["eats_little"]), known=[], setting=SETTING) is None
    at_once = together(_days(["pain", "eats_little", "alone"]), known=[], setting=SETTING)
    assert at_once.signs == ("eats_little", "pain", "alone")


def test_two_helpers_who_say_the_same_on_one_day_count_once():
    day = date(2026, 11, 1)
    said = [(day, ["pain"]), (day, ["pain"]), (day, ["pain", "eats_little"])]
    assert together(said, known=[], setting=SETTING) is None


def test_what_is_asked_for_is_a_need_and_no_sign_that_adds_up():
    seen = _days(["needs_equipment", "other_help", "wants_to_talk"], ["other_help"])
    assert together(seen, known=[], setting=SETTING) is None


def test_lesser_signs_that_are_known_are_told_again_with_one_more():
    known = [_known("pain", "eats_little")]
    assert together(_days(*[["pain"]] * 5), known=known, setting=SETTING) is None
    worse = together(_days(["pain"], ["pain"], ["alone"]), known=known, setting=SETTING)
    assert worse.signs == ("pain", "alone")


def test_every_day_has_a_setting_and_each_says_where_it_comes_from():
    assert setting_on(date(2000, 1, 1)) == standing.SETTINGS[0]
    assert all("non vérifiée" in one.source for one in standing.SETTINGS)


# --- through the phone ---------------------------------------------------------------------------


@pytest.fixture
def home(db):
    return set_home()


def _sends(home, day, *signs, **details):
    now = NOW + timedelta(days=day)
    marks = details.pop("marks", USUAL)
    said = home.record(at=now.isoformat(), sequence=day, marks=marks, signs=list(signs))
    home.send(said | details, now=now)


def _closes(home, day, verdict=Verdict.KNOWN):
    ended, now = Ended(verdict, Effect.SAME), NOW + timedelta(days=day)
    services.close_alert(
        actor=home.coordinator, alert=Alert.objects.open().get(), ended=ended, now=now
    )


def _told(home):
    return list(Alert.objects.open().values_list("signal", flat=True))


def test_a_confusion_that_is_known_raises_nothing_until_two_weeks_passed(home):
    _sends(home, 0, "confused")
    _closes(home, 0)
    for day in (1, 5, 13):
        _sends(home, day, "confused")
        assert _told(home) == []
    _sends(home, 14, "confused")
    assert _told(home) == ["immediate"]


def test_a_wound_that_was_closed_otherwise_is_told_again(home):
    _sends(home, 0, "wound")
    _closes(home, 0, Verdict.RIGHT)
    _sends(home, 1, "wound")
    assert _told(home) == ["immediate"]


def test_a_fall_of_who_is_known_to_be_confused_is_told(home):
    _sends(home, 0, "confused")
    _closes(home, 0)
    _sends(home, 1, "confused", "fell")
    alert = Alert.objects.open().get()
    assert alert.signs == ["fell", "confused"]


def test_lesser_signs_of_three_visits_raise_one_alert_together(home):
    for day in (0, 2):
        _sends(home, day, "eats_little")
        assert _told(home) == []
    _sends(home, 4, "refuses_care")
    alert = Alert.objects.get()
    assert (alert.signal, alert.signs, alert.marks) == (
        "repeated",
        ["eats_little", "refuses_care"],
        [],
    )
    _sends(home, 5, "eats_little")
    assert Alert.objects.get().times == 2


def test_lesser_signs_a_week_apart_never_meet(home):
    for day in (0, 7, 14, 21):
        _sends(home, day, "pain")
    assert _told(home) == []


def test_what_was_told_is_not_counted_again(home):
    for day in (0, 1, 2):
        _sends(home, day, "pain")
    _closes(home, 2, Verdict.RIGHT)
    _sends(home, 3, "pain")
    _sends(home, 4, "pain")
    assert _told(home) == []
    _sends(home, 5, "pain")
    assert _told(home) == ["repeated"]


def test_what_came_after_the_closing_was_told_to_nobody_whenever_it_happened(home):
    for day in (0, 1, 2):
        _sends(home, day, "pain")
    _closes(home, 2, Verdict.RIGHT)
    marked, came = NOW + timedelta(days=2, minutes=-30), NOW + timedelta(days=2, hours=2)
    signs = ["eats_little", "refuses_care", "alone"]
    late = home.record(at=marked.isoformat(), sequence=9, marks=USUAL, signs=signs)
    home.send(late, now=came)
    assert _told(home) == ["repeated"]
    assert Alert.objects.open().get().signs == signs


def test_one_late_sign_counts_with_those_of_the_next_days(home):
    for day in (0, 1, 2):
        _sends(home, day, "pain")
    _closes(home, 2, Verdict.RIGHT)
    marked, came = NOW + timedelta(days=2, minutes=-30), NOW + timedelta(days=2, hours=2)
    late = home.record(at=marked.isoformat(), sequence=9, marks=USUAL, signs=["alone"])
    home.send(late, now=came)
    _sends(home, 3, "pain")
    assert _told(home) == []
    _sends(home, 4, "pain")
    assert _told(home) == ["repeated"]


def test_what_confirmed_an_alert_while_it_was_being_closed_is_not_counted_again(home):
    for day in (0, 1, 2, 2.1):
        _sends(home, day, "pain")
    _closes(home, 2.05, Verdict.RIGHT)
    _sends(home, 3, "pain")
    _sends(home, 4, "pain")
    assert _told(home) == []
    _sends(home, 5, "pain")
    assert _told(home) == ["repeated"]


def test_what_was_being_sent_while_an_alert_was_closed_is_judged(home):
    for day in (0, 1, 2):
        _sends(home, day, "pain")
    _closes(home, 2.05, Verdict.RIGHT)
    _sends(home, 2.04, "eats_little", "refuses_care", "alone")
    assert _told(home) == ["repeated"]
