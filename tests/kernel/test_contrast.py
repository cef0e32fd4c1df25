"""The tokens are read where they are written; every pair is computed (WCAG 1.4.6, 1.4.11)."""

import re
from itertools import product
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "frontend" / "src"
TOKEN = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
TOKENS = {name: hexes for name, *hexes in TOKEN.findall((SOURCES / "tokens.css").read_text())}

GROUNDS = ["paper", "sheet", "sunk"] + [name for name in TOKENS if name.startswith("wash-")]
WORDS = ["ink", "soft", "accent", "attention", "good", "warn", "bad"]
FILLED = [("on-fill", "fill"), ("on-fill", "fill-hover"), ("on-fill", "fill-danger")]
FILLED += [("on-rail", "rail"), ("on-rail", "rail-hover"), ("sheet", "ink"), ("rail", "on-rail")]
CONTROLS = ["edge", "mark", "focus", "fill", "accent", "bad"]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str, theme: int) -> float:
    """Contrast of two tokens in a theme (0 light, 1 dark)."""
    low, high = sorted(luminance(TOKENS[name][theme]) for name in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_is_right_on_known_pairs():
    TOKENS.update({"_black": ["#000000"], "_white": ["#ffffff"], "_grey": ["#777777"]})
    assert round(contrast("_black", "_white", 0), 2) == 21
    assert round(contrast("_grey", "_white", 0), 2) == 4.48


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), [*product(WORDS, GROUNDS), *FILLED])
def test_words_are_read_by_tired_eyes(words, ground, theme):
    assert contrast(words, ground, theme) >= 7


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("control", "ground"), [*product(CONTROLS, GROUNDS[:3])])
def test_edges_and_marks_are_seen(control, ground, theme):
    assert contrast(control, ground, theme) >= 4.5


def test_no_colour_is_written_outside_the_tokens():
    for sheet in SOURCES.glob("*.css"):
        if sheet.name not in ("tokens.css", "print.css"):
            assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?!\w)", sheet.read_text()) == [], sheet.name
