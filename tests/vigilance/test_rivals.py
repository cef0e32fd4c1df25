"""The two detectors of `river` that the bench compares, as docs/vigilance.md says they are set."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from bench.homes import Made
from bench.rivals import LEARNT, WAYS, adwin, page_hinkley
from cordee.vigilance.rules.trend import QUIET

STEADY, AFTER = 60, 60
PAGE = Path(__file__).resolve().parents[2] / "docs" / "vigilance.md"


def _made(before: int, after: int) -> Made:
    """One person whose four marks are `before`, then `after`."""
    marks = np.full((1, STEADY + AFTER, 4), before, dtype=np.int8)
    marks[:, STEADY:] = after
    none = np.zeros(1)
    return Made(visits=SimpleNamespace(marks=marks), severity=none, noisy=none, moments=none)


@pytest.mark.parametrize(("way", "setting"), [(page_hinkley, 0.0), (adwin, -2.0)])
def test_a_fall_is_seen_and_neither_a_rise_nor_what_is_steady(way, setting):
    fall = np.flatnonzero(way(_made(4, 2), setting)[0])
    assert STEADY <= fall[0] < STEADY + 30
    assert not way(_made(4, 4), setting).any()
    assert not way(_made(2, 4), setting).any()


@pytest.mark.parametrize(("way", "setting"), [(page_hinkley, 0.0), (adwin, -2.0)])
def test_nothing_is_judged_before_twenty_visits_nor_told_again_too_soon(way, setting):
    made = _made(4, 2)
    made.visits.marks[:, 5:] = 1
    told = np.flatnonzero(way(made, setting)[0])
    assert (told >= LEARNT - 1).all()
    assert (np.diff(told) > QUIET).all()


@pytest.mark.parametrize("name", ["page_hinkley", "adwin"])
def test_a_higher_setting_tells_no_later(name):
    way, low, high = WAYS[name]
    made = _made(4, 3)
    assert way(made, high).sum() >= way(made, low).sum()
    assert way(made, high).any()


def test_the_page_says_between_which_settings_they_are_looked_for():
    page = PAGE.read_text(encoding="utf-8")
    _, low, high = WAYS["page_hinkley"]
    assert f"(de {10**-high:.1f} à {10**-low:.0f})".replace(".", ",") in page
    _, low, high = WAYS["adwin"]
    assert "de 10⁻¹² à presque 1" in page
    assert low == -12.0
    assert 0.99 < 10**high < 1
