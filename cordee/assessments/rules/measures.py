"""What is known of each measure by its code: how it is cut on a day, and which way is better."""

from datetime import date
from functools import lru_cache

from cordee.assessments.rules.scales import Scale
from cordee.assessments.rules.shown import SCALES

HIGHER_IS_BETTER = frozenset(
    ("gir", "norton", "functional-basic", "functional-instrumental", "mna-sf", "braden", "mini-cog")
)
"""Of every other measure that is known, the lower is the better."""


def scales_on(on: date) -> tuple[Scale, ...]:
    """Give every measure that is known, as named and cut on a day."""
    return tuple(scale for scales in SCALES.values() for scale in scales(on))


@lru_cache(maxsize=500)
def scale_of(code: str, on: date, band: str = "") -> Scale | None:
    """Give how a measure is named and cut on a day; None when it is not one of ours.

    The same measure may be cut in several ways, as by age: a band of it says by which."""
    return next(
        (scale for scale in scales_on(on) if scale.code == code and _has(scale, band)), None
    )


def higher_is_better(code: str, on: date) -> bool | None:
    """Tell which way a measure gets better; None when it is not one of ours: nothing is judged."""
    return code in HIGHER_IS_BETTER if scale_of(code, on) else None


def _has(scale: Scale, band: str) -> bool:
    return not band or any(step.band.code == band for step in scale.steps)
