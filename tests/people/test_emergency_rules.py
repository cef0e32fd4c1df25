"""Emergency access: who, when, how long."""

from datetime import UTC, datetime, timedelta

import pytest

from cordee.people.rules import emergency
from cordee.people.rules.emergency import Attestation, Refusal

FULL = Attestation(cannot_speak=True, immediate_risk=True, words="Retrouvée au sol, confuse.")


@pytest.mark.parametrize("profession", ["10", "60"])
def test_a_health_professional_who_attests_both_points_enters(profession):
    assert emergency.refusal(profession, FULL, opposed=False) is None


@pytest.mark.parametrize("profession", ["", "41", "71", "999"])
def test_nobody_else_does(profession):
    assert emergency.refusal(profession, FULL, opposed=False) == Refusal.NOT_HEALTH


@pytest.mark.parametrize(
    "attestation",
    [Attestation(True, False, "x"), Attestation(False, True, "x"), Attestation(False, False, "x")],
)
def test_half_an_attestation_opens_nothing(attestation):
    assert emergency.refusal("10", attestation, opposed=False) == Refusal.NOT_ATTESTED


def test_words_are_needed_and_opposition_is_final():
    assert emergency.refusal("10", Attestation(True, True, " "), opposed=False) == Refusal.NO_WORDS
    assert emergency.refusal("10", FULL, opposed=True) == Refusal.OPPOSED


def test_it_lasts_two_hours_and_is_reviewed_within_seven_days():
    at = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # the night the clocks change
    assert emergency.ends_at(at) - at == timedelta(hours=2)
    assert emergency.review_due_at(at) - at == timedelta(days=7)
