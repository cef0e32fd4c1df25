"""What a measure proves of a precision: the end of an interval, never the figure alone."""

from decimal import Decimal, localcontext
from math import comb

import pytest

from cordee.people.rules import unattended
from cordee.people.rules.matching import Measure


def measure(found, wrong):
    return Measure(0.9999, found, wrong, missed=0)


@pytest.mark.parametrize(
    ("found", "wrong"), [(1, 0), (10, 0), (29_956, 0), (5_000, 3), (8_455, 137), (3, 200), (1, 1)]
)
def test_the_precision_proved_is_the_end_of_the_exact_interval(found, wrong):
    proved = unattended.precision_proved(measure(found, wrong))
    with localcontext(prec=60):
        right, rate = Decimal(proved), 1 - Decimal(proved)
        among = found + wrong
        chance = sum(comb(among, k) * rate**k * right ** (among - k) for k in range(wrong + 1))
    assert float(chance) == pytest.approx(0.05, rel=1e-6)


def test_nothing_measured_proves_nothing():
    assert unattended.precision_proved(measure(0, 0)) == 0
    assert not unattended.is_proved(measure(0, 0))
    assert not unattended.is_proved(measure(0, 12))


@pytest.mark.parametrize(
    ("found", "wrong", "proved"),
    [
        (29_955, 0, False),  # each was right, and it is not enough
        (29_956, 0, True),
        (47_435, 1, False),
        (47_436, 1, True),
        (1_000_000, 100, False),  # exactly 0.9999, and nothing says that it is no less
    ],
)
def test_a_perfect_score_on_few_pairs_is_no_proof(found, wrong, proved):
    assert unattended.is_proved(measure(found, wrong)) is proved
    assert bool(unattended.why_not(measure(found, wrong), made_up=False, same_weights=True)) != (
        proved
    )


def test_made_up_pairs_and_other_weights_prove_nothing_of_these():
    enough = measure(50_000, 0)
    assert "inventées" in unattended.why_not(enough, made_up=True, same_weights=True)
    assert "poids" in unattended.why_not(enough, made_up=False, same_weights=False)


@pytest.mark.parametrize(
    ("done", "undone", "belied"),
    [
        (0, 0, False),
        (1_000, 0, False),
        (5, 1, True),
        (512, 1, True),
        (513, 1, False),
        (3_000, 2, True),
    ],
)
def test_what_humans_undo_may_belie_what_was_measured(done, undone, belied):
    assert unattended.is_belied(done, undone) is belied
    standing = unattended.Standing(same_weights=True, done=done, undone=undone)
    assert bool(unattended.why_stopped(standing)) is belied


def test_a_precision_is_never_rounded_up():
    assert unattended.said(0.99989999) == "0,999899"
    assert unattended.said(0.9999) == "0,9999"
    assert unattended.said(1.0) == "1"
